#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(default)

namespace rw {

/// Element types. Gradients flow through the floating ones.
enum class DType : uint8_t { boolean, uint8, int64, bfloat16, float32, float64 };

inline constexpr DType boolean = DType::boolean;
inline constexpr DType uint8 = DType::uint8;
inline constexpr DType int64 = DType::int64;
inline constexpr DType bfloat16 = DType::bfloat16;
inline constexpr DType float32 = DType::float32;
inline constexpr DType float64 = DType::float64;

/// The upper half of a float32: same range, 8 bits of precision. Rounds to nearest even.
struct BFloat16 {
  uint16_t bits = 0;

  BFloat16() = default;
  explicit BFloat16(float f) {
    const auto u = std::bit_cast<uint32_t>(f);
    const bool nan = (u & 0x7fffffffu) > 0x7f800000u;
    bits = static_cast<uint16_t>(nan ? (u >> 16) | 0x40u : (u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
  }
  explicit BFloat16(double d) : BFloat16(static_cast<float>(d)) {}
  explicit BFloat16(int64_t i) : BFloat16(static_cast<float>(i)) {}
  operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

/// "float32", "bfloat16", "bool", …
const char* name(DType dtype);
constexpr size_t itemsize(DType dtype) {
  constexpr size_t sizes[] = {1, 1, 8, 2, 4, 8};
  return sizes[static_cast<int>(dtype)];
}
constexpr bool is_floating(DType dtype) { return dtype >= DType::bfloat16; }
/// The floating type of what names none: `zeros({2})`, `from({1.5})`, `full({2}, 0.5)`, an integer
/// tensor times 0.5 or divided. float32 unless set, for the whole process at once. Throws
/// DTypeError for a type that is not floating.
void set_default_dtype(DType dtype);
DType get_default_dtype();
/// The type two operands compute in: the larger category wins, then the larger type.
constexpr DType promote_types(DType a, DType b) { return a > b ? a : b; }

template <class T>
struct DTypeOf;
template <>
struct DTypeOf<bool> {
  static constexpr DType value = DType::boolean;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType value = DType::uint8;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType value = DType::int64;
};
template <>
struct DTypeOf<BFloat16> {
  static constexpr DType value = DType::bfloat16;
};
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::float32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::float64;
};
/// The DType of a C++ element type: `dtype_of<float>` is float32.
template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

/// The C++ type of a tensor's elements that holds numbers of type T: int64_t for all integers but
/// bool and uint8_t, double for long double, T itself otherwise.
template <class T>
using ElementOf = std::conditional_t<
    std::is_same_v<T, bool> || std::is_same_v<T, uint8_t>, T,
    std::conditional_t<std::is_integral_v<T>, int64_t,
                       std::conditional_t<std::is_same_v<T, long double>, double, T>>>;

namespace detail {
[[noreturn]] void fail_too_large(uint64_t v);
[[noreturn]] void fail_not_held(const char* op, int64_t v, size_t bits, bool with_sign);
/// An integer as int64; throws Error where that can't hold it.
template <class T>
int64_t as_int64(T v) {
  if constexpr (std::is_unsigned_v<T> && sizeof(T) >= sizeof(int64_t)) {
    if (v > static_cast<T>(std::numeric_limits<int64_t>::max())) [[unlikely]]
      fail_too_large(v);
  }
  return static_cast<int64_t>(v);
}
}  // namespace detail

/// v as a T. Where T is an integer, the fraction is dropped, what lies beyond gives the nearest
/// value of T, and NaN gives 0, on every machine.
template <class T>
constexpr T number_cast(double v) {
  if constexpr (!std::is_integral_v<T> || std::is_same_v<T, bool>) {
    return static_cast<T>(v);
  } else {
    constexpr T least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
    if constexpr (least != 0) v = v == v ? v : 0;
    if constexpr (sizeof(T) < sizeof(int)) {  // without a branch, for loops; NaN is not > 0
      v = v > least ? v : least;
      return static_cast<T>(static_cast<int>(v < most ? v : most));
    }
    // `most` may round to a double just beyond, which is out of range itself.
    if (v >= static_cast<double>(most)) return most;
    return v <= static_cast<double>(least) ? least : static_cast<T>(v);
  }
}

/// v as a T; Error, naming `op`, where T is another integer type and can't hold it.
template <class T>
constexpr T integer_cast(const char* op, int64_t v) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
    if (!std::in_range<T>(v)) [[unlikely]]
      detail::fail_not_held(op, v, 8 * sizeof(T), std::is_signed_v<T>);
  return static_cast<T>(v);
}

/// A number on its way into an op (`x * 2`, `x.fill_(0.5)`): keeps its kind, so that an integer
/// does not turn an integer tensor into a floating one. Made of any arithmetic type; throws Error
/// for an unsigned integer beyond int64.
class Scalar {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> Scalar(T v) {
    if constexpr (std::is_floating_point_v<T>) {
      d_ = static_cast<double>(v);
      dtype_ = DType::float64;
    } else {
      i_ = detail::as_int64(v);
      dtype_ = std::is_same_v<T, bool> ? DType::boolean : DType::int64;
    }
  }
  Scalar(BFloat16 v) : Scalar(static_cast<float>(v)) {}

  /// boolean, int64 or float64: the category that counts in promotion.
  DType dtype() const { return dtype_; }
  bool is_floating() const { return dtype_ == DType::float64; }
  double to_double() const { return is_floating() ? d_ : static_cast<double>(i_); }
  /// Without a fraction; the nearest where int64 can't hold it, and 0 for NaN.
  int64_t to_int64() const { return is_floating() ? number_cast<int64_t>(d_) : i_; }

 private:
  union {
    double d_;
    int64_t i_;
  };
  DType dtype_;
};

/// The type of `tensor op scalar`: the tensor's, unless the scalar is of a higher category
/// (then the default dtype for a floating scalar, int64 for an integer with a bool tensor).
inline DType promote_scalar(DType tensor, DType scalar) {
  if (scalar == DType::float64) return is_floating(tensor) ? tensor : get_default_dtype();
  if (scalar == DType::int64 && tensor == DType::boolean) return DType::int64;
  return tensor;
}

}  // namespace rw

#pragma GCC visibility pop
