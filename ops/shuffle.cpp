#include <rewind/ops/shuffle.h>

#include <algorithm>

#include <rewind/autograd/record.h>
#include <rewind/kernels/resample/shuffle_kernel.h>
#include <rewind/ops/layout.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/wide.h>

namespace rw {
namespace {

void check_images(const char* op, const Tensor& x, const char* what, int64_t factor) {
  detail::check_defined(op, x);
  check<ShapeError>(x.dim() >= 3, "{}: expected an input [..., C, H, W], got shape {}", op,
                    x.shape());
  check(factor > 0 && factor < int64_t{1} << 31,
        "{}: expected {} of at least 1 and below 2^31, got {}", op, what, factor);
}

// `shape`, with sizes of its last three dimensions that go with `up`.
Shape shuffled_shape(Shape shape, int64_t factor, bool up) {
  const int channel = shape.rank() - 3;
  int64_t& c = shape[channel];
  c = up ? c / (factor * factor)
         : detail::to_size("pixel_unshuffle", detail::Wide{c} * factor * factor, "a dimension");
  for (int64_t* side : {&shape[channel + 1], &shape[channel + 2]})
    *side = up ? detail::to_size("pixel_shuffle", detail::Wide{*side} * factor, "a dimension")
               : *side / factor;
  return shape;
}

// x as [images, C, H, W], where it lies so.
Tensor as_images(const Tensor& x) {
  const int rank = x.dim();
  if (rank == 4) return x.detach();
  return x.detach().reshape({-1, x.size(-3), x.size(-2), x.size(-1)});
}

Tensor shuffle(const Tensor& x, int64_t factor, bool up) {
  const char* op = up ? "pixel_shuffle" : "pixel_unshuffle";
  const profile_scope scope(op);
  const auto compute = [&] {
    const no_grad guard;
    const Shape shape = shuffled_shape(x.shape(), factor, up);
    if (x.numel() == 0) return detail::make_tensor(shape, x.dtype());
    const Tensor images = as_images(x);
    const detail::Layout layout = detail::layout_of(images, 1);
    const Tensor y =
        detail::empty_in(layout, shuffled_shape(images.shape(), factor, up), x.dtype());
    const Tensor& large = up ? y : images;
    const Tensor& small = up ? images : y;
    const kernels::PixelShuffle s = {y.size(0),     large.size(1), small.size(2),
                                     small.size(3), factor,        layout.last};
    (up ? kernels::pixel_shuffle : kernels::pixel_unshuffle)(
        itemsize(x.dtype()), s, detail::dense_in(layout, images).raw_data(), y.raw_data());
    return x.dim() == 4 ? y : y.reshape(shape);
  };
  return record(op, compute(), {x},
                [factor, up](const Tensor& g, Needs) -> Grads { return shuffle(g, factor, !up); });
}

Tensor shuffle_channels(const Tensor& x, int64_t groups) {
  const profile_scope scope("channel_shuffle");
  const detail::Layout layout = detail::layout_of(x, 1);
  const Tensor y = detail::empty_in(layout, x.shape(), x.dtype());
  const int64_t each = x.size(1) / groups;
  // Dimension 1 in two: place k of group j is element j * each + k of x and k * groups + j of y.
  const auto in_two = [&](const Tensor& t, int64_t of_group, int64_t of_place) {
    Shape shape = t.shape(), strides = t.strides();
    const int64_t step = strides[1];
    shape[1] = groups;
    shape.insert(2, each);
    strides[1] = of_group * step;
    strides.insert(2, of_place * step);
    return detail::make_view(t, shape, strides, t.impl()->offset);
  };
  if (x.numel() > 0) detail::copy_into(in_two(y, 1, groups), in_two(x, each, 1));
  return record("channel_shuffle", y, {x}, [each](const Tensor& g, Needs) -> Grads {
    return each > 0 ? shuffle_channels(g, each) : g;
  });
}

}  // namespace

Tensor pixel_shuffle(const Tensor& x, int64_t upscale_factor) {
  check_images("pixel_shuffle", x, "an upscale_factor", upscale_factor);
  check<ShapeError>(x.size(-3) % (upscale_factor * upscale_factor) == 0,
                    "pixel_shuffle: the square of upscale_factor ({}) must divide the channels of "
                    "the input {}",
                    upscale_factor, x.shape());
  return shuffle(x, upscale_factor, true);
}

Tensor pixel_unshuffle(const Tensor& x, int64_t downscale_factor) {
  check_images("pixel_unshuffle", x, "a downscale_factor", downscale_factor);
  check<ShapeError>(x.size(-2) % downscale_factor == 0 && x.size(-1) % downscale_factor == 0,
                    "pixel_unshuffle: downscale_factor ({}) must divide height and width of the "
                    "input {}",
                    downscale_factor, x.shape());
  return shuffle(x, downscale_factor, false);
}

Tensor channel_shuffle(const Tensor& x, int64_t groups) {
  detail::check_defined("channel_shuffle", x);
  check<ShapeError>(x.dim() >= 3 && x.dim() < Shape::max_rank,
                    "channel_shuffle: expected an input [N, C, L, ...], got shape {}", x.shape());
  check(groups > 0, "channel_shuffle: expected at least one group, got {}", groups);
  check<ShapeError>(x.size(1) % groups == 0,
                    "channel_shuffle: groups ({}) must divide the channels of the input {}", groups,
                    x.shape());
  return shuffle_channels(x, groups);
}

}  // namespace rw
