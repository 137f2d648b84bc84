#include <rewind/ops/statistics.h>

#include <algorithm>
#include <vector>

#include <rewind/autograd/record.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduced.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/sorting.h>
#include <rewind/tensor/factories.h>

namespace rw {

using detail::put_back;
using detail::Reduced;

std::pair<Tensor, Tensor> aminmax(const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  const profile_scope scope("aminmax");
  detail::check_defined("aminmax", x);
  const Dims dims = dim ? Dims(*dim) : Dims();
  const Reduced r = detail::reduced_dims("aminmax", x, dims, keepdim);
  check<ShapeError>(r.count > 0 || r.kept.numel() == 0,
                    "aminmax: expected at least one value to choose from, got shape {}", x.shape());
  return {amin(x, dims, keepdim), amax(x, dims, keepdim)};
}

// y = sum of x where it is a number.   dx = g there
Tensor nansum(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  detail::check_defined("nansum", x);
  if (!x.is_floating_point()) return sum(x, dims, keepdim, dtype);
  if (dtype && !is_floating(*dtype)) return sum(where(isnan(x), 0, x), dims, keepdim, dtype);
  if (dtype && *dtype != x.dtype()) return nansum(x.to(*dtype), dims, keepdim);
  const profile_scope scope("nansum");
  const Reduced r = detail::reduced_dims("nansum", x, dims, keepdim);
  return record("nansum", detail::fold(kernels::Fold::sum_numbers, x, r), {x},
                [r, x = save(x)](const Tensor& g, Needs) -> Grads {
                  return where(isnan(x.get()), 0, put_back(g, r));
                });
}

Tensor nanmean(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  const profile_scope scope("nanmean");
  detail::check_floating("nanmean", x);
  const Tensor total = nansum(x, dims, keepdim, dtype);
  return total / sum(logical_not(isnan(x.detach())), dims, keepdim).to(total.dtype());
}

Tensor count_nonzero(const Tensor& x, const Dims& dims) {
  const profile_scope scope("count_nonzero");
  detail::check_defined("count_nonzero", x);
  const no_grad guard;
  return sum(x.dtype() == boolean ? x : ne(x, 0), dims);
}

namespace {

// x with dimension `from` at place `to`, the others in their order.
Tensor moved(const Tensor& x, int from, int to) {
  std::vector<int64_t> order;
  for (int d = 0; d < x.dim(); ++d)
    if (d != from) order.push_back(d);
  order.insert(order.begin() + to, from);
  Dims dims;
  for (const int64_t d : order) dims.push_back(d);
  return x.permute(dims);
}

// Whole places, which are floating numbers, as integers.
Tensor whole_places(const Tensor& places, int64_t count) {
  // Beyond 2^24 float32 may round a place up to the end.
  return clamp_max(places.to(int64), static_cast<double>(count - 1));
}

// Values between places of the order of rows, of which `at` knows those at whole places.
template <class At>
Tensor between(const At& at, const Tensor& places, Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::lower:
      return at(floor(places));
    case Interpolation::higher:
      return at(ceil(places));
    case Interpolation::nearest:
      return at(round(places));
    default:
      break;
  }
  const Tensor below = floor(places), above = ceil(places);
  const bool middle = interpolation == Interpolation::midpoint;
  const Tensor share = middle ? full_like(places, 0.5) : places - below;
  const Tensor a = at(below), b = equal(below, above) ? a : at(above);
  // From the nearer one, as PyTorch has it.
  return where(lt(share, 0.5), a + share * (b - a), b - (b - a) * (1 - share));
}

void check_quantile(const char* op, const Tensor& x, const Tensor& q, const QuantileOptions& o) {
  detail::check_defined(op, x, q, "tensor q");
  check<DTypeError>(x.dtype() == float32 || x.dtype() == float64,
                    "{}: expected float32 or float64, got {}", op, x.dtype());
  check<DTypeError>(q.dtype() == x.dtype(), "{}: expected q of {}, as the input, got {}", op,
                    x.dtype(), q.dtype());
  check<ShapeError>(q.dim() <= 1, "{}: expected a number or a vector q, got shape {}", op,
                    q.shape());
  if (o.dim) normalize_dim(*o.dim, x.dim(), op);
  check<ShapeError>(x.numel() > 0, "{}: expected at least one value, got shape {}", op, x.shape());
  const no_grad guard;
  const Tensor bad = masked_select(q, logical_not(logical_and(ge(q, 0), le(q, 1))));
  if (bad.numel() > 0) fail("{}: expected q in [0, 1], got {}", op, bad[0].item<double>());
}

bool has_nan(const Tensor& x) {
  const no_grad guard;
  return any(isnan(x)).item<bool>();
}

// One value of each row at q (number of values - 1), without NaN: two selections take less than to
// sort all.
Tensor one_of_rows(const Tensor& rows, const Tensor& q, Interpolation interpolation) {
  const int64_t n = rows.size(-1);
  const auto at = [&](const Tensor& place) {
    const auto k = whole_places(place.detach(), n).item<int64_t>();
    return kthvalue(rows, k + 1, -1, true).first;
  };
  return between(at, q.reshape(-1) * static_cast<double>(n - 1), interpolation);
}

// The same for any q and values; the last one, which is NaN, where one is NaN and `ignored` is
// false.
Tensor some_of_rows(const Tensor& rows, const Tensor& q, Interpolation interpolation,
                    bool ignored) {
  const Tensor sorted = sort(rows, -1).first;
  const int64_t n = rows.size(-1);
  const Tensor places = [&] {  // which q has a gradient by
    const Tensor shares = q.reshape(-1), nan = isnan(sorted.detach());
    const auto last = static_cast<double>(n - 1);
    if (!ignored) return where(any(nan, -1, true), last, shares * last);
    const Tensor numbers = sum(logical_not(nan), -1, true).to(rows.dtype());
    return shares * clamp_min(numbers - 1, 0);
  }();
  const auto at = [&](const Tensor& whole) { return gather(sorted, -1, whole_places(whole, n)); };
  return between(at, places, interpolation);
}

Tensor quantile_of(const char* op, const Tensor& x, const Tensor& q, const QuantileOptions& o,
                   bool ignored) {
  const profile_scope scope(op);
  check_quantile(op, x, q, o);
  const bool of_all = !o.dim || x.dim() == 0;
  const int last_dim = x.dim() - 1, d = of_all ? 0 : normalize_dim(*o.dim, x.dim(), op);
  const Tensor rows = of_all ? x.reshape(-1) : moved(x, d, last_dim);
  constexpr int64_t long_row = 512;  // shorter ones are sorted more quickly
  const bool one = q.numel() == 1 && rows.size(-1) >= long_row && !has_nan(rows);
  Tensor y = one ? one_of_rows(rows, q, o.interpolation)
                 : some_of_rows(rows, q, o.interpolation, ignored);  // [rows …, number of q]
  y = moved(y, y.dim() - 1, 0);
  if (o.keepdim && of_all)
    y = y.reshape([&] {
      Shape shape = Shape::filled(x.dim() + 1, 1);
      shape[0] = y.shape()[0];
      return shape;
    }());
  if (o.keepdim && !of_all) y = y.unsqueeze(d + 1);
  return q.dim() ? y : y.squeeze(0);
}

Tensor one_q(const char* op, const Tensor& x, double q) {
  detail::check_defined(op, x);
  return full({}, q, x.is_floating_point() ? x.dtype() : get_default_dtype());
}

}  // namespace

