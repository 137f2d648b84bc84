#include <rewind/data/transforms/image_planes.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include <rewind/kernels/index/copy.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/wide.h>

namespace rw::data::transforms::detail {
namespace {

constexpr int64_t longest = std::numeric_limits<int32_t>::max();

const char* name_of(BorderMode mode) {
  constexpr const char* names[] = {"constant", "edge", "reflect", "symmetric", "circular"};
  return names[static_cast<int>(mode)];
}

// The source of place i of an axis of n pixels; -1 for none.
int64_t source_of(int64_t i, int64_t n, BorderMode mode) {
  if (0 <= i && i < n) return i;
  switch (mode) {
    case BorderMode::constant:
      return -1;
    case BorderMode::edge:
      return i < 0 ? 0 : n - 1;
    case BorderMode::reflect:
      return i < 0 ? -i : 2 * (n - 1) - i;
    case BorderMode::symmetric:
      return i < 0 ? -i - 1 : 2 * n - 1 - i;
    case BorderMode::circular:
      break;
  }
  return i < 0 ? i + n : i - n;
}

// How much of an axis of n pixels can be added at one side.
int64_t room_of(int64_t n, BorderMode mode) {
  switch (mode) {
    case BorderMode::constant:
      return std::numeric_limits<int64_t>::max();
    case BorderMode::edge:
      return n > 0 ? std::numeric_limits<int64_t>::max() : 0;
    case BorderMode::reflect:
      return n - 1;
    default:
      return n;
  }
}

bool is_inside(const Tensor& x, const Window& w) {
  return w.top >= 0 && w.left >= 0 && w.top + w.height <= height_of(x) &&
         w.left + w.width <= width_of(x);
}

// Rows of a window; T has the size of an element.
template <class T>
class Copier {
 public:
  Copier(const Planes& from, const Window& w, BorderMode mode)
      : from_(from),
        w_(w),
        mode_(mode),
        // of the places that lie inside
        begin_(std::clamp<int64_t>(-w.left, 0, w.width)),
        end_(std::clamp<int64_t>(from.width - w.left, begin_, w.width)) {}

  void run(int64_t plane, T value, T* y) const {
    for (int64_t r = 0; r < w_.height; ++r, y += w_.width) {
      const int64_t source = source_of(w_.top + r, from_.height, mode_);
      if (source < 0)
        std::fill_n(y, w_.width, value);
      else
        copy_row(reinterpret_cast<const T*>(from_.row(plane, source)), value, y);
    }
  }

 private:
  void copy_row(const T* x, T value, T* y) const {
    fill(x, value, y, 0, begin_);
    if (begin_ < end_)
      std::memcpy(y + begin_, x + w_.left + begin_, static_cast<size_t>(end_ - begin_) * sizeof(T));
    fill(x, value, y, end_, w_.width);
  }
  void fill(const T* x, T value, T* y, int64_t begin, int64_t end) const {
    if (mode_ == BorderMode::constant)
      std::fill(y + begin, y + end, value);
    else
      for (int64_t i = begin; i < end; ++i) y[i] = x[source_of(w_.left + i, from_.width, mode_)];
  }

