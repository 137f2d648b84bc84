// Pooling: from local to global. moving.cpp is about what moves with the picture and what does not,
// gradients.cpp shows where gradients go.

#include <string>

#include <rewind/io/pictures.h>
#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "parts.h"

using namespace rw;

namespace {

enum class Pool { max, average };
Tensor pooled(Pool pool, const Tensor& x, int64_t kernel) {
  return pool == Pool::max ? max_pool2d(x, kernel) : avg_pool2d(x, kernel);
}

std::string name(Pool pool) { return pool == Pool::max ? "max" : "average"; }

// Pooled by two again and again, until one number is left.
void show_stack(const Tutorial& tutorial, const Tensor& square) {
  Drawing drawing(790, 315);
  for (const Pool pool : {Pool::max, Pool::average}) {
    const double y = pool == Pool::max ? 40 : 175;
    drawing.text({20, y + 64}, name(pool), Align::left);
    Tensor x = square;
    for (double left = 85; x.size(2) > 1; x = pooled(pool, x, 2)) {
      if (x.size(2) == 64 || x.size(2) == 4) continue;  // room for five pictures
      if (pool == Pool::max)
        drawing.text({left + 60, 28},
                     std::to_string(x.size(2)) + " by " + std::to_string(x.size(2)));
      drawing.image({left, y}, 120, 120, x[0][0]);
      left += 138;
    }
    const Tensor all = pool == Pool::max ? square.max() : square.mean();
    tutorial.expect(name(pool) + ", the last number differs from that of all pixels by",
                    (x - all).abs().item<double>(), 0, 1e-10);
  }
  drawing.write(tutorial.picture("stack.svg"));
}

// Which pixels one output knows of, after some layers: those that it has a gradient to.
void show_receptive_field(const Tutorial& tutorial, const Tensor& photo) {
  const int64_t row = 57, column = 85, top = 44, left = 68;  // of the eye, and of what is shown
  const auto shown = [&](const Tensor& x) {
    return x[0][0].narrow(0, top, 32).narrow(1, left, 32);
  };
  const Tensor blur = ones({1, 1, 3, 3}, float64) / 9;
  Drawing drawing(800, 400);
  for (const Pool pool : {Pool::max, Pool::average}) {
    const double y = pool == Pool::max ? 40 : 220;
    drawing.text({20, y + 84}, name(pool), Align::left);
    drawing.image({85, y}, 160, 160, shown(photo));
    double field = 1, step = 1, outside = 0;
    for (int layers = 1; layers <= 3; ++layers) {
      const Tensor x = photo.clone().requires_grad_();
      Tensor out = x;
      for (int i = 0; i < layers; ++i) out = pooled(pool, conv2d(out, blur, {}, {.padding = 1}), 2);
      out.index({0, 0, row >> layers, column >> layers}).backward();

      outside += step;          // the convolution's padding
      field += (3 - 1) * step;  // the convolution
      field += (2 - 1) * step;  // the pooling
      step *= 2;
      const auto columns = x.grad().ne(0).any({0, 1, 2}).sum().item<double>();
      tutorial.expect(name(pool) + ", columns reached in " + std::to_string(layers) + " layers",
                      columns, pool == Pool::max ? 1 : field, field);

      const double left_of_it = static_cast<double>(column >> layers) * step - outside;
      const double above_it = static_cast<double>(row >> layers) * step - outside;
      const double place = 85 + 178 * static_cast<double>(layers);
      if (pool == Pool::max)
        drawing.text({place + 80, 28},
                     std::to_string(layers) + (layers > 1 ? " layers" : " layer"));
      drawing.image({place, y}, 160, 160,
                    io::heat_map(shown(x.grad()), {.diverging = true, .scale = 5}));
      for (const double picture : {85.0, place})
        drawing.square({picture + 5 * (left_of_it - left), y + 5 * (above_it - top)}, 5 * field,
                       series(1));
    }
  }
  drawing.write(tutorial.picture("receptive_field.svg"));
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Tensor grey = (io::read_png(TUTORIAL_PHOTO).to(float64) / 255).mean({0});
  const Tensor photo = grey.view({1, 1, 150, 225});
  show_stack(tutorial, photo.narrow(2, 10, 128).narrow(3, 50, 128));
  show_receptive_field(tutorial, photo);
  show_moving(tutorial, photo);
  show_gradients(tutorial);
}
