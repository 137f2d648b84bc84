// The size of what a convolution returns, by a formula and in a picture.

#include <cstdio>

#include <rewind/rewind.h>

#include "drawing.h"
#include "parts.h"

using namespace rw;

namespace {

// Along one side of n pixels; 0 where the filter does not fit.
int64_t output_size(int64_t n, int64_t kernel, int64_t padding, int64_t stride, int64_t dilation) {
  const int64_t room = n + 2 * padding - (dilation * (kernel - 1) + 1);
  return room < 0 ? 0 : room / stride + 1;
}

int64_t measured_size(int64_t n, int64_t k, int64_t p, int64_t s, int64_t d) try {
  const Conv2dOptions options{.stride = {1, s}, .padding = {0, p}, .dilation = {1, d}};
  return conv2d(ones({1, 1, 1, n}), ones({1, 1, 1, k}), {}, options).size(3);
} catch (const ShapeError&) {  // "a kernel of 1x5 with dilation 1x3 is larger than an input of ..."
  return 0;
}

void check_sizes(const Tutorial& tutorial) {
  int fitting = 0, wrong = 0;
  for (int64_t i = 0; i < 12 * 5 * 4 * 4 * 3; ++i) {  // all combinations
    const int64_t n = i % 12 + 1, k = i / 12 % 5 + 1, p = i / 60 % 4, s = i / 240 % 4 + 1,
                  d = i / 960 + 1, size = output_size(n, k, p, s, d);
    fitting += size > 0;
    wrong += measured_size(n, k, p, s, d) != size;
  }
  std::printf("%d combinations fit, %d do not\n", fitting, 2880 - fitting);
  tutorial.expect("sizes that differ from the formula", wrong, 0, 0);
}

// Which inputs each output of a filter with three weights looks at.
void draw_windows(Drawing& drawing, double y, int64_t p, int64_t s, int64_t d) {
  const int64_t n = 8, size = output_size(n, 3, p, s, d);
  const auto x = [](int64_t i) { return 100 + 40 * static_cast<double>(i); };
  for (int64_t i = -p; i < n + p; ++i) {
    const bool inside = 0 <= i && i < n;
    drawing.box({x(i), y + 70}, 34, 26, inside ? "x" + std::to_string(i) : "0",
                inside ? series(0) : "pen");
  }
  for (int64_t o = 0; o < size; ++o) {
    const int64_t middle = o * s - p + d;
    const char* color = o % 2 == 0 ? series(1) : series(2);
    drawing.box({x(middle), y}, 34, 26, "y" + std::to_string(o), color);
    for (const int64_t j : {-d, int64_t{0}, d})
      drawing.line({{x(middle) + 17, y + 26}, {x(middle + j) + 17, y + 70}}, color);
  }
}

}  // namespace

void show_sizes(const Tutorial& tutorial) {
  check_sizes(tutorial);
  Drawing drawing(520, 440);
  const char* titles[] = {"padding 1", "padding 1, stride 2", "padding 2, dilation 2"};
  for (int64_t i = 0; i < 3; ++i) {
    const double y = 30 + 140 * static_cast<double>(i);
    drawing.text({20, y - 5}, titles[i], Align::left);
    draw_windows(drawing, y + 8, i == 2 ? 2 : 1, i == 1 ? 2 : 1, i == 2 ? 2 : 1);
  }
  drawing.write(tutorial.picture("windows.svg"));
}
