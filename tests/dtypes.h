#pragma once

#include <limits>

#include <rewind/tensor/dtype.h>

// What tests sweep over.
namespace rw::test {

inline constexpr DType all_dtypes[] = {boolean, uint8,   int8,     int16,   int32,
                                       int64,   float16, bfloat16, float32, float64};
inline constexpr DType floating_dtypes[] = {float16, bfloat16, float32, float64};
inline constexpr DType integer_dtypes[] = {uint8, int8, int16, int32, int64};

/// The distance from 1 to the next number.
constexpr double epsilon(DType floating) {
  return floating == bfloat16  ? 0x1p-7
         : floating == float16 ? 0x1p-10
         : floating == float32 ? 0x1p-23
                               : 0x1p-52;
}

/// The greatest finite number.
constexpr double greatest(DType floating) {
  return floating == bfloat16  ? 0x1.fep127
         : floating == float16 ? 65504
         : floating == float32 ? std::numeric_limits<float>::max()
                               : std::numeric_limits<double>::max();
}
/// The least positive number of full precision.
constexpr double least_normal(DType floating) {
  return floating == float16   ? 0x1p-14
         : floating == float64 ? std::numeric_limits<double>::min()
                               : std::numeric_limits<float>::min();
}

}  // namespace rw::test
