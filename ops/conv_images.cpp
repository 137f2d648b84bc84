#include <rewind/ops/conv_images.h>

#include <algorithm>
#include <atomic>

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/record.h>
#include <rewind/kernels/windows/conv_end.h>
#include <rewind/kernels/windows/planes.h>
#include <rewind/kernels/windows/winograd.h>
#include <rewind/onednn/conv_primitive.h>
#include <rewind/onednn/support.h>
#include <rewind/ops/conv.h>
#include <rewind/ops/pad_adjoint.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/parallel.h>

namespace rw {
namespace detail {
namespace {

std::atomic<bool> winograd_allowed{true};

// Winograd's products are those of float32 numbers, for bfloat16 images as well: with less than 64
// channels, or by AMX, theirs were measured to be faster.
bool may_take_winograd(DType dtype, const ConvSizes& s) {
  if (!winograd_enabled()) return false;
  if (dtype == bfloat16) return std::min(s.c, s.out) >= 64 && !onednn::has_amx();
  return dtype == float32;
}

// Null for an undefined tensor. Unlike data(), this does not say that the memory may be changed by
// others.
template <class T>
T* elements(const Tensor& t) {
  return t.defined() ? static_cast<T*>(t.raw_data()) : nullptr;
}
float* floats(const Tensor& t) { return elements<float>(t); }
Tensor in_float32(const Tensor& t) { return t.defined() ? t.to(float32) : t; }

// f<float> or f<BFloat16>, for images of that type.
template <class F>
void by_floats(DType dtype, F&& f) {
  dispatch_among<float, BFloat16>(dtype, f);
}

// Whether results of this kind can be finished as they are made.
bool can_finish(const ConvPlan& plan, const Tensor& y, const Tensor& add) {
  const bool by_vectors = y.dtype() == float32 || y.dtype() == bfloat16;
  const bool fits = !add.defined() || (add.dtype() == y.dtype() && add.shape() == y.shape());
  return by_vectors && fits && !plan.planes && !trace;
}

// y = relu(y + add) from one place in memory to another, where `add` may be undefined.
void finish_results(const Tensor& add, const Tensor& y, int64_t begin, int64_t end) {
  by_floats(y.dtype(), [&]<class T> {
    const T* const added = elements<const T>(add);
    kernels::add_and_relu(added ? added + begin : nullptr, end - begin, elements<T>(y) + begin);
  });
}

Tensor forward(const Tensor& image, const Tensor& weight, const Tensor& bias, const ConvPlan& plan,
               ConvEnd* end) {
  const bool constant = !is_grad_enabled();  // weights that do not change from call to call
  const no_grad guard;
  const ConvSizes& s = plan.s;
  Tensor y = empty({s.n, s.out, s.oh, s.ow}, image.dtype(), plan.format());
  if (s.n == 0) return y;
  const Tensor b = bias.defined() ? bias.contiguous() : bias;
  const bool finish = end && constant && can_finish(plan, y, end->add);
  if (plan.pixels && image.is_contiguous() && !finish) {
    kernels::pixels_forward(s, floats(image), floats(weight.contiguous()), floats(b), floats(y));
    return y;
  }
  const bool winograd = constant ? plan.winograd_forward : plan.winograd;
  const Tensor x = image.contiguous(plan.format());
  const Tensor add = finish && end->add.defined() ? end->add.contiguous(plan.format()) : Tensor();
  if (finish) end->done = true;
  if (x.dtype() == float64)
    kernels::conv_forward(s, x.data<double>(), weight.data<double>(), weight.strides(),
                          b.defined() ? b.data<double>() : nullptr, y.data<double>());
  else if (plan.planes)
    kernels::planes_forward(s, floats(x), floats(weight.contiguous()), floats(b), floats(y));
  else if (winograd)
    by_floats(x.dtype(), [&, w = in_float32(weight), b = in_float32(b)]<class T> {
      kernels::winograd_forward(s, elements<T>(x), floats(w), w.strides(), floats(b),
                                elements<T>(y), finish, elements<const T>(add));
    });
  else if (finish)
    onednn::conv_forward(s, x, weight, b, y, constant,
                         [&](int64_t begin, int64_t end) { finish_results(add, y, begin, end); });
  else
    onednn::conv_forward(s, x, weight, b, y, constant);
  return y;
}

Tensor backward_input(const Tensor& g, const Tensor& weight, const ConvPlan& plan) {
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
    by_floats(g.dtype(), [&, w = in_float32(weight)]<class T> {
      kernels::winograd_backward_input(s, elements<T>(g), floats(w), w.strides(), elements<T>(dx));
    });
  else
    onednn::conv_backward_input(s, g, weight, dx);
  return dx;
}

Tensor backward_weight(const Tensor& x, const Tensor& g, const ConvPlan& plan) {
  const no_grad guard;
  const ConvSizes& s = plan.s;
  const Shape shape = {s.out, s.c / s.groups, s.kh, s.kw};
  if (s.n == 0) return zeros(shape, x.dtype());
  if (plan.winograd) {
    const Tensor dweight = empty(shape, float32);
    by_floats(x.dtype(), [&]<class T> {
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

}  // namespace

ConvPlan make_conv_plan(const ConvSizes& s, DType dtype, bool row_major) {
  const bool single = dtype == float32, winograd = may_take_winograd(dtype, s);
  const bool depthwise = single && row_major && kernels::is_depthwise(s);
  const bool planes = depthwise || (single && kernels::few_channels_out(s));
  return {.s = s,
          .planes = planes,
          .winograd = winograd && kernels::winograd_pays(s),
          .winograd_forward = winograd && kernels::winograd_pays_forward(s),
          .pixels = single && !planes && kernels::pixels_pay(s),
          .planes_backward_input = depthwise || (single && kernels::few_channels_in(s)),
          .winograd_backward_input = winograd && kernels::winograd_pays_backward_input(s)};
}

Tensor ConvPreparation::operator()(const Tensor& x) const {
  Tensor image = x;
  if (!border.empty()) image = pad(image, border, mode);
  if (!cut.empty()) image = pad(image, cut);
  return frames ? to_frames(image, *frames) : image;
}

Tensor ConvPreparation::adjoint(const Tensor& g) const {
  Tensor dx = frames ? from_frames(g, *frames) : g;
  if (!cut.empty()) dx = pad(dx, negated(cut));
  if (!border.empty())
    dx = mode == PaddingMode::zeros ? pad(dx, negated(border)) : pad_adjoint(dx, border, mode);
  return dx;
}

// The image is kept as it came: to arrange it once more takes less time than to keep another copy,
// which drives everything else out of the caches.
Tensor convolve(const char* op, const Tensor& x, const Tensor& weight, const Tensor& bias,
                const ConvPlan& plan, const ConvPreparation& prepare, ConvEnd* end) {
  const profile_scope scope(op);
  const auto result = [&] {
    if (!prepare.does_anything()) return forward(x, weight, bias, plan, end);
    const no_grad guard;
    return forward(prepare(x), weight, bias, plan, nullptr);
  };
  return record(op, result(), {x, weight, bias},
                [x = save_for(weight, x), weight = save_for(x, weight), plan, prepare](
                    const Tensor& grad, Needs needs) -> Grads {
                  const Tensor g = grad.contiguous(plan.format());
                  const bool same = plan.format() == plan.format_backward_input();
                  return {needs[0] ? prepare.adjoint(convolve_backward_input(same ? g : grad,
                                                                             weight.get(), plan))
                                   : Tensor(),
                          needs[1] ? convolve_backward_weight(prepare(x.get()), g, plan) : Tensor(),
                          needs[2] ? g.sum({0, 2, 3}) : Tensor()};
                });
}

// <dx, v> = <g, v * weight>
Tensor convolve_backward_input(const Tensor& image, const Tensor& weight, const ConvPlan& plan) {
  const profile_scope scope("conv2d_backward_input");
  const Tensor g = image.contiguous(plan.format_backward_input());
  return record("conv2d_backward_input", backward_input(g, weight, plan), {g, weight},
                [g = save_for(weight, g), weight = save_for(g, weight), plan](
                    const Tensor& grad, Needs needs) -> Grads {
                  return {needs[0] ? convolve("conv2d", grad, weight.get(), {}, plan) : Tensor(),
                          needs[1] ? convolve_backward_weight(grad, g.get(), plan) : Tensor()};
                });
}

// <dweight, v> = <g, x * v>
Tensor convolve_backward_weight(const Tensor& image, const Tensor& image_g, const ConvPlan& plan) {
  const profile_scope scope("conv2d_backward_weight");
  const Tensor x = image.contiguous(plan.format()), g = image_g.contiguous(plan.format());
  return record(
      "conv2d_backward_weight", backward_weight(x, g, plan), {x, g},
      [x = save_for(g, x), g = save_for(x, g), plan](const Tensor& v, Needs needs) -> Grads {
        return {needs[0] ? convolve_backward_input(g.get(), v, plan) : Tensor(),
                needs[1] ? convolve("conv2d", x.get(), v, {}, plan) : Tensor()};
      });
}

}  // namespace detail

void set_winograd(bool enabled) {
  detail::winograd_allowed.store(enabled, std::memory_order_relaxed);
}
bool winograd_enabled() { return detail::winograd_allowed.load(std::memory_order_relaxed); }

}  // namespace rw
