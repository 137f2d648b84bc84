#include <rewind/tensor/from.h>

#include <algorithm>
#include <cstring>

#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/leaf.h>
#include <rewind/tensor/number.h>

namespace rw::detail {

namespace {

void check_count(size_t count, const Shape& shape) {
  for (const int64_t n : shape)
    check<ShapeError>(n >= 0, "from: a size of the shape {} is negative", shape);
  check<ShapeError>(static_cast<int64_t>(count) == shape.numel(),
                    "from: {} values do not fill the shape {}", count, shape);
}

// Elements [0, numel) of a fresh tensor become what number(i) gives.
template <class F>
Tensor filled_with(Tensor t, F number) {
  dispatch(t.dtype(), [&]<class T>() {
    T* p = static_cast<T*>(t.raw_data());
    for (int64_t i = 0, n = t.numel(); i < n; ++i) p[i] = checked_element<T>("from", number(i));
  });
  return t;
}

}  // namespace

void fail_ragged() { throw ShapeError("from: rows differ in length"); }

Tensor from_data(const void* data, size_t count, const Shape& shape, DType given,
                 const TensorOptions& options) {
  check_count(count, shape);
  const Tensor t = make_leaf("from", shape, options, given);
  if (t.dtype() == given) {
    if (count) std::memcpy(t.raw_data(), data, t.nbytes());
    return t;
  }
  return dispatch(given, [&]<class T>() {
    return filled_with(t, [p = static_cast<const T*>(data)](int64_t i) { return Scalar(p[i]); });
  });
}

Tensor from_numbers(std::span<const Scalar> values, const Shape& shape,
                    const TensorOptions& options) {
  check_count(values.size(), shape);
  DType kind = values.empty() ? DType::float64 : DType::boolean;
  for (const Scalar& v : values) kind = std::max(kind, v.dtype());
  const DType inferred = is_floating(kind) ? get_default_dtype() : kind;
  return filled_with(make_leaf("from", shape, options, inferred),
                     [&](int64_t i) { return values[static_cast<size_t>(i)]; });
}

}  // namespace rw::detail
