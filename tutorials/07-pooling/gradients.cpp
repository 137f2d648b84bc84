// Where the gradients of pooling go: to the greatest, or to all in equal parts.

#include <cstdio>

#include <rewind/io/pictures.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "parts.h"

using namespace rw;

namespace {

void draw_numbers(Drawing& drawing, Point corner, const char* title, const Tensor& numbers) {
  const int64_t rows = numbers.size(0), columns = numbers.size(1);
  const double width = 40 * static_cast<double>(columns), height = 40 * static_cast<double>(rows);
  drawing.text({corner.x + width / 2, corner.y - 12}, title);
  drawing.image(
      corner, width, height,
      io::heat_map(numbers, {.value_range = {{-12, 12}}, .diverging = true, .scale = 40}));
  if (rows == 4) {  // between the windows
    drawing.line({{corner.x + 80, corner.y}, {corner.x + 80, corner.y + 160}}, "#57606a", 1);
    drawing.line({{corner.x, corner.y + 80}, {corner.x + 160, corner.y + 80}}, "#57606a", 1);
  }
  for (int64_t i = 0; i < rows * columns; ++i) {
    char label[16];
    std::snprintf(label, sizeof label, "%g", numbers.flatten()[i].item<double>());
    drawing.text({corner.x + 20 + 40 * static_cast<double>(i % columns),
                  corner.y + 25 + 40 * static_cast<double>(i / columns)},
                 label, Drawing::Align::middle, 13, "#24292f");
  }
}

}  // namespace

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
  draw_numbers(drawing, {30, 155}, "x", numbers);
  for (const bool is_max : {true, false}) {
    const double y = is_max ? 50 : 285;
    drawing.arrow({200, is_max ? 195.0 : 275}, {255, is_max ? 155.0 : 315});
    draw_numbers(drawing, {270, y + 40}, is_max ? "maximum" : "average",
                 is_max ? greatest.detach() : average.detach());
    draw_numbers(drawing, {410, y + 40}, "its gradient", above);
    drawing.arrow({500, y + 80}, {550, y + 80});
    draw_numbers(drawing, {565, y}, "gradient of x", is_max ? to_greatest : x.grad());
  }
  drawing.write(tutorial.picture("gradients.svg"));
}
