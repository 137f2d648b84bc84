#include <rewind/ops/searching.h>

#include <limits>

#include <cmath>
#include <string_view>

#include <rewind/autograd/grad_mode.h>
#include <rewind/kernels/sort/search_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/sorting.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/profile_scope.h>

namespace rw {
namespace {

bool is_right(const SearchOptions& o) {
  if (!o.side) return o.right;
  const std::string_view side(o.side);
  check(side == "left" || side == "right",
        "searchsorted: expected side \"left\" or \"right\", got \"{}\"", side);
  check(side == "right" || !o.right, "searchsorted: side is \"left\", but right is true");
  return side == "right";
}

void check_rows(const Tensor& boundaries, const Tensor& values) {
  check<ShapeError>(boundaries.dim() > 0,
                    "searchsorted: expected boundaries along a dimension, got a tensor of rank 0");
  if (boundaries.dim() == 1) return;
  bool same = boundaries.dim() == values.dim();
  for (int d = 0; same && d + 1 < values.dim(); ++d)
    same = boundaries.shape()[d] == values.shape()[d];
  check<ShapeError>(same,
                    "searchsorted: expected boundaries of rank 1, or like the values, {}, in all "
                    "but the last dimension; got {}",
                    values.shape(), boundaries.shape());
}

void check_sorter(const Tensor& sorter, const Tensor& boundaries) {
  check<DTypeError>(sorter.dtype() == int64, "searchsorted: expected a sorter of int64, got {}",
                    sorter.dtype());
  check<ShapeError>(sorter.shape() == boundaries.shape(),
                    "searchsorted: expected a sorter of shape {}, as the boundaries, got {}",
                    boundaries.shape(), sorter.shape());
  const int64_t n = boundaries.shape()[boundaries.dim() - 1];
  const bool within = logical_and(ge(sorter, 0), lt(sorter, n)).all().item<bool>();
  check<IndexError>(within, "searchsorted: the sorter has an index outside [0, {})", n);
}

// Of boundaries and values in one dtype.
Tensor found(const Tensor& boundaries, const Tensor& values, const SearchOptions& o, bool right) {
  const Tensor in = values.contiguous(), edges = boundaries.contiguous();
  const Tensor sorter = o.sorter.defined() ? o.sorter.contiguous() : Tensor();
  const Tensor y = empty(values.shape(), o.out_int32 ? int32 : int64);
  const int64_t columns = values.dim() ? values.shape()[values.dim() - 1] : 1;
  const kernels::Search search = {
      in.dtype(),
      edges.raw_data(),
      edges.shape()[edges.dim() - 1],
      edges.dim() == 1,
      sorter.defined() ? static_cast<const int64_t*>(sorter.raw_data()) : nullptr,
      in.raw_data(),
      columns ? values.numel() / columns : 0,
      columns,
      right};
  if (o.out_int32)
    kernels::search_sorted(search, static_cast<int32_t*>(y.raw_data()));
  else
    kernels::search_sorted(search, static_cast<int64_t*>(y.raw_data()));
  return y;
}

}  // namespace

Tensor searchsorted(const Tensor& sorted_sequence, const Tensor& values, const SearchOptions& o) {
  const profile_scope scope("searchsorted");
  detail::refuse_bool("searchsorted", sorted_sequence);
  detail::refuse_bool("searchsorted", values);
  const bool right = is_right(o);
  check_rows(sorted_sequence, values);
  const no_grad guard;
  if (o.sorter.defined()) check_sorter(o.sorter, sorted_sequence);
  const DType dtype = detail::result_type(sorted_sequence, values);
  return found(sorted_sequence.to(dtype), values.to(dtype), o, right);
}

Tensor searchsorted(const Tensor& sorted_sequence, Scalar value, const SearchOptions& o) {
  detail::check_defined("searchsorted", sorted_sequence);
  check<ShapeError>(sorted_sequence.dim() == 1,
                    "searchsorted: expected a vector of boundaries for a number, got shape {}",
                    sorted_sequence.shape());
  return searchsorted(sorted_sequence,
                      full({}, value, promote_scalar(sorted_sequence.dtype(), value.dtype())), o);
}

Tensor bucketize(const Tensor& x, const Tensor& boundaries, bool out_int32, bool right) {
  detail::check_defined("bucketize", x, boundaries, "tensor of boundaries");
  check<ShapeError>(boundaries.dim() == 1,
                    "bucketize: expected a vector of boundaries, got shape {}", boundaries.shape());
  return searchsorted(boundaries, x, {.out_int32 = out_int32, .right = right});
}
Tensor bucketize(Scalar x, const Tensor& boundaries, bool out_int32, bool right) {
  return searchsorted(boundaries, x, {.out_int32 = out_int32, .right = right});
}

namespace {

struct Range {
  double low, high;
};

Range range_of(const Tensor& x) { return {amin(x).item<double>(), amax(x).item<double>()}; }

// Throws unless bins and their range are as wanted; widens a range of one number by `margin`.
Range checked(const char* op, int64_t bins, Range r, double margin) {
  check(bins > 0, "{}: expected one bin or more, got {}", op, bins);
  check(std::isfinite(r.low) && std::isfinite(r.high), "{}: the range from {} to {} is not finite",
        op, r.low, r.high);
  check(r.low <= r.high, "{}: expected a range that ascends, got {} to {}", op, r.low, r.high);
  return r.low < r.high ? r : Range{r.low - margin, r.high + margin};
}

}  // namespace

Tensor histc(const Tensor& input, int64_t bins, Scalar min, Scalar max) {
  const profile_scope scope("histc");
  detail::check_floating("histc", input);
  const no_grad guard;
  const Tensor x = input.detach().contiguous();
  Range r{min.to_double(), max.to_double()};
  if (r.low == r.high && x.numel() > 0) r = range_of(x);
  r = checked("histc", bins, r, 1);
  const Tensor counts = zeros({bins}, float64);
  kernels::count_in_range(x.dtype(), x.numel(), x.raw_data(), r.low, r.high, bins,
                          static_cast<double*>(counts.raw_data()));
  return counts.to(x.dtype());
}

namespace {

void check_histogram(const Tensor& x, const HistogramOptions& o) {
  detail::check_defined("histogram", x);
  check<DTypeError>(x.dtype() == float32 || x.dtype() == float64,
                    "histogram: expected float32 or float64, got {}", x.dtype());
  if (!o.weight.defined()) return;
  check<ShapeError>(o.weight.shape() == x.shape(),
                    "histogram: expected weights of shape {}, as the input, got {}", x.shape(),
                    o.weight.shape());
  check<DTypeError>(o.weight.dtype() == x.dtype(),
                    "histogram: expected weights of {}, as the input, got {}", x.dtype(),
                    o.weight.dtype());
}

Histogram between(const Tensor& input, const Tensor& edges, const HistogramOptions& o) {
  const Tensor x = input.detach().contiguous();
  const Tensor weight = o.weight.defined() ? o.weight.detach().contiguous() : Tensor();
  const int64_t bins = edges.numel() - 1;
  Tensor counts = zeros({bins}, float64);
  kernels::count_between(x.dtype(), x.numel(), x.raw_data(), edges.raw_data(), bins,
                         weight.defined() ? weight.raw_data() : nullptr,
                         static_cast<double*>(counts.raw_data()));
  if (o.density) {
    const Tensor widths = (edges.narrow(0, 1, bins) - edges.narrow(0, 0, bins)).to(float64);
    counts = counts / widths / sum(counts);
  }
  return {counts.to(x.dtype()), edges};
}

}  // namespace

Histogram histogram(const Tensor& x, int64_t bins, const HistogramOptions& o) {
  const profile_scope scope("histogram");
  check_histogram(x, o);
  const no_grad guard;
  Range r{0, 1};
  if (o.range)
    r = {o.range->first, o.range->second};
  else if (x.numel() > 0)
    r = range_of(x.detach());
  r = checked("histogram", bins, r, 0.5);
  return between(x, linspace(r.low, r.high, bins + 1, x.dtype()), o);
}

Histogram histogram(const Tensor& x, const Tensor& bins, const HistogramOptions& o) {
  const profile_scope scope("histogram");
  check_histogram(x, o);
  detail::check_defined("histogram", bins);
  check<DTypeError>(bins.dtype() == x.dtype(),
                    "histogram: expected edges of {}, as the input, got {}", x.dtype(),
                    bins.dtype());
  check<ShapeError>(bins.dim() == 1 && bins.numel() > 1,
                    "histogram: expected a vector of two edges or more, got shape {}",
                    bins.shape());
  check(!o.range, "histogram: a range is for a number of bins, not for edges");
  const no_grad guard;
  return between(x, bins.detach().clone(MemoryFormat::contiguous), o);
}

Tensor bincount(const Tensor& x, const Tensor& weights, int64_t minlength) {
  const profile_scope scope("bincount");
  detail::check_defined("bincount", x);
  check<DTypeError>(is_integer(x.dtype()), "bincount: expected integers, got {}", x.dtype());
  check<ShapeError>(x.dim() == 1 || x.numel() == 0, "bincount: expected a vector, got shape {}",
                    x.shape());
  check(minlength >= 0, "bincount: expected a minlength of 0 or more, got {}", minlength);
  const no_grad guard;
  if (x.numel() == 0) return zeros({minlength}, int64);
  check<ShapeError>(!weights.defined() || weights.shape() == x.shape(),
                    "bincount: expected a weight for each number, got shape {} for {}",
                    weights.defined() ? weights.shape() : Shape(), x.shape());
  const Tensor numbers = x.to(int64).contiguous();
  const auto least = amin(numbers).item<int64_t>(), most = amax(numbers).item<int64_t>();
  check(least >= 0 && most < std::numeric_limits<int64_t>::max(),
        "bincount: expected numbers from 0 to 2^63 - 2, got {}", least < 0 ? least : most);
  const int64_t bins = std::max(most + 1, minlength);
  const auto* data = static_cast<const int64_t*>(numbers.raw_data());
  if (!weights.defined()) {
    const Tensor counts = zeros({bins}, int64);
    kernels::count_numbers(x.numel(), data, bins, static_cast<int64_t*>(counts.raw_data()));
    return counts;
  }
  const Tensor sums = zeros({bins}, float64), w = weights.detach().to(float64).contiguous();
  kernels::add_weights(x.numel(), data, static_cast<const double*>(w.raw_data()),
                       static_cast<double*>(sums.raw_data()));
  return weights.dtype() == float32 ? sums.to(float32) : sums;
}

// By a search in the sorted test elements.
Tensor isin(const Tensor& elements, const Tensor& test_elements, bool, bool invert) {
  const profile_scope scope("isin");
  detail::refuse_bool("isin", elements);
  detail::refuse_bool("isin", test_elements);
  const no_grad guard;
  const DType dtype = detail::result_type(elements, test_elements);
  const Tensor x = elements.detach().to(dtype);
  const Tensor tests = test_elements.detach().to(dtype).reshape(-1);
  if (tests.numel() == 0) return full(x.shape(), invert, boolean);
  if (tests.numel() == 1) {
    const Tensor one = tests.reshape(Shape{});
    return invert ? ne(x, one) : eq(x, one);
  }
  const Tensor all = sort(tests).first;
  // NaN, which equals nothing, stands last: a search takes no such boundaries.
  const auto numbers = sum(eq(all, all)).item<int64_t>();
  if (numbers == 0) return full(x.shape(), invert, boolean);
  const Tensor sorted = all.narrow(0, 0, numbers);
  const Tensor place = clamp(searchsorted(sorted, x), 0, static_cast<double>(numbers - 1));
  const Tensor nearest = index_select(sorted, 0, place.reshape(-1)).reshape(x.shape());
  return invert ? ne(x, nearest) : eq(x, nearest);
}
Tensor isin(const Tensor& elements, Scalar test_element, bool assume_unique, bool invert) {
  detail::check_defined("isin", elements);
  const DType dtype = promote_scalar(elements.dtype(), test_element.dtype());
  return isin(elements, full({}, test_element, dtype), assume_unique, invert);
}
Tensor isin(Scalar element, const Tensor& test_elements, bool assume_unique, bool invert) {
  detail::check_defined("isin", test_elements);
  const DType dtype = promote_scalar(test_elements.dtype(), element.dtype());
  return isin(full({}, element, dtype), test_elements, assume_unique, invert);
}

}  // namespace rw
