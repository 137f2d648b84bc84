#include <rewind/ops/conv.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/record.h>
#include <rewind/kernels/windows/conv_kernel.h>
#include <rewind/kernels/windows/planes.h>
#include <rewind/kernels/windows/winograd.h>
#include <rewind/onednn/conv_primitive.h>
#include <rewind/onednn/support.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/wide.h>

namespace rw {
namespace {

using detail::Wide;
using kernels::ConvSizes;

// --- Arguments ----------------------------------------------------------------------------------

void check_tensors(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check(x.defined() && weight.defined(), "conv2d: the {} is undefined",
        x.defined() ? "weight" : "input");
  check<DTypeError>(x.is_floating_point(), "conv2d: expected a floating input, got {}", x.dtype());
  check<DTypeError>(weight.dtype() == x.dtype(),
                    "conv2d: expected a weight of the input's dtype {}, got {}", x.dtype(),
                    weight.dtype());
  check<ShapeError>(x.dim() == 3 || x.dim() == 4,
                    "conv2d: expected an input [N, C, H, W] or [C, H, W], got shape {}", x.shape());
  check<ShapeError>(weight.dim() == 4 && weight.numel() > 0,
                    "conv2d: expected a weight [out, C / groups, kh, kw], got shape {}",
                    weight.shape());
  if (!bias.defined()) return;
  check<DTypeError>(bias.dtype() == x.dtype(),
                    "conv2d: expected a bias of the input's dtype {}, got {}", x.dtype(),
                    bias.dtype());
  check<ShapeError>(bias.shape() == Shape{weight.size(0)},
                    "conv2d: expected a bias of shape [{}], one value per filter, got {}",
                    weight.size(0), bias.shape());
}

void check_options(const Conv2dOptions& o) {
  check(o.stride.h() > 0 && o.stride.w() > 0, "conv2d: expected a positive stride, got {}x{}",
        o.stride.h(), o.stride.w());
  check(o.dilation.h() > 0 && o.dilation.w() > 0, "conv2d: expected a positive dilation, got {}x{}",
        o.dilation.h(), o.dilation.w());
  check(o.padding.h() >= 0 && o.padding.w() >= 0,
        "conv2d: expected a padding that is not negative, got {}x{}", o.padding.h(), o.padding.w());
  check(o.groups > 0, "conv2d: expected a positive number of groups, got {}", o.groups);
}

void check_channels(const Tensor& x, const Tensor& weight, int64_t groups) {
  const Wide channels = Wide{weight.size(1)} * groups;
  check<ShapeError>(x.size(-3) == channels,
                    "conv2d: a weight of shape {} with groups = {} takes inputs with {} channels, "
                    "got shape {}",
                    weight.shape(), groups, channels, x.shape());
  check<ShapeError>(weight.size(0) % groups == 0,
                    "conv2d: groups = {} has to divide the number of filters, got a weight of "
                    "shape {}",
                    groups, weight.shape());
}

// Height or width of a window with its holes.
Wide extent(int64_t kernel, int64_t dilation) { return Wide{dilation} * (kernel - 1) + 1; }

// How far a window can be moved; negative where it does not fit.
Wide room(int64_t in, int64_t kernel, int64_t padding, int64_t dilation) {
  return in + 2 * Wide{padding} - extent(kernel, dilation);
}

ConvSizes conv_sizes(const Tensor& x, const Tensor& weight, const Conv2dOptions& o) {
  ConvSizes s{.n = x.size(0),
              .c = x.size(1),
              .h = x.size(2),
              .w = x.size(3),
              .out = weight.size(0),
              .kh = weight.size(2),
              .kw = weight.size(3),
              .oh = 0,
              .ow = 0,
              .stride = o.stride,
              .padding = o.padding,
              // Of one row or column there are no two to hold apart.
              .dilation = {weight.size(2) > 1 ? o.dilation.h() : 1,
                           weight.size(3) > 1 ? o.dilation.w() : 1},
              .groups = o.groups};
  const Wide down = room(s.h, s.kh, s.padding.h(), s.dilation.h());
  const Wide right = room(s.w, s.kw, s.padding.w(), s.dilation.w());
  check<ShapeError>(s.h > 0 && s.w > 0 && down >= 0 && right >= 0,
                    "conv2d: a kernel of {}x{} with dilation {}x{} is larger than an input of "
                    "{}x{} with padding {}x{}",
                    s.kh, s.kw, s.dilation.h(), s.dilation.w(), s.h, s.w, s.padding.h(),
                    s.padding.w());
  s.oh = detail::to_size("conv2d", down / s.stride.h() + 1, "a height");
  s.ow = detail::to_size("conv2d", right / s.stride.w() + 1, "a width");
  detail::check_allocatable("conv2d", {s.n, s.out, s.oh, s.ow}, x.dtype());
  check<ShapeError>(detail::countable({s.n, s.oh, s.ow, s.out, s.c, s.kh, s.kw}),
                    "conv2d: an input of shape {} and a weight of shape {} would take more than "
                    "2^60 products",
                    x.shape(), weight.shape());
  // Steps that nothing takes; primitives would multiply by them all the same.
  if (s.oh == 1) s.stride[0] = std::min(s.stride.h(), s.h);
  if (s.ow == 1) s.stride[1] = std::min(s.stride.w(), s.w);
  return s;
}

// Whether the border has to be made before: it is not of zeros, or wider than oneDNN takes, which
// multiplies by it in 32 bits.
bool needs_border(const Tensor& weight, const Conv2dOptions& o) {
  if (o.padding == Size2(0)) return false;
  return o.padding_mode != PaddingMode::zeros || std::max(o.padding.h(), o.padding.w()) > 1 << 16 ||
         o.padding.h() >= extent(weight.size(2), o.dilation.h()) ||
         o.padding.w() >= extent(weight.size(3), o.dilation.w());
}

// Where an axis has one window, a step that nothing takes. oneDNN (2.6.3 and 3.7.2 were seen to)
// reads other pixels by it, and memory beside the image.
bool has_idle_step(const ConvSizes& s) {
  return (s.oh == 1 && s.stride.h() > 1) || (s.ow == 1 && s.stride.w() > 1);
}

// The same convolution by steps of 1, over what its window meets along such an axis.
Tensor without_idle_steps(const ConvSizes& s, const Tensor& x, const Tensor& weight,
                          const Tensor& bias, Conv2dOptions options) {
  std::vector<int64_t> border(4);
  for (int axis = 0; axis < 2; ++axis) {
    if ((axis == 0 ? s.oh : s.ow) > 1 || options.stride[axis] == 1) continue;
    const auto window = static_cast<int64_t>(extent(weight.size(2 + axis), options.dilation[axis]));
    border[static_cast<size_t>(2 - 2 * axis)] = options.padding[axis];
    border[static_cast<size_t>(3 - 2 * axis)] = window - options.padding[axis] - x.size(2 + axis);
    options.stride[axis] = 1;
    options.padding[axis] = 0;
  }
  return conv2d(pad(x, border), weight, bias, options);
}

// --- What is computed ---------------------------------------------------------------------------

std::atomic<bool> winograd_allowed{true};

// Winograd's products are those of float32 numbers, for bfloat16 images as well: with less than 64
// channels, or by AMX, theirs were measured to be faster.
bool may_take_winograd(DType dtype, const ConvSizes& s) {
  if (!winograd_enabled()) return false;
  if (dtype == bfloat16) return std::min(s.c, s.out) >= 64 && !onednn::has_amx();
  return dtype == float32;
}

// How the images lie and which algorithm takes them; shared by an op and its derivatives.
struct Plan {
  ConvSizes s;
  // Forward and backward for the weight.
  bool planes, winograd;
  bool pixels;  // forward from a row-major image
  // Backward for the input.
  bool planes_backward_input, winograd_backward_input;

