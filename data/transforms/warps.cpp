#include <rewind/data/transforms/warps.h>

#include <array>
#include <cmath>
#include <numbers>

#include <rewind/data/transforms/image_planes.h>
#include <rewind/data/transforms/perspectives.h>
#include <rewind/ops/grid_sample.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/linalg.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/rearranging.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/size.h>

namespace rw::data::transforms {

std::optional<std::array<double, 8>> detail::perspective_coefficients(const Corners& start,
                                                                      const Corners& end) {
  const Tensor equations = zeros({8, 8}, float64), places = zeros({8, 1}, float64);
  auto a = equations.accessor<double, 2>();
  auto b = places.accessor<double, 2>();
  for (int i = 0; i < 4; ++i) {
    const Point s = start[static_cast<size_t>(i)], e = end[static_cast<size_t>(i)];
    for (int axis = 0; axis < 2; ++axis) {
      auto row = a[2 * i + axis];
      const double to = axis == 0 ? s.x : s.y;
      row[3 * axis] = e.x;
      row[3 * axis + 1] = e.y;
      row[3 * axis + 2] = 1;
      row[6] = -to * e.x;
      row[7] = -to * e.y;
      b[2 * i + axis][0] = to;
    }
  }
  const auto [solution, info] = linalg::solve_ex(equations, places);
  const auto numbers = solution.to_vector<double>();
  std::array<double, 8> coefficients{};
  bool is_finite = true;
  for (size_t i = 0; i < 8; ++i) {  // PyTorch's go through float32
    coefficients[i] = static_cast<double>(static_cast<float>(numbers[i]));
    is_finite &= std::isfinite(coefficients[i]);
  }
  if (info.item<int>() != 0 || !is_finite) return {};
  return coefficients;
}

namespace functional {

using detail::height_of;
using detail::width_of;

namespace {

// x' = a x + b y + c, y' = d x + e y + f, from the middle of the result to that of the image.
struct Matrix {
  double a, b, c, d, e, f;
};

// The inverse of turning, slanting and scaling around a center, and moving.
Matrix inverse_matrix(Point center, double angle, Point translate, double scale, Point shear) {
  const auto radians = [](double degrees) { return degrees * std::numbers::pi / 180; };
  const double turn = radians(angle), sx = radians(shear.x), sy = radians(shear.y);
  const double a = std::cos(turn - sy) / std::cos(sy);
  const double b = -(a * std::tan(sx) + std::sin(turn));
  const double c = std::sin(turn - sy) / std::cos(sy);
  const double d = std::cos(turn) - c * std::tan(sx);
  Matrix m = {d / scale, -b / scale, 0, -c / scale, a / scale, 0};
  const double x = center.x + translate.x, y = center.y + translate.y;
  m.c = center.x - m.a * x - m.b * y;
  m.f = center.y - m.d * x - m.e * y;
  return m;
}

Point from_middle(const std::optional<Point>& center, const Tensor& x) {
  if (!center) return {};
  return {center->x - 0.5 * static_cast<double>(width_of(x)),
          center->y - 0.5 * static_cast<double>(height_of(x))};
}

void check_warp(const char* op, const Tensor& x, InterpolateMode mode,
                const std::optional<Fill>& fill) {
  detail::check_image(op, x);
  check<DTypeError>(x.dtype() != boolean && x.dtype() != float16 && x.dtype() != bfloat16,
                    "{}: expected an image of integers, float32 or float64, got {}", op, x.dtype());
  detail::check_warping_mode(op, mode);
  if (fill) detail::check_fill(op, *fill, x);
}

// All of them numbers, which `what` are.
void check_finite(const char* op, const char* what, std::initializer_list<double> values) {
  for (const double v : values)
    check(std::isfinite(v), "{}: expected {} that is finite, got {}", op, what, v);
}

void check_center(const char* op, const std::optional<Point>& center) {
  if (center) check_finite(op, "a center", {center->x, center->y});
}

DType grid_dtype(const Tensor& x) { return x.dtype() == float64 ? float64 : float32; }

// A grid [1, height, width, 2] of the places that f(x, y) gives for columns and rows; computed in
// the grid's type, as places at the same distance from two pixels go by its rounding.
template <class F>
Tensor grid_of(DType dtype, int64_t height, int64_t width, F&& f) {
  const Tensor grid = rw::detail::make_tensor({1, height, width, 2}, dtype);
  dispatch_among<float, double>(dtype, [&]<class T>() {
    T* to = static_cast<T*>(grid.raw_data());
    for (int64_t y = 0; y < height; ++y)
      for (int64_t x = 0; x < width; ++x, to += 2) {
        const std::array<T, 2> place = f(static_cast<T>(x), static_cast<T>(y));
        to[0] = place[0];
        to[1] = place[1];
      }
  });
  return grid;
}

Tensor affine_places(const Tensor& x, const Matrix& m, int64_t height, int64_t width) {
  const double half_w = 0.5 * static_cast<double>(width_of(x));
  const double half_h = 0.5 * static_cast<double>(height_of(x));
  return grid_of(grid_dtype(x), height, width, [&]<class T>(T column, T row) {
    const auto number = [](double v) { return static_cast<T>(v); };
    const auto part = [&](double v, double half) { return number(v) / number(half); };
    const T px = column + number((1 - static_cast<double>(width)) * 0.5);
    const T py = row + number((1 - static_cast<double>(height)) * 0.5);
    return std::array<T, 2>{px * part(m.a, half_w) + py * part(m.b, half_w) + part(m.c, half_w),
                            px * part(m.d, half_h) + py * part(m.e, half_h) + part(m.f, half_h)};
  });
}

// Where a mask of the image tells what comes from beyond it.
Tensor filled(const Tensor& with_mask, const Fill& fill, InterpolateMode mode) {
  const int64_t channels = with_mask.size(1) - 1;
  const Tensor y = with_mask.narrow(1, 0, channels), mask = with_mask.narrow(1, channels, 1);
  const Tensor color = from(fill.values).to(y.dtype()).view({1, -1, 1, 1});
  if (mode == InterpolateMode::nearest) return where(mask.lt(0.5), color, y);
  return (y - color) * mask + color;
}

Tensor at_places(const Tensor& x, const Tensor& grid, InterpolateMode mode,
                 const std::optional<Fill>& fill) {
  const Shape shape = detail::shape_with(x, grid.size(1), grid.size(2));
  if (x.numel() == 0 || shape.numel() == 0) return zeros(shape, x.dtype());
  Tensor y = detail::as_batch(x).to(grid.dtype());
  const int64_t count = y.size(0);
  if (fill) y = cat({y, ones({count, 1, height_of(x), width_of(x)}, y.dtype())}, 1);
  y = grid_sample(y, grid.expand({count, -1, -1, -1}),
                  {.mode = mode == InterpolateMode::nearest ? GridSampleMode::nearest
                                                            : GridSampleMode::bilinear});
  if (fill) y = filled(y, *fill, mode);
  if (!x.is_floating_point()) y = y.round().to(x.dtype());
  return y.reshape(shape);
}

// The size of a frame that holds an image of w x h after the inverse of m. To four decimals, lest
// rounding errors add a pixel.
Size2 frame_of(const Matrix& m, int64_t width, int64_t height) {
  const float w = 0.5f * static_cast<float>(width), h = 0.5f * static_cast<float>(height);
  const auto extent = [&](double across, double down, float half) {
    const float reach =
        std::abs(static_cast<float>(across)) * w + std::abs(static_cast<float>(down)) * h;
    const auto cut = [](float v) { return std::trunc(v * 1e4f) * 1e-4f; };
    return static_cast<int64_t>(std::ceil(cut(half + reach)) - std::floor(cut(half - reach)));
  };
  return {extent(m.d, m.e, h), extent(m.a, m.b, w)};
}

}  // namespace

Tensor affine(const Tensor& x, const AffineOptions& o) {
  check_warp("affine", x, o.interpolation, o.fill);
  check(o.scale > 0, "affine: expected a scale greater than 0, got {}", o.scale);
  check_finite("affine", "a scale", {o.scale});
  check_finite("affine", "an angle", {o.angle});
  check_finite("affine", "a translate", {o.translate.x, o.translate.y});
  check_finite("affine", "a shear", {o.shear.x, o.shear.y});
  check_center("affine", o.center);
  const no_grad guard;
  const Matrix m = inverse_matrix(from_middle(o.center, x), o.angle, o.translate, o.scale, o.shear);
  return at_places(x, affine_places(x, m, height_of(x), width_of(x)), o.interpolation, o.fill);
}

Tensor rotate(const Tensor& x, double angle, const RotateOptions& o) {
  check_warp("rotate", x, o.interpolation, o.fill);
  check(std::isfinite(angle), "rotate: expected an angle in degrees, got {}", angle);
  check_center("rotate", o.center);
  const no_grad guard;
  angle -= 360 * std::floor(angle / 360);
  if (!o.center) {
    const bool fits = o.expand || height_of(x) == width_of(x);
    if (angle == 0) return x.clone();
    if (angle == 180 || (fits && (angle == 90 || angle == 270)))
      return rot90(x, static_cast<int64_t>(angle) / 90, {-2, -1});
  }
  const Matrix m = inverse_matrix(from_middle(o.center, x), -angle, {}, 1, {});
  const Size2 size =
      o.expand ? frame_of(m, width_of(x), height_of(x)) : Size2(height_of(x), width_of(x));
  return at_places(x, affine_places(x, m, size.h(), size.w()), o.interpolation, o.fill);
}

Tensor perspective(const Tensor& x, const std::array<double, 8>& coefficients,
                   const PerspectiveOptions& o) {
  check_warp("perspective", x, o.interpolation, o.fill);
  const no_grad guard;
  const auto& k = coefficients;
  for (const double v : k) check_finite("perspective", "a coefficient", {v});
  const double half_w = 0.5 * static_cast<double>(width_of(x));
  const double half_h = 0.5 * static_cast<double>(height_of(x));
  const Tensor grid =
      grid_of(grid_dtype(x), height_of(x), width_of(x), [&]<class T>(T column, T row) {
        const auto number = [](double v) { return static_cast<T>(v); };
        const auto part = [&](double v, double half) { return number(v) / number(half); };
        const T px = column + number(0.5), py = row + number(0.5);
        const T d = px * number(k[6]) + py * number(k[7]) + 1;
        const T gx = px * part(k[0], half_w) + py * part(k[1], half_w) + part(k[2], half_w);
        const T gy = px * part(k[3], half_h) + py * part(k[4], half_h) + part(k[5], half_h);
        const std::array<T, 2> place{gx / d - 1, gy / d - 1};
        const bool is_finite = std::isfinite(place[0]) && std::isfinite(place[1]);
        return is_finite ? place : std::array<T, 2>{-3, -3};  // beyond the image as well
      });
  return at_places(x, grid, o.interpolation, o.fill);
}

Tensor perspective(const Tensor& x, const Corners& startpoints, const Corners& endpoints,
                   const PerspectiveOptions& o) {
  const no_grad guard;
  for (const Corners* corners : {&startpoints, &endpoints})
    for (const Point& p : *corners) check_finite("perspective", "a point", {p.x, p.y});
  const auto coefficients = detail::perspective_coefficients(startpoints, endpoints);
  check(coefficients.has_value(),
        "perspective: the start points and end points determine no perspective: expected four of "
        "each, no three of them on a line");
  return perspective(x, *coefficients, o);
}

}  // namespace functional

}  // namespace rw::data::transforms
