#include <rewind/tensor/format.h>

#include "problem.h"

namespace rw::test::differential {
namespace {

struct Windows {
  Size2 kernel, stride, padding, dilation;
  bool ceil_mode;
};

Windows choose(Dice& dice, bool dilated) {
  const auto one_or_two = [&](auto size) {
    const int64_t a = size();
    return dice.one_in(3) ? Size2(a, size()) : Size2(a);
  };
  Windows w;
  w.kernel = one_or_two([&] { return dice.of<int64_t>({1, 2, 2, 3, 3, 4, 5, 7, 17}); });
  w.stride = one_or_two([&] { return dice.of<int64_t>({1, 2, 2, 3, 5, 9}); });
  w.padding = {dice.between(0, w.kernel.h() / 2), dice.between(0, w.kernel.w() / 2)};
  w.dilation = dilated && dice.one_in(3) ? Size2(dice.between(1, 3), dice.between(1, 3)) : Size2(1);
  w.ceil_mode = dice.one_in(2);
  return w;
}

bool fits(const Windows& w, int64_t height, int64_t width) {
  return height + 2 * w.padding.h() >= w.dilation.h() * (w.kernel.h() - 1) + 1 &&
         width + 2 * w.padding.w() >= w.dilation.w() * (w.kernel.w() - 1) + 1;
}

std::string text_of(const Windows& w) {
  return fmt::format("kernel={}x{} stride={}x{} padding={}x{} dilation={}x{} ceil_mode={}",
                     w.kernel.h(), w.kernel.w(), w.stride.h(), w.stride.w(), w.padding.h(),
                     w.padding.w(), w.dilation.h(), w.dilation.w(), w.ceil_mode);
}

// Exact; its gradient is a sum of those of the windows that an element won.
Tensors sums_of_maxima(const Problem& p, const Tensors& in, const Tensor& g) {
  Tensors sums = evaluate(p, in, g.abs(), {true});
  sums[0] = zeros_like(sums[0]);
  return sums;
}

}  // namespace

Problem pooling(Dice& dice) {
  const int64_t kind = dice.below(3);
  Shape shape;
  Windows w;
  do {
    shape = {dice.between(1, 4), dice.size(64), dice.between(1, 40), dice.between(1, 70)};
    if (dice.one_in(3)) shape[2] = shape[3] = dice.between(1, 12);
    w = choose(dice, kind == 0);
  } while (shape.numel() > 1 << 15 || !fits(w, shape[2], shape[3]));
  if (dice.one_in(4)) shape.erase(0);

  Problem p;
  p.inputs = {dice.numbers(shape)};
  if (kind == 0) {
    const MaxPool2dOptions options = {w.stride, w.padding, w.dilation, w.ceil_mode};
    p.text = fmt::format("max_pool2d {} {}", shape, text_of(w));
    p.f = [=](const Tensors& in) { return max_pool2d(in[0], w.kernel, options); };
    p.sums = [q = p](const Tensors& in, const Tensor& g) { return sums_of_maxima(q, in, g); };
  } else if (kind == 1) {
    const bool with_pad = dice.one_in(2);
    const AvgPool2dOptions options = {w.stride, w.padding, w.ceil_mode, with_pad};
    p.text = fmt::format("avg_pool2d {} {} count_include_pad={}", shape, text_of(w), with_pad);
    p.f = [=](const Tensors& in) { return avg_pool2d(in[0], w.kernel, options); };
  } else {
    const Size2 out = dice.one_in(4) ? Size2(1) : Size2(dice.between(1, 9), dice.between(1, 9));
    p.text = fmt::format("adaptive_avg_pool2d {} to {}x{}", shape, out.h(), out.w());
    p.f = [=](const Tensors& in) { return adaptive_avg_pool2d(in[0], out); };
  }
  return p;
}

}  // namespace rw::test::differential