  // How images have to lie.
  MemoryFormat format() const { return format_for(planes); }
  MemoryFormat format_backward_input() const { return format_for(planes_backward_input); }

 private:
  static MemoryFormat format_for(bool planes) {
    return planes ? MemoryFormat::contiguous : MemoryFormat::channels_last;
  }
};

Plan make_plan(const Tensor& x, const ConvSizes& s) {
  const bool single = x.dtype() == float32, winograd = may_take_winograd(x.dtype(), s);
  const bool depthwise = single && x.is_contiguous() && kernels::is_depthwise(s);
  const bool planes = depthwise || (single && kernels::few_channels_out(s));
  return {.s = s,
          .planes = planes,
          .winograd = winograd && kernels::winograd_pays(s),
          .pixels = single && !planes && kernels::pixels_pay(s),
          .planes_backward_input = depthwise || (single && kernels::few_channels_in(s)),
          .winograd_backward_input = winograd && kernels::winograd_pays_backward_input(s)};
}

// Null for an undefined tensor. Unlike data(), this does not say that the memory may be changed by
// others.
template <class T>
T* elements(const Tensor& t) {
  return t.defined() ? static_cast<T*>(t.raw_data()) : nullptr;
}
float* floats(const Tensor& t) { return elements<float>(t); }
Tensor in_float32(const Tensor& t) { return t.defined() ? t.to(float32) : t; }

// f<float> or f<BFloat16>, for images of that type. Filters come and go in float32.
template <class F>
void by_winograd(DType dtype, F&& f) {
  dispatch_among<float, BFloat16>(dtype, f);
}

Tensor forward(const Tensor& image, const Tensor& weight, const Tensor& bias, const Plan& plan) {
  const bool constant = !is_grad_enabled();  // weights that do not change from call to call
  const no_grad guard;
  const ConvSizes& s = plan.s;
  Tensor y = empty({s.n, s.out, s.oh, s.ow}, image.dtype(), plan.format());
  if (s.n == 0) return y;
  const Tensor b = bias.defined() ? bias.contiguous() : bias;
  if (plan.pixels && image.is_contiguous()) {
    kernels::pixels_forward(s, floats(image), floats(weight.contiguous()), floats(b), floats(y));
    return y;
  }
  const Tensor x = image.contiguous(plan.format());
  if (x.dtype() == float64)
    kernels::conv_forward(s, x.data<double>(), weight.data<double>(), weight.strides(),
                          b.defined() ? b.data<double>() : nullptr, y.data<double>());
  else if (plan.planes)
    kernels::planes_forward(s, floats(x), floats(weight.contiguous()), floats(b), floats(y));
  else if (plan.winograd)
    by_winograd(x.dtype(), [&, w = in_float32(weight), b = in_float32(b)]<class T> {
      kernels::winograd_forward(s, elements<T>(x), floats(w), w.strides(), floats(b),
                                elements<T>(y));
    });
  else
    onednn::conv_forward(s, x, weight, b, y, constant);
  return y;
}

Tensor backward_input(const Tensor& g, const Tensor& weight, const Plan& plan) {
  const no_grad guard;
  const ConvSizes& s = plan.s;
  Tensor dx = empty({s.n, s.c, s.h, s.w}, g.dtype(), plan.format_backward_input());
  if (s.n == 0) return dx;
  if (g.dtype() == float64)
    kernels::conv_backward_input(s, g.data<double>(), weight.data<double>(), weight.strides(),
                                 dx.data<double>());
  else if (plan.planes_backward_input)
    kernels::planes_backward_input(s, floats(g), floats(weight.contiguous()), floats(dx));
  else if (plan.winograd_backward_input)
    by_winograd(g.dtype(), [&, w = in_float32(weight)]<class T> {
      kernels::winograd_backward_input(s, elements<T>(g), floats(w), w.strides(), elements<T>(dx));
    });
  else
    onednn::conv_backward_input(s, g, weight, dx);
  return dx;
}

Tensor backward_weight(const Tensor& x, const Tensor& g, const Plan& plan) {
  const no_grad guard;
  const ConvSizes& s = plan.s;
  const Shape shape = {s.out, s.c / s.groups, s.kh, s.kw};
  if (s.n == 0) return zeros(shape, x.dtype());
  if (plan.winograd) {
    const Tensor dweight = empty(shape, float32);
    by_winograd(x.dtype(), [&]<class T> {
      kernels::winograd_backward_weight(s, elements<T>(x), elements<T>(g), floats(dweight));
    });
    return dweight.to(x.dtype());
  }
  Tensor dweight = empty(shape, x.dtype());
  if (x.dtype() == float64)
    kernels::conv_backward_weight(s, x.data<double>(), g.data<double>(), dweight.data<double>());
  else if (plan.planes)
    kernels::planes_backward_weight(s, floats(x), floats(g), floats(dweight));
  else
    onednn::conv_backward_weight(s, x, g, dweight);
  return dweight;
}

// --- The ops, each with its own pullback, so that gradients can be differentiated to any order ---

Tensor convolve(const Tensor& x, const Tensor& weight, const Tensor& bias, const Plan& plan);
Tensor convolve_backward_input(const Tensor& g, const Tensor& weight, const Plan& plan);
Tensor convolve_backward_weight(const Tensor& x, const Tensor& g, const Plan& plan);

// y = x * weight + bias, all three linear: dx and dweight are the products with the other factor,
// dbias is the sum over all pixels.
// The image is kept as it came: to arrange it once more takes less time than to keep another copy,
// which drives everything else out of the caches.
Tensor convolve(const Tensor& x, const Tensor& weight, const Tensor& bias, const Plan& plan) {
  const profile_scope scope("conv2d");
  return record(
      "conv2d", forward(x, weight, bias, plan), {x, weight, bias},
      [x = save_for(weight, x), weight = save_for(x, weight), plan](const Tensor& grad,
                                                                    Needs needs) -> Grads {
        const Tensor g = grad.contiguous(plan.format());
        const bool same = plan.format() == plan.format_backward_input();
        return {needs[0] ? convolve_backward_input(same ? g : grad, weight.get(), plan) : Tensor(),
                needs[1] ? convolve_backward_weight(x.get(), g, plan) : Tensor(),
                needs[2] ? g.sum({0, 2, 3}) : Tensor()};
      });
}

// <dx, v> = <g, v * weight>
Tensor convolve_backward_input(const Tensor& image, const Tensor& weight, const Plan& plan) {
  const profile_scope scope("conv2d_backward_input");
  const Tensor g = image.contiguous(plan.format_backward_input());
  return record("conv2d_backward_input", backward_input(g, weight, plan), {g, weight},
                [g = save_for(weight, g), weight = save_for(g, weight), plan](
                    const Tensor& grad, Needs needs) -> Grads {
                  return {needs[0] ? convolve(grad, weight.get(), {}, plan) : Tensor(),
                          needs[1] ? convolve_backward_weight(grad, g.get(), plan) : Tensor()};
                });
}

// <dweight, v> = <g, x * v>
Tensor convolve_backward_weight(const Tensor& image, const Tensor& image_g, const Plan& plan) {
  const profile_scope scope("conv2d_backward_weight");
  const Tensor x = image.contiguous(plan.format()), g = image_g.contiguous(plan.format());
  return record(
      "conv2d_backward_weight", backward_weight(x, g, plan), {x, g},
      [x = save_for(g, x), g = save_for(x, g), plan](const Tensor& v, Needs needs) -> Grads {
        return {needs[0] ? convolve_backward_input(g.get(), v, plan) : Tensor(),
                needs[1] ? convolve(x.get(), v, {}, plan) : Tensor()};
      });
}

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv2dOptions& options) {
  if (detail::must_lower(x, weight, bias))
    return conv2d(detail::lowered(x), detail::lowered(weight), detail::lowered(bias), options);
  check_tensors(x, weight, bias);
  check_options(options);
  check_channels(x, weight, options.groups);
  if (x.dim() == 3) return conv2d(x.unsqueeze(0), weight, bias, options).squeeze(0);
  if (is_reduced_floating(x.dtype()) && !onednn::supports(x.dtype()))
    return conv2d(x.to(float32), weight.to(float32), bias.defined() ? bias.to(float32) : bias,
                  options)
        .to(x.dtype());
  const ConvSizes sizes = conv_sizes(x, weight, options);
  if (needs_border(weight, options)) {
    const Size2 p = options.padding;
    Conv2dOptions inside = options;
    inside.padding = 0;
    return conv2d(pad(x, {p.w(), p.w(), p.h(), p.h()}, options.padding_mode), weight, bias, inside);
  }
  if (x.dtype() != float64 && has_idle_step(sizes))
    return without_idle_steps(sizes, x, weight, bias, options);
  return convolve(x, weight, bias, make_plan(x, sizes));
}

void set_winograd(bool enabled) { winograd_allowed.store(enabled, std::memory_order_relaxed); }
bool winograd_enabled() { return winograd_allowed.load(std::memory_order_relaxed); }

}  // namespace rw
