#pragma once

#include <cstdint>
#include <limits>

#pragma GCC visibility push(default)

namespace rw {

class Tensor;

/// start:stop:step as in Python; step must be positive.
struct Slice {
  static constexpr int64_t none = std::numeric_limits<int64_t>::max();
  int64_t start = 0;
  int64_t stop = none;
  int64_t step = 1;

  Slice() = default;
  Slice(int64_t begin, int64_t end = none, int64_t stride = 1)
      : start(begin), stop(end), step(stride) {}
};
struct EllipsisType {};
struct NoneType {};
/// Stands for as many full slices as are missing.
inline constexpr EllipsisType Ellipsis{};
/// Adds a dimension of size one.
inline constexpr NoneType None{};

/// One entry of `x.index({...})`: a number, a Slice, Ellipsis, None, an int64 tensor or a mask. An
/// int64 tensor of rank 0 counts as its number.
/// Refers to a tensor argument, so it lives only as long as the call.
class Index {
 public:
  enum class Kind : uint8_t { integer, slice, ellipsis, none, tensor };

  Index(int64_t i) : kind(Kind::integer), integer(i) {}
  Index(int i) : Index(static_cast<int64_t>(i)) {}
  Index(Slice s) : kind(Kind::slice), slice(s) {}
  Index(EllipsisType) : kind(Kind::ellipsis) {}
  Index(NoneType) : kind(Kind::none) {}
  Index(const Tensor& t) : kind(Kind::tensor), tensor(&t) {}

  Kind kind;
  int64_t integer = 0;
  Slice slice;
  const Tensor* tensor = nullptr;
};

}  // namespace rw

#pragma GCC visibility pop