Tensor quantile(const Tensor& x, double q, const QuantileOptions& options) {
  return quantile_of("quantile", x, one_q("quantile", x, q), options, false);
}
Tensor quantile(const Tensor& x, const Tensor& q, const QuantileOptions& options) {
  return quantile_of("quantile", x, q, options, false);
}
Tensor nanquantile(const Tensor& x, double q, const QuantileOptions& options) {
  return quantile_of("nanquantile", x, one_q("nanquantile", x, q), options, true);
}
Tensor nanquantile(const Tensor& x, const Tensor& q, const QuantileOptions& options) {
  return quantile_of("nanquantile", x, q, options, true);
}

namespace {

void check_weights(const char* name, const Tensor& w, int64_t observations) {
  check<ShapeError>(w.dim() <= 1 && w.numel() == observations,
                    "cov: expected {} {}, one for each observation, got shape {}", observations,
                    name, w.shape());
  check(ge(w, 0).all().item<bool>(), "cov: expected {} of 0 or more", name);
}

// How much each observation counts; undefined where all count alike.
Tensor weights_of(const Tensor& x, const CovOptions& o) {
  const int64_t n = x.shape()[1];
  if (o.fweights.defined()) {
    check<DTypeError>(is_integer(o.fweights.dtype()), "cov: expected fweights of integers, got {}",
                      o.fweights.dtype());
    check_weights("fweights", o.fweights, n);
  }
  if (o.aweights.defined()) {
    detail::check_floating("cov", o.aweights, "aweights");
    check_weights("aweights", o.aweights, n);
  }
  if (!o.aweights.defined()) return o.fweights;
  const Tensor a = o.aweights.to(x.dtype());
  return o.fweights.defined() ? o.fweights * a : a;
}

// c / divisor with a divisor that is no less than 0.
Tensor over_positive(const Tensor& c, const Tensor& divisor) {
  return c / where(lt(divisor, 0), 0, divisor).to(c.dtype());
}

}  // namespace

