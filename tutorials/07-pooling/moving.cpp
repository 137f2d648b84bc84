// What moves with the picture, and what stays as it is.

#include <rewind/rewind.h>

#include "drawing.h"
#include "parts.h"

using namespace rw;

namespace {

double most(const Tensor& t) { return t.abs().max().item<double>(); }

// To the right; what leaves the picture comes in at the left.
Tensor moved(const Tensor& x, int64_t by) {
  return pad(x, {by, 0}, PaddingMode::circular).narrow(3, 0, x.size(3));
}

}  // namespace

void show_moving(const Tutorial& tutorial, const Tensor& photo) {
  const Tensor sobel = from<double>({{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}}).view({1, 1, 3, 3});
  const auto edges = [&](const Tensor& x) {
    return relu(conv2d(x, sobel, {}, {.padding = 1, .padding_mode = PaddingMode::circular}));
  };
  const Tensor found = edges(photo), found_later = edges(moved(photo, 5));
  tutorial.expect("edges of the moved photo differ from moved edges by",
                  most(found_later - moved(found, 5)), 0, 1e-10);
  tutorial.expect("their average over all differs by",
                  most(adaptive_avg_pool2d(found_later, 1) - adaptive_avg_pool2d(found, 1)), 0,
                  1e-10);
  tutorial.expect("their maximum over all differs by", most(found_later.max() - found.max()), 0,
                  1e-10);

  std::vector<Series> changes;
  for (const int64_t kernel : {1, 2, 4, 8, 16}) {
    // A camera that is turned: what leaves the window is gone, new pixels come in.
    const auto seen = [&](int64_t by) {
      return max_pool2d(found.narrow(2, 0, 144).narrow(3, 16 - by, 192), kernel);
    };
    Series change{"by " + std::to_string(kernel), {}};
    for (int64_t by = 0; by <= 8; ++by) {
      const Tensor part = (seen(by) - seen(0)).square().sum() / seen(0).square().sum();
      change.points.push_back({static_cast<double>(by), part.sqrt().item<double>()});
    }
    changes.push_back(change);
  }
  tutorial.expect("change by one pixel, not pooled", changes[0].points[1].y, 0.7, 0.8);
  tutorial.expect("change by one pixel, pooled by 2", changes[1].points[1].y, 0.5, 0.6);
  tutorial.expect("change by one pixel, pooled by 16", changes[4].points[1].y, 0.06, 0.1);
  Drawing(640, 360)
      .chart(changes, {.title = "edges, pooled by the maximum: how much they change",
                       .x = "pixels that the photo is moved by"})
      .write(tutorial.picture("moving.svg"));
}
