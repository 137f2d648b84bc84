#include <rewind/ops/interpolate.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include <rewind/autograd/record.h>
#include <rewind/autograd/traced.h>
#include <rewind/kernels/resample/resample_kernel.h>
#include <rewind/ops/layout.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/wide.h>

namespace rw {
namespace {

using kernels::AxisWeights;
using Mode = InterpolateMode;
using Axes = std::vector<AxisWeights>;
using AxesPtr = std::shared_ptr<const Axes>;

constexpr const char* names[] = {"nearest", "nearest-exact", "linear", "bilinear",
                                 "bicubic", "trilinear",     "area",   "lanczos"};
const char* name_of(Mode mode) { return names[static_cast<int>(mode)]; }

bool is_nearest(Mode mode) { return mode == Mode::nearest || mode == Mode::nearest_exact; }
// Whether a mode goes by filters, which antialias makes wider.
bool is_filter(Mode mode) {
  return mode == Mode::bilinear || mode == Mode::bicubic || mode == Mode::lanczos;
}

void check_rank(const Tensor& x, Mode mode) {
  const int rank = x.dim();
  check<ShapeError>(rank >= 3 && rank <= 5,
                    "interpolate: expected an input [N, C, L], [N, C, H, W] or [N, C, D, H, W], "
                    "got shape {}",
                    x.shape());
  const int wanted = mode == Mode::linear      ? 3
                     : is_filter(mode)         ? 4
                     : mode == Mode::trilinear ? 5
                                               : rank;
  check<ShapeError>(rank == wanted, "interpolate: {} takes an input of {} dimensions, got shape {}",
                    name_of(mode), wanted, x.shape());
  for (int d = 1; d < rank; ++d)
    check<ShapeError>(x.size(d) > 0,
                      "interpolate: expected channels and axes greater than 0, got shape {}",
                      x.shape());
}

void check_options(const Tensor& x, const InterpolateOptions& o) {
  detail::check_defined("interpolate", x);
  const bool bytes = x.dtype() == uint8 && (is_nearest(o.mode) || is_filter(o.mode));
  check<DTypeError>(x.is_floating_point() || bytes, "interpolate: {} does not take {}",
                    name_of(o.mode), x.dtype());
  check(!o.align_corners || !(is_nearest(o.mode) || o.mode == Mode::area),
        "interpolate: {} takes no align_corners", name_of(o.mode));
  check(o.size.empty() != o.scale_factor.empty(),
        "interpolate: expected either a size or a scale_factor");
  check(o.size.empty() || !o.recompute_scale_factor,
        "interpolate: recompute_scale_factor means nothing where a size is given");
  check(!o.antialias || is_filter(o.mode),
        "interpolate: antialias is for bilinear, bicubic and lanczos, not for {}", name_of(o.mode));
  check(o.mode != Mode::lanczos || (o.antialias && !o.align_corners.value_or(false)),
        "interpolate: lanczos takes antialias only, and no align_corners");
  check_rank(x, o.mode);
  const auto axes = static_cast<size_t>(x.dim() - 2);
  const size_t given = o.size.empty() ? o.scale_factor.size() : o.size.size();
  check<ShapeError>(given == 1 || given == axes,
                    "interpolate: expected one number or {} in {}, got {}", axes,
                    o.size.empty() ? "scale_factor" : "size", given);
}

template <class T>
T of_axis(const std::vector<T>& v, size_t axis) {
  return v.size() == 1 ? v[0] : v[axis];
}

Shape output_shape(const Tensor& x, const InterpolateOptions& o) {
  constexpr int64_t longest = std::numeric_limits<int32_t>::max();
  Shape shape = x.shape();
  for (int d = 2; d < x.dim(); ++d) {
    const auto axis = static_cast<size_t>(d - 2);
    const int64_t from = shape[d];
    shape[d] = o.size.empty()
                   ? number_cast<int64_t>(static_cast<double>(from) * of_axis(o.scale_factor, axis))
                   : of_axis(o.size, axis);
    check<ShapeError>(shape[d] > 0 && shape[d] <= longest && from <= longest,
                      "interpolate: expected sizes from 1 to 2^31 - 1, got {} for dimension {} of "
                      "shape {}",
                      shape[d], d, x.shape());
  }
  detail::check_allocatable("interpolate", shape, float64);
  return shape;
}

AxisWeights axis_weights(const InterpolateOptions& o, size_t axis, int64_t from, int64_t to) {
  if (o.mode == Mode::area) return kernels::area_weights(from, to);
  const bool align = o.align_corners.value_or(false);
  const double factor =
      o.scale_factor.empty() || o.recompute_scale_factor ? 0 : of_axis(o.scale_factor, axis);
  const auto ratio = [](int64_t a, int64_t b) {
    return static_cast<double>(a) / static_cast<double>(b);
  };
  const double step = align        ? to > 1 ? ratio(from - 1, to - 1) : 0
                      : factor > 0 ? 1 / factor
                                   : ratio(from, to);
  const kernels::AxisScale scale = {from, to, step, align};
  if (is_nearest(o.mode)) return kernels::nearest_weights(scale, o.mode == Mode::nearest_exact);
  if (o.antialias)
    return kernels::filter_weights(scale, o.mode == Mode::bilinear  ? kernels::WideFilter::linear
                                          : o.mode == Mode::bicubic ? kernels::WideFilter::cubic
                                                                    : kernels::WideFilter::lanczos);
  return o.mode == Mode::bicubic ? kernels::cubic_weights(scale) : kernels::linear_weights(scale);
}

Axes transposed(const Axes& axes) {
  Axes out;
  for (const AxisWeights& w : axes) out.push_back(w.transposed());
  return out;
}

// The dimensions of x as the kernels take them.
struct Planes {
  int64_t outer, channels;
};
Planes planes_of(const Tensor& x, const detail::Layout& layout) {
  if (layout.last) return {x.size(0), x.size(1)};
  return {x.size(0) * x.size(1), 1};
}

// f(planes, rows, columns, channels, from, to) along all axes. Of three, the first alone, last or
// first, whichever leaves less in between.
template <class F>
Tensor along(const Tensor& x, const Axes& axes, F&& f) {
  const detail::Layout layout = detail::layout_of(x, 1);
  const Planes p = planes_of(x, layout);
  const auto resized = [&](const Tensor& t, size_t first, size_t last) {
    Shape shape = t.shape();
    for (size_t a = first; a < last; ++a) shape[static_cast<int>(a) + 2] = axes[a].targets();
    return detail::empty_in(layout, shape, t.dtype());
  };
  const auto planes = [&](const Tensor& t) {
    const size_t n = axes.size();
    const Tensor out = resized(t, n == 3 ? 1 : 0, n);
    const int64_t depth = n == 3 ? t.size(2) : 1;
    const AxisWeights one = AxisWeights::identity(1);
    f(p.outer * depth, n == 1 ? one : axes[n - 2], axes[n - 1], p.channels,
      detail::dense_in(layout, t).raw_data(), out.raw_data());
    return out;
  };
  if (axes.size() < 3) return planes(x);
  const auto depths = [&](const Tensor& t) {
    const Tensor out = resized(t, 0, 1);
    f(p.outer, axes[0], AxisWeights::identity(1), t.size(3) * t.size(4) * p.channels,
      detail::dense_in(layout, t).raw_data(), out.raw_data());
    return out;
  };
  return axes[0].targets() < axes[0].sources ? planes(depths(x)) : depths(planes(x));
}

// A part of larger images is not copied where its rows are dense.
Tensor resampled_bytes(const Tensor& x, const Axes& axes) {
  const bool even = x.size(0) == 1 || x.stride(0) == x.size(1) * x.stride(1);
  const bool has_rows = even && x.stride(3) == 1;
  if (has_rows && !detail::layout_of(x, 1).last) {
    const Tensor out =
        detail::make_tensor({x.size(0), x.size(1), axes[0].targets(), axes[1].targets()}, uint8);
    kernels::resample_bytes({static_cast<const uint8_t*>(x.raw_data()), x.size(0) * x.size(1), 1,
                             x.stride(1), x.stride(2)},
                            axes[0], axes[1], static_cast<uint8_t*>(out.raw_data()));
    return out;
  }
  return along(x, axes,
               [](int64_t planes, const AxisWeights& rows, const AxisWeights& columns,
                  int64_t channels, const void* from, void* to) {
                 const int64_t line = columns.sources * channels;
                 kernels::resample_bytes({static_cast<const uint8_t*>(from), planes, channels,
                                          rows.sources * line, line},
                                         rows, columns, static_cast<uint8_t*>(to));
               });
}

Tensor resampled(const Tensor& x, const Axes& axes, bool picks) {
  const no_grad guard;
  if (x.size(0) == 0) {
    Shape shape = x.shape();
    for (size_t a = 0; a < axes.size(); ++a) shape[static_cast<int>(a) + 2] = axes[a].targets();
    return detail::make_tensor(shape, x.dtype());
  }
  if (picks)
    return along(x, axes,
                 [&](const auto&... args) { kernels::pick(itemsize(x.dtype()), args...); });
  if (x.dtype() == uint8) return resampled_bytes(x, axes);
  // Two passes round once.
  const DType dtype = axes.size() == 3 ? compute_dtype(x.dtype()) : x.dtype();
  return along(x.to(dtype), axes, [&](const auto&... args) { kernels::resample(dtype, args...); })
      .to(x.dtype());
}

Tensor resample(const char* op, const char* adjoint, const Tensor& x, const AxesPtr& axes,
                const AxesPtr& back, bool picks) {
  const profile_scope scope(op);
  return record(op, resampled(x, *axes, picks), {x}, [=](const Tensor& g, Needs) -> Grads {
    const AxesPtr other = back ? back : std::make_shared<const Axes>(transposed(*axes));
    return resample(adjoint, op, g, other, axes, false);
  });
}

detail::Attributes attributes_of(const InterpolateOptions& o, int axes) {
  detail::Attributes all = {{"mode", static_cast<int>(o.mode)},
                            {"align_corners", o.align_corners.value_or(false)},
                            {"antialias", o.antialias}};
  constexpr const char* factors[] = {"factor0", "factor1", "factor2"};
  if (!o.scale_factor.empty() && !o.recompute_scale_factor)
    for (int d = 0; d < axes; ++d)
      all.emplace_back(factors[d], of_axis(o.scale_factor, static_cast<size_t>(d)));
  return all;
}

}  // namespace

Tensor interpolate(const Tensor& x, const InterpolateOptions& options) {
  check_options(x, options);
  const Shape shape = output_shape(x, options);
  auto axes = std::make_shared<Axes>();
  for (int d = 2; d < x.dim(); ++d)
    axes->push_back(axis_weights(options, static_cast<size_t>(d - 2), x.size(d), shape[d]));
  const Tensor y =
      resample("interpolate", "interpolate_backward", x, axes, nullptr, is_nearest(options.mode));
  return detail::traced("interpolate", y, {x}, [&] { return attributes_of(options, x.dim() - 2); });
}

}  // namespace rw
