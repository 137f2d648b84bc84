#include <rewind/ops/reduction.h>

#include <algorithm>
#include <optional>
#include <span>

#include <rewind/autograd/record.h>
#include <rewind/kernels/reduce/find_extreme.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduced.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/number.h>

namespace rw {
namespace {

using kernels::Fold;

using detail::fold;
using detail::fold_in;
using detail::kept_strides;
using detail::make_result;
using detail::put_back;
using detail::Reduced;
using detail::reduced_dims;
using detail::reduced_floating;
using detail::reduction_of;
using detail::traced;

Tensor converted(const char* op, const Tensor& x, DType dtype) {
  detail::check_defined(op, x);
  return x.to(dtype);
}

// f(x) in `dtype`; what it gives of integers, int64, wraps around to it.
template <class F>
Tensor in_dtype(const char* op, const Tensor& x, DType dtype, const F& f) {
  return f(converted(op, x, dtype)).to(dtype);
}

}  // namespace

// y = sum x.   dx = g
Tensor sum(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  if (dtype)
    return in_dtype("sum", x, *dtype, [&](const Tensor& t) { return sum(t, dims, keepdim); });
  const profile_scope scope("sum");
  const Reduced r = reduced_dims("sum", x, dims, keepdim);
  return traced("sum",
                record("sum", fold(Fold::sum, x, r), {x},
                       [r, shape = x.shape()](const Tensor& g, Needs) -> Grads {
                         return put_back(g, r).expand(shape);
                       }),
                {x}, reduction_of(r));
}

// y = sum x / n.   dx = g / n
Tensor mean(const Tensor& x, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  if (dtype) return mean(converted("mean", x, *dtype), dims, keepdim);
  const profile_scope scope("mean");
  const Reduced r = reduced_floating("mean", x, dims, keepdim);
  const auto n = static_cast<double>(r.count);
  return traced("mean",
                record("mean", fold(Fold::sum, x, r, n), {x},
                       [r, n, shape = x.shape()](const Tensor& g, Needs) -> Grads {
                         return put_back(g / n, r).expand(shape);
                       }),
                {x}, reduction_of(r));
}

namespace {

void check_not_empty(const char* op, const Tensor& x, const Reduced& r) {
  check<ShapeError>(r.count > 0 || r.kept.numel() == 0,
                    "{}: expected at least one value to choose from, got shape {}", op, x.shape());
}

// Where x is the extreme value y of its group: NaN, where one is.
Tensor where_extreme(const Tensor& x, const Tensor& y) {
  const Tensor equal = eq(x, y);
  return any(isnan(y)).item<bool>() ? logical_or(equal, isnan(x)) : equal;
}

// y = the extreme value.   dx = g / (number of values equal to y) where x == y
Tensor extreme(const char* op, Fold f, const Tensor& x, const Dims& dims, bool keepdim) {
  const profile_scope scope(op);
  const Reduced r = reduced_dims(op, x, dims, keepdim);
  check_not_empty(op, x, r);
  const Tensor y = fold(f, x, r);
  return traced(op,
                record(op, y, {x},
                       [r, dims, x = save(x), y = save_result(y)](const Tensor& g, Needs) -> Grads {
                         const Tensor ties = where_extreme(x.get(), put_back(y.get(), r));
                         // float16 can't count beyond 65504.
                         const DType exact = compute_dtype(g.dtype());
                         const Tensor part =
                             put_back(g, r).to(exact) / sum(ties, dims, true).to(exact);
                         return ties * part.to(g.dtype());
                       }),
                {x}, reduction_of(r));
}

struct Found {
  Tensor values, index;
};

Found find_extreme(const char* op, Fold f, const Tensor& x, int64_t dim, bool keepdim) {
  const profile_scope scope(op);
  const Reduced r = reduced_dims(op, x, dim, keepdim);
  check_not_empty(op, x, r);
  const Strides strides = kept_strides(x, r.kept);
  const Tensor values = make_result(r, strides, x.dtype()), index = empty_like(values, int64);
  // A tensor of rank 0 is taken as one of a single dimension.
  const int d = normalize_dim(dim, x.dim(), op);
  const kernels::ReduceInput in = {x.raw_data(), x.dtype(), x.dim() ? x.shape() : Shape{1},
                                   x.dim() ? x.strides() : Strides{1}, 1u << d};
  kernels::find_extreme(f, in, values.raw_data(), static_cast<int64_t*>(index.raw_data()),
                        x.dim() ? strides : Strides{1});
  return {values, index};
}

Tensor index_of_extreme(const char* op, Fold f, const Tensor& x, std::optional<int64_t> dim,
                        bool keepdim) {
  detail::check_defined(op, x);
  if (!dim) {
    const Tensor index = index_of_extreme(op, f, x.reshape(-1), 0, false);
    return keepdim ? index.reshape(Shape::filled(x.dim(), 1)) : index;
  }
  return traced(op, find_extreme(op, f, x, *dim, keepdim).index, {x}, [&] {
    return detail::Attributes{{"dim", *dim}, {"keepdim", keepdim}};
  });
}

// y = the extreme value, and where it is.   dx = g there
std::pair<Tensor, Tensor> extreme_along(const char* op, Fold f, const Tensor& x, int64_t dim,
                                        bool keepdim) {
  const Found found = find_extreme(op, f, x, dim, keepdim);
  const auto pullback = [dim, shape = x.shape(), index = save(found.index), keepdim](
                            std::span<const Tensor> g, Needs) -> Grads {
    const auto put_back = [&](const Tensor& t) {
      return keepdim || shape.empty() ? t : t.unsqueeze(dim);
    };
    return scatter_add(zeros(shape, g[0].dtype()), dim, put_back(index.get()), put_back(g[0]));
  };
  const std::vector<Tensor> results = record(op, {found.values, found.index}, {x}, pullback);
  detail::enter(op, {x}, results, [&] {
    return detail::Attributes{{"dims", detail::Attribute::Numbers{dim}}, {"keepdim", keepdim}};
  });
  return {results[0], results[1]};
}

}  // namespace

Tensor amax(const Tensor& x, const Dims& dims, bool keepdim) {
  return extreme("amax", Fold::max, x, dims, keepdim);
}
Tensor amin(const Tensor& x, const Dims& dims, bool keepdim) {
  return extreme("amin", Fold::min, x, dims, keepdim);
}
std::pair<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim) {
  return extreme_along("max", Fold::max, x, dim, keepdim);
}
std::pair<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim) {
  return extreme_along("min", Fold::min, x, dim, keepdim);
}
Tensor argmax(const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  return index_of_extreme("argmax", Fold::max, x, dim, keepdim);
}
Tensor argmin(const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  return index_of_extreme("argmin", Fold::min, x, dim, keepdim);
}

