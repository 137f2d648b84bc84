// Tensors: shapes, views, broadcasting and dtypes. photo.cpp has a photo as a tensor.

#include <cstdio>
#include <iostream>

#include <rewind/rewind.h>

#include "drawing.h"
#include "photo.h"
#include "tutorial.h"

using namespace rw;

namespace {

// Each element of a matrix in a box; no color for those that repeat others in memory.
void draw_matrix(Drawing& drawing, Point corner, const char* title, const Tensor& t,
                 const char* color) {
  drawing.text({corner.x, corner.y - 12}, title, Align::left);
  for (int64_t i = 0; i < t.size(0); ++i)
    for (int64_t j = 0; j < t.size(1); ++j) {
      const bool repeated = (i > 0 && t.stride(0) == 0) || (j > 0 && t.stride(1) == 0);
      drawing.box({corner.x + 30 * static_cast<double>(j), corner.y + 30 * static_cast<double>(i)},
                  27, 27, std::to_string(t[i][j].item<int64_t>()), repeated ? "pen" : color);
    }
}

void show_views(const Tutorial& tutorial) {
  const Tensor x = arange(12).view({3, 4});
  const Tensor turned = x.t();
  const Tensor odd = x.index({Slice(), Slice(1, Slice::none, 2)});  // columns 1 and 3
  std::cout << "x: shape " << x.shape() << ", strides " << x.strides() << "\n"
            << "x.t(): shape " << turned.shape() << ", strides " << turned.strides() << "\n"
            << "odd columns: shape " << odd.shape() << ", strides " << odd.strides() << "\n";

  Drawing drawing(640, 300);
  draw_matrix(drawing, {30, 44}, "memory", x.view({1, 12}), series(0));
  drawing.arrow({43, 84}, {163, 84});
  drawing.text({103, 101}, "4 to the next row", Align::middle, 12);
  drawing.arrow({283, 84}, {313, 84});
  drawing.text({298, 101}, "1 to the next column", Align::middle, 12);
  draw_matrix(drawing, {30, 154}, "x, strides [4, 1]", x, series(0));
  draw_matrix(drawing, {240, 154}, "x.t(), strides [1, 4]", turned, series(1));
  draw_matrix(drawing, {430, 154}, "odd columns, strides [4, 2]", odd, series(2));
  drawing.write(tutorial.picture("views.svg"));

  // The view begins at element 1 of the memory.
  const int64_t place = 1 + 2 * odd.stride(0) + 1 * odd.stride(1);
  tutorial.expect("odd[2][1] is at place", static_cast<double>(place), 11, 11);
  tutorial.expect("what is there", x.view({12})[place].item<double>(), 11, 11);

  odd[2][1] = -5;
  tutorial.expect("x[2][3] after odd[2][1] = -5", x[2][3].item<double>(), -5, -5);
  Tensor same = x, copy = x.clone();
  same += 1;
  tutorial.expect("x[2][3] after same += 1", x[2][3].item<double>(), -4, -4);
  tutorial.expect("copy[2][3] after same += 1", copy[2][3].item<double>(), -5, -5);
  try {
    turned.view({12});
  } catch (const ShapeError& error) {
    std::cout << error.what() << "\n";
  }
}

void show_broadcasting(const Tutorial& tutorial) {
  const Tensor column = from<int64_t>({10, 20, 30}).view({3, 1}), row = arange(4);
  const Tensor sum = column + row;  // of shape [3, 4]
  const Tensor wide = column.expand({3, 4}), high = row.expand({3, 4});
  std::cout << "strides of wide " << wide.strides() << ", of high " << high.strides() << "\n";
  tutorial.expect("the sum is that of the expanded ones", equal(sum, wide + high));
  try {
    row + arange(3);
  } catch (const ShapeError& error) {
    std::cout << error.what() << "\n";
  }

  Drawing drawing(560, 160);
  draw_matrix(drawing, {30, 48}, "column [3, 1]", wide, series(0));
  drawing.text({184, 98}, "+", Align::middle, 22);
  draw_matrix(drawing, {220, 48}, "row [4]", high, series(1));
  drawing.text({374, 98}, "=", Align::middle, 22);
  draw_matrix(drawing, {410, 48}, "sum [3, 4]", sum, series(2));
  drawing.write(tutorial.picture("broadcasting.svg"));
}

void show_dtypes(const Tutorial& tutorial) {
  const Tensor bytes = from<uint8_t>({200, 100}), floats = from<float>({0.5, 0.25});
  std::cout << "uint8 + 1: " << (bytes + 1).dtype() << "\n"
            << "uint8 + 0.5: " << (bytes + 0.5).dtype() << "\n"
            << "uint8 / 255: " << (bytes / 255).dtype() << "\n"
            << "uint8 + float32: " << (bytes + floats).dtype() << "\n"
            << "float32 + float64: " << (floats + floats.to(float64)).dtype() << "\n"
            << "float32 > 0.3: " << (floats > 0.3).dtype() << "\n";
  tutorial.expect("200 + 100 in uint8", (bytes + 100)[0].item<double>(), 44, 44);
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  show_views(tutorial);
  show_broadcasting(tutorial);
  show_dtypes(tutorial);
  edit_photo(tutorial);
}
