#include <rewind/tensor/factories.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/leaf.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/parallel.h>

namespace rw {

using namespace detail;

namespace detail {

DType chosen_dtype(const char* op, const TensorOptions& options, DType otherwise) {
  const DType dtype = options.dtype.value_or(otherwise);
  check<DTypeError>(!options.requires_grad || is_floating(dtype),
                    "{}: only floating tensors can require a gradient, got dtype {}", op, dtype);
  return dtype;
}

Tensor make_leaf(const char* op, const Shape& shape, const Strides& strides,
                 const TensorOptions& options, DType otherwise) {
  Tensor t = make_tensor(shape, strides, chosen_dtype(op, options, otherwise));
  if (options.requires_grad) t.requires_grad_();
  return t;
}
Tensor make_leaf(const char* op, const Shape& shape, const TensorOptions& options,
                 DType otherwise) {
  return make_leaf(op, shape, contiguous_strides(shape), options, otherwise);
}
Tensor make_leaf_like(const char* op, const Tensor& t, const TensorOptions& options) {
  check(t.defined(), "{}: the tensor is undefined", op);
  return make_leaf(op, t.shape(), dense_strides_like(t), options, t.dtype());
}

}  // namespace detail

namespace {

constexpr int64_t grain = 1 << 15;

// Sets element i of a fresh (dense) tensor to f(i), which its dtype holds.
template <class F>
Tensor generate(Tensor t, const F& f) {
  dispatch(t.dtype(), [&]<class T>() {
    T* p = static_cast<T*>(t.raw_data());
    parallel_for(0, t.numel(), grain, [&](int64_t b, int64_t e) {
      const auto own = f;  // which nothing can point to: makes vectors
      for (int64_t i = b; i < e; ++i) p[i] = static_cast<T>(own(i));
    });
  });
  return t;
}

Tensor filled(const char* op, Tensor t, Scalar value) {
  dispatch(t.dtype(), [&]<class T>() {
    T* p = static_cast<T*>(t.raw_data());
    const T v = checked_element<T>(op, value);
    parallel_for(0, t.numel(), grain, [&](int64_t b, int64_t e) {
      const T own = v;
      std::fill(p + b, p + e, own);
    });
  });
  return t;
}

Tensor cleared(Tensor t) {
  char* p = static_cast<char*>(t.raw_data());
  parallel_for(0, static_cast<int64_t>(t.nbytes()), grain * 8,
               [&](int64_t b, int64_t e) { std::memset(p + b, 0, static_cast<size_t>(e - b)); });
  return t;
}

}  // namespace

Tensor empty(const Shape& shape, const TensorOptions& options, MemoryFormat format) {
  const bool channels_last = format == MemoryFormat::channels_last;
  return make_leaf("empty", shape,
                   channels_last ? channels_last_strides(shape) : contiguous_strides(shape),
                   options, get_default_dtype());
}
Tensor zeros(const Shape& shape, const TensorOptions& options) {
  return cleared(make_leaf("zeros", shape, options));
}
Tensor ones(const Shape& shape, const TensorOptions& options) {
  return filled("ones", make_leaf("ones", shape, options), 1);
}
Tensor full(const Shape& shape, Scalar value, const TensorOptions& options) {
  const DType inferred = value.is_floating() ? get_default_dtype() : value.dtype();
  return filled("full", make_leaf("full", shape, options, inferred), value);
}
Tensor scalar_tensor(Scalar value, const TensorOptions& options) {
  return filled("scalar_tensor", make_leaf("scalar_tensor", {}, options), value);
}
Tensor detail::number(const char* op, Scalar value, DType dtype) {
  return filled(op, make_tensor({}, dtype), value);
}

// --- Ranges -------------------------------------------------------------------------------------

namespace {

template <class T>
void check_way(T start, T end, T step) {
  check(step != 0, "arange: the step must not be 0");
  check(step > 0 ? start <= end : start >= end,
        "arange: from {} to {} by a step of {} leads nowhere", start, end, step);
}

// a, a + d … in unsigned numbers, in which nothing overflows.
Tensor integers(uint64_t a, uint64_t d, int64_t n, const TensorOptions& options) {
  const auto at = [=](int64_t i) { return static_cast<int64_t>(a + d * static_cast<uint64_t>(i)); };
  const Tensor t = make_leaf("arange", n, options, DType::int64);
  for (const int64_t i : {int64_t{0}, n - 1})
    if (n > 0) check_held("arange", at(i), t.dtype());
  return generate(t, at);
}

Tensor integer_range(int64_t start, int64_t end, int64_t step, const TensorOptions& options) {
  check_way(start, end, step);
  const auto a = static_cast<uint64_t>(start), d = static_cast<uint64_t>(step);
  const uint64_t way = step > 0 ? static_cast<uint64_t>(end) - a : a - static_cast<uint64_t>(end);
  const uint64_t stride = step > 0 ? d : 0 - d;
  const uint64_t count = way / stride + (way % stride != 0);
  check<ShapeError>(count <= INT64_MAX, "arange: {} values are too many", count);
  return integers(a, d, static_cast<int64_t>(count), options);
}

int64_t count_between(double start, double end, double step) {
  check(std::isfinite(start) && std::isfinite(end) && std::isfinite(step),
        "arange: expected finite numbers, got {} to {} by {}", start, end, step);
  check_way(start, end, step);
  const double count = std::ceil((end - start) / step);
  check<ShapeError>(count < 0x1p63, "arange: {} values are too many", count);
  return static_cast<int64_t>(count);
}

Tensor floating_range(double start, double end, double step, const TensorOptions& options) {
  const int64_t n = count_between(start, end, step);
  const auto at = [=](int64_t i) { return start + step * static_cast<double>(i); };
  const Tensor t = make_leaf("arange", n, options);
  for (const int64_t i : {int64_t{0}, n - 1})
    if (n > 0) check_held("arange", at(i), t.dtype());
  return generate(t, at);
}

}  // namespace

Tensor arange(Scalar end, const TensorOptions& options) { return arange(0, end, 1, options); }
Tensor arange(Scalar start, Scalar end, const TensorOptions& options) {
  return arange(start, end, 1, options);
}
Tensor arange(Scalar start, Scalar end, Scalar step, const TensorOptions& options) {
  const bool floating = start.is_floating() || end.is_floating() || step.is_floating();
  if (floating && is_floating(options.dtype.value_or(get_default_dtype())))
    return floating_range(start.to_double(), end.to_double(), step.to_double(), options);
  const auto integer = [](Scalar v) { return checked_element<int64_t>("arange", v); };
  const int64_t first = integer(start), last = integer(end), by = integer(step);
  if (!floating) return integer_range(first, last, by, options);
  // Integers drop the fractions of where they start and of their step, not of how many they are.
  return integers(static_cast<uint64_t>(first), static_cast<uint64_t>(by),
                  count_between(start.to_double(), end.to_double(), step.to_double()), options);
}

Tensor linspace(double start, double end, int64_t steps, const TensorOptions& options) {
  check(steps >= 0, "linspace: expected steps >= 0, got {}", steps);
  const Tensor t = make_leaf("linspace", steps, options);
  if (!is_floating(t.dtype())) start = std::trunc(start), end = std::trunc(end);
  check_held("linspace", start, t.dtype());
  check_held("linspace", end, t.dtype());
  const auto intervals = static_cast<double>(steps - 1);
  double d = steps > 1 ? (end - start) / intervals : 0;
  if (std::isinf(d)) d = end / intervals - start / intervals;  // the difference overflows
  // From both ends, so that the last value is `end` itself.
  return generate(t, [=](int64_t i) {
    return 2 * i < steps ? start + d * static_cast<double>(i)
                         : end - d * static_cast<double>(steps - 1 - i);
  });
}

Tensor eye(int64_t n, const TensorOptions& options) { return eye(n, -1, options); }
Tensor eye(int64_t n, int64_t m, const TensorOptions& options) {
  check<ShapeError>(n >= 0 && m >= -1, "eye: expected sizes that are not negative, got {} and {}",
                    n, m);
  if (m < 0) m = n;
  check<ShapeError>(m == 0 || n <= INT64_MAX / m, "eye: a tensor can't have the shape [{}, {}]", n,
                    m);
  const Tensor t = cleared(make_leaf("eye", {n, m}, options));
  dispatch(t.dtype(), [&]<class T>() {
    T* p = static_cast<T*>(t.raw_data());
    for (int64_t i = 0; i < std::min(n, m); ++i) p[i * (m + 1)] = static_cast<T>(1.f);
  });
  return t;
}

// --- Like another -------------------------------------------------------------------------------

Tensor empty_like(const Tensor& t, const TensorOptions& options) {
  return make_leaf_like("empty_like", t, options);
}
Tensor zeros_like(const Tensor& t, const TensorOptions& options) {
  return cleared(make_leaf_like("zeros_like", t, options));
}
Tensor ones_like(const Tensor& t, const TensorOptions& options) {
  return filled("ones_like", make_leaf_like("ones_like", t, options), 1);
}
Tensor full_like(const Tensor& t, Scalar value, const TensorOptions& options) {
  return filled("full_like", make_leaf_like("full_like", t, options), value);
}

// --- Memory of others ---------------------------------------------------------------------------

Tensor from_blob(void* data, const Shape& shape, const TensorOptions& options) {
  const DType dtype = chosen_dtype("from_blob", options, get_default_dtype());
  for (const int64_t n : shape)
    check<ShapeError>(n >= 0, "from_blob: a size of the shape {} is negative", shape);
  int64_t bytes = shape.numel();
  if (__builtin_mul_overflow(bytes, static_cast<int64_t>(itemsize(dtype)), &bytes))
    shape.fail_too_large();
  check(data || bytes == 0, "from_blob: a null pointer can't hold the shape {}", shape);
  Tensor t = make_tensor(Storage::external(data, static_cast<size_t>(bytes), nullptr, nullptr),
                         dtype, shape, contiguous_strides(shape));
  if (options.requires_grad) t.requires_grad_();
  return t;
}

}  // namespace rw
