#include <rewind/ops/grid_sample.h>

#include <limits>
#include <vector>

#include <rewind/autograd/record.h>
#include <rewind/kernels/resample/grid_kernel.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/layout.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/wide.h>

namespace rw {
namespace {

// What is sampled and how, and which derivative of it by the points.
struct Sampling {
  Shape image;  // [N, C, (D,) H, W]
  GridSampleOptions options;
  bool channels_last;
  std::array<int, 3> order = {0, 0, 0};

  Sampling by(int coordinate) const {
    Sampling s = *this;
    ++s.order[static_cast<size_t>(coordinate)];
    return s;
  }
  int axes() const { return image.rank() - 2; }
  detail::Layout layout() const { return {1, channels_last}; }
  Shape result(const Tensor& grid) const {
    Shape shape = {image[0], image[1]};
    for (int d = 1; d <= axes(); ++d) shape.push_back(grid.size(d));
    return shape;
  }
};

kernels::GridSamples samples_of(const Sampling& s, const Tensor& grid) {
  kernels::GridSamples k;
  k.dtype = grid.dtype();
  k.images = s.image[0];
  k.channels = s.image[1];
  k.axes = s.axes();
  k.sizes = {1, 1, 1};
  for (int a = 0; a < k.axes; ++a)
    k.sizes[static_cast<size_t>(2 - a)] = s.image[s.image.rank() - 1 - a];
  k.points = 1;
  for (int d = 1; d <= k.axes; ++d) k.points *= grid.size(d);
  k.channels_last = s.channels_last;
  k.mode = static_cast<kernels::GridMode>(s.options.mode);
  k.padding = static_cast<kernels::GridPadding>(s.options.padding_mode);
  k.align_corners = s.options.align_corners;
  k.order = s.order;
  return k;
}

Tensor dense(const Tensor& grid) { return grid.detach().contiguous(); }

Tensor scatter(const Tensor& y, const Tensor& grid, const Sampling& s);

Tensor sample(const Tensor& x, const Tensor& grid, const Sampling& s);

// The derivatives by the points of the sum of g times the samples.
Tensor by_points(const Tensor& g, const Tensor& x, const Tensor& grid, const Sampling& s) {
  if (s.options.mode == GridSampleMode::nearest) return zeros_like(grid);
  std::vector<Tensor> all;
  for (int a = 0; a < s.axes(); ++a) all.push_back((g * sample(x, grid, s.by(a))).sum(1));
  return stack(all, -1);
}

// The same in one go, where the samples are no derivatives.
Tensor sample_backward(const Tensor& g, const Tensor& x, const Tensor& grid, const Sampling& s) {
  if (s.options.mode == GridSampleMode::nearest || s.order != std::array<int, 3>{})
    return by_points(g, x, grid, s);
  const profile_scope scope("grid_sample_backward");
  const Tensor dgrid = empty(grid.shape(), grid.dtype());
  kernels::grid_gradient(samples_of(s, grid), detail::dense_in(s.layout(), g).raw_data(),
                         detail::dense_in(s.layout(), x).raw_data(), dense(grid).raw_data(),
                         dgrid.raw_data());
  return record(
      "grid_sample_backward", dgrid, {g, x, grid},
      [g = save(g), x = save(x), grid = save(grid), s](const Tensor& gg, Needs needs) -> Grads {
        Tensor dg, dx, dgrid;
        const auto add = [](Tensor& sum, const Tensor& t) { sum = sum.defined() ? sum + t : t; };
        for (int a = 0; a < s.axes(); ++a) {
          const Tensor share = gg.select(-1, a).unsqueeze(1);
          if (needs[0]) add(dg, share * sample(x.get(), grid.get(), s.by(a)));
          if (needs[1]) add(dx, scatter(share * g.get(), grid.get(), s.by(a)));
          if (needs[2]) add(dgrid, by_points(share * g.get(), x.get(), grid.get(), s.by(a)));
        }
        return {dg, dx, dgrid};
      });
}

bool picks(const Sampling& s) {
  return s.options.mode == GridSampleMode::nearest && s.order == std::array<int, 3>{};
}

void compute(const Tensor& x, const Tensor& grid, const Sampling& s, const Tensor& y) {
  const kernels::GridSamples samples = samples_of(s, grid);
  const Tensor in = detail::dense_in(s.layout(), x), points = dense(grid);
  if (picks(s))
    kernels::grid_pick(samples, itemsize(x.dtype()), in.raw_data(), points.raw_data(),
                       y.raw_data());
  else
    kernels::grid_sample(samples, in.raw_data(), points.raw_data(), y.raw_data());
}

// x is of the grid's dtype or, where its elements are picked, of any floating one.
Tensor sample(const Tensor& x, const Tensor& grid, const Sampling& s) {
  const profile_scope scope("grid_sample");
  const Tensor y = detail::empty_in(s.layout(), s.result(grid), x.dtype());
  if (y.numel() > 0) compute(x, grid, s, y);
  return record("grid_sample", y, {x, grid},
                [x = save(x), grid = save(grid), s](const Tensor& g, Needs needs) -> Grads {
                  const Tensor points = grid.get();
                  const auto dx = [&] {
                    return scatter(g.to(points.dtype()), points, s).to(g.dtype());
                  };
                  return {needs[0] ? dx() : Tensor(),
                          needs[1] ? sample_backward(g, x.get(), points, s) : Tensor()};
                });
}

// sample's adjoint: each pixel gets what of y comes from it.
Tensor scatter(const Tensor& y, const Tensor& grid, const Sampling& s) {
  const profile_scope scope("grid_scatter");
  const Tensor x = detail::empty_in(s.layout(), s.image, grid.dtype());
  x.detach().zero_();
  if (y.numel() > 0)
    kernels::grid_scatter(samples_of(s, grid), detail::dense_in(s.layout(), y).raw_data(),
                          dense(grid).raw_data(), x.raw_data());
  return record("grid_scatter", x, {y, grid},
                [y = save(y), grid = save(grid), s](const Tensor& gg, Needs needs) -> Grads {
                  return {needs[0] ? sample(gg, grid.get(), s) : Tensor(),
                          needs[1] ? by_points(y.get(), gg, grid.get(), s) : Tensor()};
                });
}

void check_arguments(const Tensor& x, const Tensor& grid, const GridSampleOptions& options) {
  detail::check_defined("grid_sample", x, grid, "grid");
  check<DTypeError>(
      x.is_floating_point() && x.dtype() == grid.dtype(),
      "grid_sample: expected an input and a grid of one floating dtype, got {} and {}", x.dtype(),
      grid.dtype());
  const int rank = x.dim();
  check<ShapeError>(
      (rank == 4 || rank == 5) && grid.dim() == rank && grid.size(-1) == rank - 2,
      "grid_sample: expected an input [N, C, H, W] and a grid [N, h, w, 2], or [N, C, "
      "D, H, W] and [N, d, h, w, 3], got shapes {} and {}",
      x.shape(), grid.shape());
  check<ShapeError>(x.size(0) == grid.size(0),
                    "grid_sample: expected as many grids as images, got shapes {} and {}",
                    x.shape(), grid.shape());
  check(rank == 4 || options.mode != GridSampleMode::bicubic,
        "grid_sample: bicubic is for images [N, C, H, W] only, got shape {}", x.shape());
  detail::Wide pixels = 1;
  for (int d = 2; d < rank; ++d) pixels *= x.size(d);
  check<ShapeError>(pixels > 0 && pixels <= std::numeric_limits<int32_t>::max(),
                    "grid_sample: expected images of 1 to 2^31 - 1 pixels, got shape {}",
                    x.shape());
}

// From -1 to 1: the middles of `n` pixels, or their outermost edges.
double coordinate(int64_t i, int64_t n, bool align_corners) {
  const auto at = static_cast<double>(i), size = static_cast<double>(n);
  if (align_corners) return n > 1 ? 2 * at / (size - 1) - 1 : 0;
  return (2 * at + 1) / size - 1;
}

// (x, y, 1) or (x, y, z, 1) for each point, one point a row.
Tensor base_points(const Shape& size, bool align_corners, DType dtype) {
  const int axes = size.rank() - 2;
  Shape shape = {1};
  for (int a = 0; a < axes; ++a) shape[0] *= size[a + 2];
  shape.push_back(axes + 1);
  Tensor points = empty(shape, dtype);
  dispatch_among<float, double>(dtype, [&]<class T>() {
    T* p = points.data<T>();
    for (int64_t i = 0; i < shape[0]; ++i, p += axes + 1) {
      int64_t rest = i;
      for (int a = 0; a < axes; ++a) {
        const int64_t n = size[size.rank() - 1 - a];
        p[a] = static_cast<T>(coordinate(rest % n, n, align_corners));
        rest /= n;
      }
      p[axes] = 1;
    }
  });
  return points;
}

}  // namespace

Tensor grid_sample(const Tensor& x, const Tensor& grid, const GridSampleOptions& options) {
  check_arguments(x, grid, options);
  const Sampling s = {x.shape(), options, detail::layout_of(x, 1).last};
  const DType dtype = compute_dtype(x.dtype());
  return picks(s) ? sample(x, grid.to(dtype), s)
                  : sample(x.to(dtype), grid.to(dtype), s).to(x.dtype());
}

Tensor affine_grid(const Tensor& theta, const Shape& size, bool align_corners) {
  detail::check_defined("affine_grid", theta);
  detail::check_floating("affine_grid", theta, "theta");
  const int64_t axes = size.rank() - 2;
  check<ShapeError>(axes == 2 || axes == 3,
                    "affine_grid: expected a size [N, C, H, W] or [N, C, D, H, W], got {}", size);
  check<ShapeError>(theta.dim() == 3 && theta.size(0) == size[0] && theta.size(1) == axes &&
                        theta.size(2) == axes + 1,
                    "affine_grid: expected a theta [{}, {}, {}] for the size {}, got shape {}",
                    size[0], axes, axes + 1, size, theta.shape());
  for (const int64_t n : size)
    check<ShapeError>(n > 0, "affine_grid: expected a size greater than 0, got {}", size);
  const DType dtype = compute_dtype(theta.dtype());
  detail::check_allocatable("affine_grid", size, dtype);
  Shape shape = {size[0]};
  for (int d = 2; d < size.rank(); ++d) shape.push_back(size[d]);
  shape.push_back(axes);
  const Tensor points = base_points(size, align_corners, dtype);
  return rw::matmul(points, theta.to(dtype).transpose(1, 2)).to(theta.dtype()).reshape(shape);
}

}  // namespace rw
