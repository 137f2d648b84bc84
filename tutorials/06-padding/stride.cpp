// Stride: what is lost where only every second pixel is kept, and how a blur before helps.

#include <numbers>

#include <rewind/rewind.h>

#include "drawing.h"
#include "parts.h"

using namespace rw;

namespace {

Tensor every_second(const Tensor& x) {
  return x.index({Ellipsis, Slice(0, Slice::none, 2), Slice(0, Slice::none, 2)});
}

// Stripes that get finer from the middle outwards, as fine as pixels can show at the rim.
Tensor rings() {
  const Tensor x = arange(-100, 100, float64), y = x.unsqueeze(1), r2 = x * x + y * y;
  return where(r2 < 1e4, 0.5 + 0.5 * cos(r2 * (std::numbers::pi / 200)), full({1}, 0.5, float64));
}

}  // namespace

void show_stride(const Tutorial& tutorial, const Tensor& image) {
  const auto most = [](const Tensor& t) { return t.abs().max().item<double>(); };
  const Tensor x = image.to(float64), filter = randn({1, 1, 3, 3}, float64);
  tutorial.expect("stride 2 differs from keeping every second by at most",
                  most(conv2d(x, filter, {}, {.stride = 2}) - every_second(conv2d(x, filter))), 0,
                  1e-10);

  const auto stripes = [](double period) {
    return cos(arange(220, float64) * (2 * std::numbers::pi / period)).expand({1, 1, 20, 220});
  };
  const Tensor fine = stripes(2.2), wide = stripes(22);
  tutorial.expect("of every second pixel, fine and wide stripes differ by at most",
                  most(every_second(fine) - every_second(wide)), 0, 1e-10);

  const Tensor tap = from<double>({1, 4, 6, 4, 1}) / 16;
  const Tensor blur = (tap.unsqueeze(1) * tap).view({1, 1, 5, 5});
  const auto blurred = [&](const Tensor& t) { return conv2d(t, blur, {}, {.stride = 2}); };
  tutorial.expect("blurred first, contrast of fine stripes", most(blurred(fine)), 0, 0.001);
  tutorial.expect("blurred first, contrast of wide stripes", most(blurred(wide)), 0.95, 0.97);

  const Tensor circles = rings();
  const Tensor wider = pad(circles, {2, 2, 2, 2}, PaddingMode::replicate).view({1, 1, 204, 204});
  Drawing drawing(680, 260);
  drawing.image({20, 40}, 200, 200, circles);
  drawing.image({240, 40}, 200, 200, every_second(circles));
  drawing.image({460, 40}, 200, 200, blurred(wider)[0][0]);
  drawing.text({120, 27}, "200 by 200");
  drawing.text({340, 27}, "every second pixel");
  drawing.text({560, 27}, "blurred, every second pixel");
  drawing.write(tutorial.picture("aliasing.svg"));
}
