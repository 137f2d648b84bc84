#pragma once

#include <cstdint>
#include <limits>

#pragma GCC visibility push(default)

namespace rw {

class Tensor;

/// The type of Ellipsis.
struct EllipsisType {};
/// The type of None.
struct NoneType {};
/// Stands for as many full slices as are missing.
inline constexpr EllipsisType Ellipsis{};
/// Adds a dimension of size one; as a bound of a Slice, that end.
inline constexpr NoneType None{};

/// start:stop:step as in Python; step must be positive.
struct Slice {
  static constexpr int64_t none = std::numeric_limits<int64_t>::max();  ///< a stop at the end
  int64_t start = 0;    ///< the first index; a negative one counts from the end
  int64_t stop = none;  ///< the first index left out; a negative one counts from the end
  int64_t step = 1;     ///< positive

  /// Everything.
  Slice() = default;
  /// From `begin` up to `end`, exclusive, by steps of `stride`.
  Slice(int64_t begin, int64_t end = none, int64_t stride = 1)
      : start(begin), stop(end), step(stride) {}
  ///@{
  /// From, or up to, an end.
  Slice(NoneType, int64_t end = none, int64_t stride = 1) : stop(end), step(stride) {}
  Slice(int64_t begin, NoneType, int64_t stride = 1) : start(begin), step(stride) {}
  Slice(NoneType, NoneType, int64_t stride = 1) : step(stride) {}
  ///@}
};

/// One entry of `x.index({...})`: a number, a Slice, Ellipsis, None, a tensor of signed integers or
/// a mask. An integer tensor of rank 0 counts as its number. Refers to a tensor argument, so it
/// lives only as long as the call.
class Index {
 public:
  /// What it is.
  enum class Kind : uint8_t {
    integer,   ///< a number: one place of a dimension, which goes away
    slice,     ///< a Slice
    ellipsis,  ///< Ellipsis
    none,      ///< None
    tensor     ///< a tensor of indices, or a mask
  };

  ///@{
  /// What can stand in an index.
  Index(int64_t i) : kind(Kind::integer), integer(i) {}
  Index(int i) : Index(static_cast<int64_t>(i)) {}
  Index(Slice s) : kind(Kind::slice), slice(s) {}
  Index(EllipsisType) : kind(Kind::ellipsis) {}
  Index(NoneType) : kind(Kind::none) {}
  Index(const Tensor& t) : kind(Kind::tensor), tensor(&t) {}
  ///@}
  /// "...", as libtorch writes Ellipsis. Throws IndexError for any other text.
  Index(const char* dots);

  Kind kind;                       ///< which of the following counts
  int64_t integer = 0;             ///< a place; a negative one counts from the end
  Slice slice;                     ///< a range of places
  const Tensor* tensor = nullptr;  ///< int64 indices, or a bool mask
};

}  // namespace rw

#pragma GCC visibility pop