// c = (w (x - mean)) (x - mean)^T / (sum w - correction), with the mean by weights; where there are
// aweights a, the correction is multiplied by sum w a / sum w.
Tensor cov(const Tensor& input, const CovOptions& o) {
  const profile_scope scope("cov");
  detail::refuse_bool("cov", input);
  check<ShapeError>(input.dim() <= 2, "cov: expected a matrix or a vector, got shape {}",
                    input.shape());
  Tensor x = detail::as_floating("cov", input);
  if (x.dim() < 2) x = x.reshape({1, -1});
  if (o.aweights.defined()) x = x.to(promote_types(x.dtype(), o.aweights.dtype()));
  const Tensor w = weights_of(x, o);
  if (!w.defined()) {
    const Tensor rest = x - mean(x, 1, true);
    const double divisor = std::max(0., static_cast<double>(x.shape()[1]) - o.correction);
    return (matmul(rest, rest.t()) / divisor).squeeze();
  }
  const Tensor total = sum(w), weights = w.reshape(-1).to(x.dtype());
  check(ne(total, 0).item<bool>() || x.shape()[1] == 0, "cov: the weights sum up to 0");
  const Tensor rest = x - sum(x * weights, 1, true) / total.to(x.dtype());
  const Tensor share = o.aweights.defined() ? sum(w * o.aweights) / total : ones({}, x.dtype());
  const Tensor c = matmul(rest * weights, rest.t());
  return over_positive(c, total.to(x.dtype()) - share.to(x.dtype()) * o.correction).squeeze();
}

Tensor corrcoef(const Tensor& x) {
  const profile_scope scope("corrcoef");
  detail::refuse_bool("corrcoef", x);
  check<ShapeError>(x.dim() <= 2, "corrcoef: expected a matrix or a vector, got shape {}",
                    x.shape());
  const Tensor c = cov(x);
  if (c.dim() == 0) return c / c;
  const Tensor deviation = sqrt(c.diagonal());
  return clamp(c / deviation.unsqueeze(1) / deviation.unsqueeze(0), -1, 1);
}

Tensor diff(const Tensor& input, int64_t n, int64_t dim, const Tensor& prepend,
            const Tensor& append) {
  const profile_scope scope("diff");
  detail::check_defined("diff", input);
  check<ShapeError>(input.dim() > 0, "diff: expected a tensor with a dimension, got one of rank 0");
  check(n >= 0, "diff: expected an order of 0 or more, got {}", n);
  const int d = normalize_dim(dim, input.dim(), "diff");
  if (n == 0) return input.clone();
  std::vector<Tensor> parts;
  for (const Tensor& part : {prepend, input, append}) {
    if (!part.defined()) continue;
    check<ShapeError>(part.dim() == input.dim(),
                      "diff: expected tensors of rank {} to put before and after, got shape {}",
                      input.dim(), part.shape());
    parts.push_back(part);
  }
  Tensor x = parts.size() > 1 ? cat(parts, d) : input;
  n = std::min(n, x.shape()[d]);
  for (; n > 0; --n) {
    const int64_t left = std::max<int64_t>(0, x.shape()[d] - 1);
    const Tensor after = x.slice(d, 1), before = x.narrow(d, 0, left);
    x = x.dtype() == boolean ? ne(after, before) : after - before;
  }
  return x;
}

}  // namespace rw
