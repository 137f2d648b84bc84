#include <rewind/data/shapes.h>

#include <algorithm>
#include <cmath>

#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/generator.h>
#include <rewind/tensor/parallel.h>

namespace rw::data {

namespace {

constexpr int64_t side = 28;

// Signed distances from (x, y) to outlines of about radius 1, negative inside; y points down.
// After Inigo Quilez, "2D distance functions", but not exact around corners.
float disc(float x, float y) { return std::hypot(x, y) - 1; }
float box(float x, float y, float width, float height) {
  return std::max(std::abs(x) - width, std::abs(y) - height);
}
// The line along an outline.
float outline(float distance, float half_width) {
  return std::abs(distance + half_width) - half_width;
}
float plus(float x, float y) { return std::min(box(x, y, 1, 0.3f), box(x, y, 0.3f, 1)); }

float circle(float x, float y) { return disc(x, y); }
float ring(float x, float y) { return outline(disc(x, y), 0.2f); }
float square(float x, float y) { return box(x, y, 0.85f, 0.85f); }
float frame(float x, float y) { return outline(box(x, y, 0.9f, 0.9f), 0.2f); }
float diamond(float x, float y) { return (std::abs(x) + std::abs(y) - 1.1f) * 0.7071f; }
float triangle(float x, float y) {
  return std::max(y - 0.5f, 0.866f * std::abs(x) - 0.5f * y - 0.5f);
}
float times(float x, float y) { return plus((x + y) * 0.7071f, (x - y) * 0.7071f); }
float bar(float x, float y) { return box(x, y, 1, 0.35f); }
float dome(float x, float y) { return std::max(disc(x, y - 0.4f), y - 0.4f); }

struct Kind {
  const char* name;
  float (*distance)(float x, float y);
};
constexpr Kind kinds[] = {{"circle", circle}, {"ring", ring},       {"square", square},
                          {"frame", frame},   {"diamond", diamond}, {"triangle", triangle},
                          {"plus", plus},     {"times", times},     {"bar", bar},
                          {"dome", dome}};
constexpr auto n_kinds = static_cast<int64_t>(std::size(kinds));

// Uniform over [0, 1).
float unit(uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24f; }

// The random numbers of one image.
class Dice {
 public:
  Dice(uint64_t seed, int64_t image) : seed_(seed), counter_(static_cast<uint64_t>(image) << 16) {}
  Philox4 roll() { return philox(seed_, counter_++); }

 private:
  uint64_t seed_;
  uint64_t counter_;
};

void draw(const Kind& kind, Dice dice, uint8_t* pixels) {
  const auto between = [](float low, float high, uint32_t bits) {
    return low + (high - low) * unit(bits);
  };
  const Philox4 place = dice.roll(), look = dice.roll();
  const float radius = between(5.5f, 10, place.v[0]);
  const float room = side / 2.0f - radius - 1;
  const float center_x = side / 2.0f + between(-room, room, place.v[1]);
  const float center_y = side / 2.0f + between(-room, room, place.v[2]);
  const float tilt = between(-0.2f, 0.2f, place.v[3]);
  const float background = between(0, 0.3f, look.v[0]);
  const float contrast = between(0.35f, 0.7f, look.v[1]);
  const float noise = between(0.02f, 0.12f, look.v[2]);
  const float c = std::cos(tilt) / radius, s = std::sin(tilt) / radius;
  for (int64_t row = 0; row < side; ++row)
    for (int64_t column = 0; column < side; ++column) {
      const float dx = static_cast<float>(column) + 0.5f - center_x;
      const float dy = static_cast<float>(row) + 0.5f - center_y;
      const float distance = radius * kind.distance(c * dx + s * dy, c * dy - s * dx);
      const float coverage = std::clamp(0.5f - distance, 0.0f, 1.0f);
      // Four uniform numbers make a nearly normal one, of variance 1/3.
      const Philox4 r = dice.roll();
      const float normal =
          (unit(r.v[0]) + unit(r.v[1]) + unit(r.v[2]) + unit(r.v[3]) - 2) * 1.7320508f;
      const float value = background + contrast * coverage + noise * normal;
      *pixels++ = static_cast<uint8_t>(std::lround(255 * std::clamp(value, 0.0f, 1.0f)));
    }
}

}  // namespace

ImageDataset make_shapes(int64_t n, uint64_t seed) {
  check(n >= 0, "make_shapes: expected a number of images, got {}", n);
  const Tensor images = empty({n, side, side}, uint8);
  const Tensor labels = empty(n, int64);
  parallel_for(0, n, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      labels.data<int64_t>()[i] = i % n_kinds;
      draw(kinds[i % n_kinds], Dice(seed, i), images.data<uint8_t>() + i * side * side);
    }
  });
  std::vector<std::string> classes;
  for (const Kind& kind : kinds) classes.emplace_back(kind.name);
  return {images, labels, classes};
}

}  // namespace rw::data