namespace {

// g times the product of the other values along `dim`, for every value: products of pairs, pairs of
// pairs and so on up, and the same way down. No division, so zeros are like other numbers. g has
// size 1 along `dim`.
Tensor times_others(const Tensor& g, const Tensor& x, int64_t dim) {
  const int64_t n = x.size(dim);
  if (n == 0) return x;
  if (n == 1) return g;
  if (n % 2) {
    const Tensor one = ones_like(x.narrow(dim, 0, 1));
    return times_others(g, cat({x, one}, dim), dim).narrow(dim, 0, n);
  }
  const Tensor a = x.slice(dim, 0, n / 2), b = x.slice(dim, n / 2);
  const Tensor h = times_others(g, a * b, dim);
  return cat({h * b, h * a}, dim);
}

// In float64: products of some of the values may be out of the range of narrower dtypes where that
// of all is not.
Tensor prod_backward(const Tensor& g, const Tensor& x, int64_t dim) {
  return times_others(g.to(float64), x.to(float64), dim).to(x.dtype());
}

}  // namespace

// y = prod x.   dx = g times the product of the other values
Tensor prod(const Tensor& x, std::optional<int64_t> dim, bool keepdim, std::optional<DType> dtype) {
  if (dtype)
    return in_dtype("prod", x, *dtype, [&](const Tensor& t) { return prod(t, dim, keepdim); });
  const profile_scope scope("prod");
  const Reduced r = reduced_dims("prod", x, dim ? Dims(*dim) : Dims(), keepdim);
  return traced(
      "prod",
      record("prod", fold(Fold::prod, x, r), {x},
             [r, dim, x = save(x)](const Tensor& g, Needs) -> Grads {
               const Tensor values = x.get();
               if (dim && values.dim())
                 return prod_backward(g.reshape(r.kept), values,
                                      normalize_dim(*dim, values.dim(), "prod"));
               return prod_backward(g.reshape(1), values.reshape(-1), 0).reshape(values.shape());
             }),
      {x}, reduction_of(r));
}

// y = log sum exp x.   dx = g exp x / sum exp x, which is 0 where all of x is -infinity. The
// maximum is taken off first either way: y itself is rounded. Where it is infinite, the greatest
// finite number is: infinity less itself would be NaN.
Tensor logsumexp(const Tensor& x, const Dims& dims, bool keepdim) {
  detail::check_defined("logsumexp", x);
  if (!x.is_floating_point()) return logsumexp(x.to(get_default_dtype()), dims, keepdim);
  const profile_scope scope("logsumexp");
  const Reduced r = reduced_dims("logsumexp", x, dims, keepdim);
  const DType dtype = compute_dtype(x.dtype());
  const double limit = detail::greatest_number(dtype);
  Tensor y, shift, total;
  {
    no_grad guard;
    shift = clamp(fold_in(dtype, Fold::max, x, r), -limit, limit);
    total = fold_in(dtype, Fold::sum_exp, x, r, 1, shift);
    y = (log(total) + shift).to(x.dtype());
  }
  return traced("logsumexp",
                record("logsumexp", y, {x},
                       [r, dims, shift, total, x = save(x)](const Tensor& g, Needs) -> Grads {
                         const Tensor in = x.get().to(shift.dtype());
                         const Tensor e = exp(in - put_back(shift, r));
                         // Which is a function of x as well.
                         const Tensor sums =
                             detail::is_recorded(in) ? sum(e, dims, r.keepdim) : total;
                         return put_back(g / where(eq(sums, 0), 1, sums), r) * e;
                       }),
                {x}, reduction_of(r));
}

namespace {

// As in PyTorch, uint8 stays what masks were before there was bool.
Tensor flag(const char* op, Fold f, const Tensor& x, const Dims& dims, bool keepdim) {
  const profile_scope scope(op);
  const Tensor y = fold(f, x, reduced_dims(op, x, dims, keepdim));
  return x.dtype() == uint8 ? y.to(uint8) : y;
}

}  // namespace

Tensor all(const Tensor& x, const Dims& dims, bool keepdim) {
  return flag("all", Fold::all, x, dims, keepdim);
}
Tensor any(const Tensor& x, const Dims& dims, bool keepdim) {
  return flag("any", Fold::any, x, dims, keepdim);
}

// --- Members -----------------------------------------------------------------------------------

Tensor Tensor::max() const { return extreme("max", Fold::max, *this, {}, false); }
Tensor Tensor::min() const { return extreme("min", Fold::min, *this, {}, false); }

}  // namespace rw
