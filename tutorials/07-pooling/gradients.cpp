// Where the gradients of pooling go: to the greatest, or to all in equal parts.

#include <rewind/rewind.h>

#include "drawing.h"
#include "parts.h"

using namespace rw;

void show_gradients(const Tutorial& tutorial) {
  // In the window at the upper left 3 stands twice, in the next one all are equal.
  const Tensor numbers = from<double>({{1, 3, 2, 2}, {0, 3, 2, 2}, {5, 1, 0, 4}, {2, 8, 4, 1}});
  const Tensor above = from<double>({{4, 8}, {2, 6}});  // the gradient of the result

  Tensor x = numbers.clone().requires_grad_();
  const Tensor greatest = max_pool2d(x.unsqueeze(0), 2)[0];
  greatest.backward(above);
  const Tensor to_greatest = x.grad();
  const auto expected = from<double>({{0, 4, 8, 0}, {0, 0, 0, 0}, {0, 0, 0, 6}, {0, 2, 0, 0}});
  tutorial.expect("max: the first of the greatest gets it all", to_greatest.equal(expected));

  x = numbers.clone().requires_grad_();
  const Tensor average = avg_pool2d(x.unsqueeze(0), 2)[0];
  average.backward(above);
  const auto evenly =
      from<double>({{1, 1, 2, 2}, {1, 1, 2, 2}, {0.5, 0.5, 1.5, 1.5}, {0.5, 0.5, 1.5, 1.5}});
  tutorial.expect("average: each gets a quarter", x.grad().equal(evenly));

  const Tensor image = randn({1, 1, 6, 10}, float64).requires_grad_();
  adaptive_avg_pool2d(image, 1).sum().backward();
  tutorial.expect("over all of 6 by 10 pixels, each gets 1 / 60, but for",
                  (image.grad() - 1.0 / 60).abs().max().item<double>(), 0, 1e-10);

  Drawing drawing(760, 470);
  const auto draw = [&](Point corner, const char* title, const Tensor& t) {
    drawing.matrix(corner, 40, title, t, 12);
    if (t.size(0) < 4) return;  // of the results; the others have windows
    const double x = corner.x, y = corner.y;
    drawing.line({{x + 80, y}, {x + 80, y + 160}}, "#57606a", 1);
    drawing.line({{x, y + 80}, {x + 160, y + 80}}, "#57606a", 1);
  };
  draw({30, 155}, "x", numbers);
  for (const bool is_max : {true, false}) {
    const double y = is_max ? 50 : 285;
    drawing.arrow({200, is_max ? 195.0 : 275}, {255, is_max ? 155.0 : 315});
    draw({270, y + 40}, is_max ? "maximum" : "average",
         is_max ? greatest.detach() : average.detach());
    draw({410, y + 40}, "its gradient", above);
    drawing.arrow({500, y + 80}, {550, y + 80});
    draw({565, y}, "gradient of x", is_max ? to_greatest : x.grad());
  }
  drawing.write(tutorial.picture("gradients.svg"));
}