  const Planes& from_;
  const Window& w_;
  const BorderMode mode_;
  const int64_t begin_, end_;
};

// The bits of a number, which check_fill has seen, as an element of x.
template <class T>
T element_of(DType dtype, double value) {
  T bits{};
  dispatch(dtype, [&]<class E>() {
    const E element = static_cast<E>(value);
    if constexpr (sizeof(E) == sizeof(T)) std::memcpy(&bits, &element, sizeof(T));
  });
  return bits;
}

}  // namespace

void check_image(const char* op, const Tensor& x) {
  check(x.defined(), "{}: the image is undefined", op);
  check<ShapeError>(x.dim() >= 3, "{}: expected an image [..., C, H, W], got shape {}", op,
                    x.shape());
}

void check_pixels(const char* op, const Tensor& x) {
  check_image(op, x);
  check<DTypeError>(x.dtype() == uint8 || x.dtype() == float32 || x.dtype() == float64,
                    "{}: expected an image of uint8, float32 or float64, got {}", op, x.dtype());
}

void check_colors(const char* op, const Tensor& x) {
  check_pixels(op, x);
  check<ShapeError>(channels_of(x) == 1 || channels_of(x) == 3,
                    "{}: expected 1 or 3 channels, got {} in shape {}", op, channels_of(x),
                    x.shape());
}

void check_fill(const char* op, const Fill& fill, const Tensor& x) {
  const auto count = static_cast<int64_t>(fill.values.size());
  check<ShapeError>(count == 1 || count == channels_of(x),
                    "{}: expected a fill of one number or of one for each of {} channels, got {}",
                    op, channels_of(x), count);
  dispatch(x.dtype(), [&]<class T>() {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
      for (const double v : fill.values)
        check(v > static_cast<double>(std::numeric_limits<T>::min()) - 1 &&
                  v < static_cast<double>(std::numeric_limits<T>::max()) + 1,
              "{}: {} can't hold the fill {}", op, x.dtype(), v);
  });
}

void check_size(const char* op, Size2 size) {
  const auto fits = [](int64_t n) { return 0 < n && n <= longest; };
  check<ShapeError>(fits(size.h()) && fits(size.w()),
                    "{}: expected a size from 1 to 2^31 - 1, got {} x {}", op, size.h(), size.w());
}

void check_factor(const char* op, double factor) {
  check(factor >= 0 && std::isfinite(factor), "{}: expected a factor of at least 0, got {}", op,
        factor);
}

void check_warping_mode(const char* op, InterpolateMode mode) {
  check(mode == InterpolateMode::nearest || mode == InterpolateMode::bilinear,
        "{}: expected an interpolation of nearest or bilinear", op);
}

void check_positive_range(const char* op, const char* what, const Range& range) {
  check(0 < range.first && range.first <= range.second && std::isfinite(range.second),
        "{}: expected {} from more than 0 on to a number that is not less, got {} to {}", op, what,
        range.first, range.second);
}

double greatest_of(DType dtype) {
  double greatest = 1;
  dispatch(dtype, [&]<class T>() {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
      greatest = static_cast<double>(std::numeric_limits<T>::max());
  });
  return greatest;
}

Shape shape_with(const Tensor& x, int64_t height, int64_t width) {
  Shape shape = x.shape();
  shape[shape.rank() - 2] = height;
  shape[shape.rank() - 1] = width;
  return shape;
}

Tensor as_batch(const Tensor& x) {
  if (x.dim() == 4) return x;
  if (x.dim() == 3) return x.unsqueeze(0);
  int64_t count = 1;
  for (int d = 0; d + 3 < x.dim(); ++d) count *= x.size(d);
  return x.reshape({count, channels_of(x), height_of(x), width_of(x)});
}

Planes planes_of(const Tensor& x) {
  const int rank = x.dim();
  const Shape& shape = x.shape();
  const Strides& strides = x.strides();
  bool even = shape[rank - 1] <= 1 || strides[rank - 1] == 1;
  for (int d = 0; d + 3 < rank; ++d)
    even &= shape[d] == 1 || strides[d] == strides[d + 1] * shape[d + 1];
  const Tensor image = even ? x : x.contiguous();
  const int64_t height = height_of(x), width = width_of(x);
  int64_t count = 1;
  for (int d = 0; d + 2 < rank; ++d) count *= shape[d];
  return {image, count, height, width, image.stride(-3), image.stride(-2)};
}

void check_room(const char* op, const Tensor& x, const Window& w, BorderMode mode) {
  const auto check_axis = [&](int64_t begin, int64_t size, int64_t n, const char* axis) {
    const int64_t most = std::max(-begin, begin + size - n);
    const int64_t room = std::max<int64_t>(room_of(n, mode), 0);
    check<ShapeError>(most <= room, "{}: {} adds at most {} pixels to a {} of {}, got {}", op,
                      name_of(mode), room, axis, n, most);
  };
  check_axis(w.top, w.height, height_of(x), "height");
  check_axis(w.left, w.width, width_of(x), "width");
}

Tensor window_of(const char* op, const Tensor& x, const Window& w, BorderMode mode,
                 const Fill& fill) {
  check<ShapeError>(w.height >= 0 && w.width >= 0, "{}: expected a size of at least 0, got {} x {}",
                    op, w.height, w.width);
  for (const int64_t v : {w.top, w.left, w.height, w.width})
    check<ShapeError>(-longest <= v && v <= longest, "{}: expected places up to 2^31 - 1, got {}",
                      op, v);
  check_fill(op, fill, x);
  const Shape shape = shape_with(x, w.height, w.width);
  if (is_inside(x, w)) {
    const Strides& strides = x.strides();
    const int rank = x.dim();
    return rw::detail::make_view(
        x, shape, strides,
        x.impl()->offset + w.top * strides[rank - 2] + w.left * strides[rank - 1]);
  }
  check_room(op, x, w, mode);
  rw::detail::check_allocatable(op, shape, x.dtype());
  const Tensor y = rw::detail::make_tensor(shape, x.dtype());
  const Planes from = planes_of(x);
  const int64_t channels = channels_of(x), size = w.height * w.width;
  kernels::by_itemsize(x.itemsize(), [&]<class T>() {
    const Copier<T> copier(from, w, mode);
    T* to = static_cast<T*>(y.raw_data());
    for (int64_t p = 0; p < from.count; ++p) {
      const size_t channel = fill.values.size() == 1 ? 0 : static_cast<size_t>(p % channels);
      copier.run(p, element_of<T>(x.dtype(), fill.values[channel]), to + p * size);
    }
  });
  return y;
}

}  // namespace rw::data::transforms::detail
