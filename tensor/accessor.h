#pragma once

#include <cstdint>

#pragma GCC visibility push(default)

namespace rw {

/// Elements of type T of an N-dimensional tensor, by indices that nothing checks: what
/// `Tensor::accessor` returns. An index gives the accessor of what lies there, the last one an
/// element.
template <class T, int N>
class TensorAccessor {
  static_assert(N >= 1, "a tensor of rank 0 holds one element: item()");

 public:
  /// Over N sizes and strides (in elements), which have to live as long.
  TensorAccessor(T* data, const int64_t* sizes, const int64_t* strides)
      : data_(data), sizes_(sizes), strides_(strides) {}

  /// The element at i, or the accessor of the rest, of N - 1 dimensions.
  decltype(auto) operator[](int64_t i) const {
    T* at = data_ + i * strides_[0];
    if constexpr (N == 1)
      return static_cast<T&>(*at);
    else
      return TensorAccessor<T, N - 1>(at, sizes_ + 1, strides_ + 1);
  }
  /// Pointer to the first element.
  T* data() const { return data_; }
  /// Of dimension d, counted from 0.
  int64_t size(int d) const { return sizes_[d]; }
  /// Of dimension d, in elements.
  int64_t stride(int d) const { return strides_[d]; }

 private:
  T* data_;
  const int64_t* sizes_;
  const int64_t* strides_;
};

}  // namespace rw

#pragma GCC visibility pop
