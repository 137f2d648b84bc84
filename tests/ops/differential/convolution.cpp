#include <algorithm>

#include <rewind/tensor/format.h>

#include "problem.h"

namespace rw::test::differential {
namespace {

struct Sizes {
  int64_t n, c, h, w, out, kh, kw, groups;
  Size2 stride, padding, dilation;

  int64_t multiplications() const {
    const int64_t oh = (h + 2 * padding.h() - dilation.h() * (kh - 1) - 1) / stride.h() + 1;
    const int64_t ow = (w + 2 * padding.w() - dilation.w() * (kw - 1) - 1) / stride.w() + 1;
    return n * oh * ow * out * c / groups * kh * kw;
  }
  bool fit(PaddingMode mode) const {
    const Size2 room = {h + 2 * padding.h() - dilation.h() * (kh - 1) - 1,
                        w + 2 * padding.w() - dilation.w() * (kw - 1) - 1};
    const int64_t within = mode == PaddingMode::reflect    ? -1
                           : mode == PaddingMode::circular ? 0
                                                           : 1 << 20;
    return room.h() >= 0 && room.w() >= 0 && padding.h() <= h + within && padding.w() <= w + within;
  }
};

Size2 pair_of(Dice& dice, int64_t a, int64_t b) { return dice.one_in(3) ? Size2(a, b) : Size2(a); }

// Groups divide the channels and the filters.
void choose_channels(Dice& dice, Sizes& s) {
  s.groups = 1;
  s.c = dice.size(64);
  s.out = dice.size(64);
  if (dice.one_in(3)) {
    s.groups = dice.of({2, 3, 4, 8, 16, 21});
    s.c = s.groups * dice.of({1, 1, 2, 3, 4, 8, 16, 17});
    s.out = s.groups * dice.of({1, 1, 2, 3, 4, 8, 16, 17});
  }
  if (dice.one_in(8)) s.groups = s.c = s.out = dice.size(64);
}

void choose_windows(Dice& dice, Sizes& s) {
  const auto kernel = [&] { return dice.of<int64_t>({1, 1, 2, 3, 3, 3, 4, 5, 7}); };
  s.kh = kernel();
  s.kw = dice.one_in(4) ? kernel() : s.kh;
  const auto step = [&] { return dice.of<int64_t>({1, 1, 1, 1, 2, 2, 3, 4, 9}); };
  s.stride = pair_of(dice, step(), step());
  s.dilation = pair_of(dice, dice.of<int64_t>({1, 1, 1, 2, 4}), dice.of<int64_t>({1, 1, 1, 2, 3}));
  s.padding = pair_of(dice, dice.of({int64_t{0}, s.kh / 2, s.dilation.h() * (s.kh / 2), s.kh}),
                      dice.of({int64_t{0}, s.kw / 2, s.kw}));
}

void choose_images(Dice& dice, Sizes& s) {
  s.n = dice.of<int64_t>({1, 1, 2, 3, 5});
  s.h = dice.between(1, 20);
  s.w = dice.one_in(2) ? s.h : dice.between(1, 70);
  if (dice.one_in(12)) s.h = 1, s.w = dice.between(1, 1000);
}

Sizes choose(Dice& dice, PaddingMode mode) {
  // Most are small; some have enough to do for every algorithm and several threads.
  const int64_t most = dice.one_in(60) ? int64_t{60} << 20 : int64_t{2} << 20;
  const int64_t least = most > int64_t{10} << 20 ? int64_t{6} << 20 : 0;
  for (;;) {
    Sizes s;
    choose_channels(dice, s);
    choose_windows(dice, s);
    choose_images(dice, s);
    if (!s.fit(mode)) continue;
    const int64_t work = s.multiplications();
    if (work > least && work <= most && s.n * s.c * s.h * s.w <= 1 << 17) return s;
  }
}

// Filters that no cache holds over short rows of results.
Sizes wide(Dice& dice) {
  const int64_t size = dice.between(2, 4);
  return {.n = dice.between(1, 3),
          .c = 512,
          .h = size,
          .w = size,
          .out = 512,
          .kh = 3,
          .kw = 3,
          .groups = 1,
          .stride = dice.between(1, 2),
          .padding = 1,
          .dilation = 1};
}

}  // namespace

Problem convolution(Dice& dice) {
  const PaddingMode mode =
      dice.one_in(6)
          ? dice.of({PaddingMode::reflect, PaddingMode::replicate, PaddingMode::circular})
          : PaddingMode::zeros;
  const Sizes s = dice.one_in(400) ? wide(dice) : choose(dice, mode);
  const Conv2dOptions options = {.stride = s.stride,
                                 .padding = s.padding,
                                 .dilation = s.dilation,
                                 .groups = s.groups,
                                 .padding_mode = mode};
  Problem p;
  const bool bias = dice.one_in(2);
  const char* const modes[] = {"zeros", "reflect", "replicate", "circular"};
  p.text = fmt::format(
      "conv2d x=[{}, {}, {}, {}] w=[{}, {}, {}, {}] bias={} stride={}x{} padding={}x{} "
      "dilation={}x{} groups={} {}",
      s.n, s.c, s.h, s.w, s.out, s.c / s.groups, s.kh, s.kw, bias, s.stride.h(), s.stride.w(),
      s.padding.h(), s.padding.w(), s.dilation.h(), s.dilation.w(), s.groups,
      modes[static_cast<size_t>(mode)]);
  p.inputs = {dice.numbers({s.n, s.c, s.h, s.w}), dice.numbers({s.out, s.c / s.groups, s.kh, s.kw}),
              bias ? dice.numbers({s.out}) : Tensor()};
  p.f = [options](const Tensors& in) { return conv2d(in[0], in[1], in[2], options); };
  p.meet_at_border = {{1, 0}, {1, 1}, {3, 2}};
  const int64_t terms = std::max({s.c / s.groups * s.kh * s.kw, s.out / s.groups * s.kh * s.kw,
                                  s.multiplications() / (s.out * s.c / s.groups * s.kh * s.kw)});
  p.float32_bound = p.bfloat16_bound = bound_of_terms(terms);
  // The gradient of a border that repeats the image is added to that of the image.
  if (mode != PaddingMode::zeros) p.bfloat16_bound.of_sum += 3 * bfloat16_rounding;
  p.winograd = s.kh == 3 && s.kw == 3;
  return p;
}

}  // namespace rw::test::differential
