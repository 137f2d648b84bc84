#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(default)

namespace rw {

struct Float16;
struct BFloat16;

/// The element types: enumerator, C++ type, name. Each ranks above those before it in promotion.
#define REWIND_DTYPES(_)            \
  _(boolean, bool, "bool")          \
  _(uint8, uint8_t, "uint8")        \
  _(int8, int8_t, "int8")           \
  _(int16, int16_t, "int16")        \
  _(int32, int32_t, "int32")        \
  _(int64, int64_t, "int64")        \
  _(float16, Float16, "float16")    \
  _(bfloat16, BFloat16, "bfloat16") \
  _(float32, float, "float32")      \
  _(float64, double, "float64")

/// Element types, those of REWIND_DTYPES: bool, integers of 8 to 64 bits, and floating numbers of
/// 16 to 64 bits. Gradients flow through the floating ones.
enum class DType : uint8_t {
#define REWIND_DTYPE(dtype, T, name) dtype,
  REWIND_DTYPES(REWIND_DTYPE)  // boolean, …
#undef REWIND_DTYPE
};

///@{
/// The enumerator of this name: `zeros({2}, float64)`.
#define REWIND_DTYPE(dtype, T, name) inline constexpr DType dtype = DType::dtype;
REWIND_DTYPES(REWIND_DTYPE)  // boolean, …
#undef REWIND_DTYPE
///@}

/// IEEE 754's binary16: 11 bits of precision, up to 65504. Rounds to nearest even.
struct Float16 {
  uint16_t bits = 0;  ///< sign, 5 bits of the exponent, 10 of the fraction

  /// Zero.
  Float16() = default;
  ///@{
  /// The nearest number; infinity beyond the range.
  explicit Float16(float f) {
    const auto u = std::bit_cast<uint32_t>(f);
    const uint32_t sign = (u >> 16) & 0x8000u, magnitude = u & 0x7fffffffu;
    uint32_t rest = 0;
    if (magnitude > 0x7f800000u)  // NaN
      rest = 0x7e00u | ((magnitude >> 13) & 0x3ffu);
    else if (magnitude >= 0x47800000u)  // 2^16
      rest = 0x7c00u;
    else if (magnitude < 0x38800000u)  // 2^-14: 0.5 has the last place that its numbers need
      rest = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
    else
      rest = (magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
    bits = static_cast<uint16_t>(sign | rest);
  }
  explicit Float16(double d) : Float16(static_cast<float>(d)) {}
  explicit Float16(int64_t i) : Float16(static_cast<float>(i)) {}
  ///@}
  /// The same number: float32 holds all of them.
  operator float() const {
    const uint32_t sign = (bits & 0x8000u) << 16, rest = bits & 0x7fffu;
    uint32_t u = (rest << 13) + (rest < 0x7c00u ? 0x38000000u : 0x70000000u);
    if (rest < 0x400u)  // a multiple of 2^-24
      u = std::bit_cast<uint32_t>(std::bit_cast<float>((rest << 13) + 0x38800000u) - 0x1p-14f);
    return std::bit_cast<float>(sign | u);
  }
};

/// The upper half of a float32: same range, 8 bits of precision. Rounds to nearest even.
struct BFloat16 {
  uint16_t bits = 0;  ///< sign, 8 bits of the exponent, 7 of the fraction

  /// Zero.
  BFloat16() = default;
  ///@{
  /// The nearest number; infinity beyond the range.
  explicit BFloat16(float f) {
    const auto u = std::bit_cast<uint32_t>(f);
    const bool nan = (u & 0x7fffffffu) > 0x7f800000u;
    bits = static_cast<uint16_t>(nan ? (u >> 16) | 0x40u : (u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
  }
  explicit BFloat16(double d) : BFloat16(static_cast<float>(d)) {}
  explicit BFloat16(int64_t i) : BFloat16(static_cast<float>(i)) {}
  ///@}
  /// The same number: float32 holds all of them.
  operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

/// "float32", "bfloat16", "bool", …
const char* name(DType dtype);
/// Bytes of an element.
constexpr size_t itemsize(DType dtype) {
  constexpr size_t sizes[] = {
#define REWIND_DTYPE(dtype, T, name) sizeof(T),
      REWIND_DTYPES(REWIND_DTYPE)  // of bool, …
#undef REWIND_DTYPE
  };
  return sizes[static_cast<int>(dtype)];
}
/// float16, bfloat16, float32 and float64.
constexpr bool is_floating(DType dtype) { return dtype >= DType::float16; }
/// uint8 to int64; bool is none.
constexpr bool is_integer(DType dtype) { return dtype >= DType::uint8 && dtype <= DType::int64; }
/// float16 and bfloat16, in which numbers are stored but not computed.
constexpr bool is_reduced_floating(DType dtype) {
  return dtype == DType::float16 || dtype == DType::bfloat16;
}
/// The type in which numbers of a dtype are computed: float32 for the reduced ones, its own for
/// every other.
constexpr DType compute_dtype(DType dtype) {
  return is_reduced_floating(dtype) ? DType::float32 : dtype;
}
/// The floating type of what names none: `zeros({2})`, `from({1.5})`, `full({2}, 0.5)`, an integer
/// tensor times 0.5 or divided. float32 unless set, for the whole process at once. Throws
/// DTypeError for a type that is not floating.
void set_default_dtype(DType dtype);
/// What set_default_dtype has set.
DType get_default_dtype();
/// The type two operands compute in: the larger category wins (bool, integers, floating types),
/// then the larger type; what neither of two types holds takes the next one that holds both.
constexpr DType promote_types(DType a, DType b) {
  const DType low = a < b ? a : b, high = a < b ? b : a;
  if (low == DType::uint8 && high == DType::int8) return DType::int16;
  if (low == DType::float16 && high == DType::bfloat16) return DType::float32;
  return high;
}

/// Holds the DType of a C++ element type as `value`; see dtype_of.
template <class T>
struct DTypeOf;
/// @cond
#define REWIND_DTYPE(dtype, T, name)             \
  template <>                                    \
  struct DTypeOf<T> {                            \
    static constexpr DType value = DType::dtype; \
  };
REWIND_DTYPES(REWIND_DTYPE)
#undef REWIND_DTYPE
/// @endcond
/// The DType of a C++ element type: `dtype_of<float>` is float32.
template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

/// The C++ type of a tensor's elements that holds numbers of type T: int64_t for uint16_t,
/// `int` and wider integers, the latter being what a number that names no type gives, double for
/// long double, T otherwise.
template <class T>
using ElementOf =
    std::conditional_t<std::is_integral_v<T> && !std::is_same_v<T, bool> &&
                           !std::is_same_v<T, uint8_t> && !std::is_same_v<T, int8_t> &&
                           !std::is_same_v<T, int16_t>,
                       int64_t, std::conditional_t<std::is_same_v<T, long double>, double, T>>;

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
    if constexpr (sizeof(T) <= sizeof(int)) {  // without a branch, for loops; NaN is not > 0
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
  ///@{
  /// Of the kind of v: bool, an integer or a floating number.
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
  Scalar(Float16 v) : Scalar(static_cast<float>(v)) {}
  Scalar(BFloat16 v) : Scalar(static_cast<float>(v)) {}
  ///@}

  /// boolean, int64 or float64: the category that counts in promotion.
  DType dtype() const { return dtype_; }
  /// Whether it is a floating number, rather than an integer or bool.
  bool is_floating() const { return dtype_ == DType::float64; }
  /// The number; the nearest one for an integer beyond 53 bits.
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
