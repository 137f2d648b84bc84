#pragma once
// Private to the library's sources: single random numbers.

#include <cstdint>
#include <utility>
#include <vector>

#include <rewind/tensor/generator.h>

namespace rw::data::transforms::detail {

/// Uniform over [0, 1).
inline double uniform(Generator& gen) { return static_cast<double>(gen.next() >> 11) * 0x1p-53; }
/// Uniform over [low, high).
inline double uniform(Generator& gen, double low, double high) {
  return low + (high - low) * uniform(gen);
}
inline double uniform(Generator& gen, const std::pair<double, double>& ends) {
  return uniform(gen, ends.first, ends.second);
}
/// An integer of [low, high), which has to hold one.
inline int64_t integer(Generator& gen, int64_t low, int64_t high) {
  const auto count = static_cast<unsigned __int128>(high - low);
  return low + static_cast<int64_t>(count * gen.next() >> 64);
}
/// The sides of a rectangle, in whole numbers: its area is a share of `area` within `scale`, and
/// the first over the second, whose logarithm is uniform, within `ratio`.
std::pair<double, double> random_sides(Generator& gen, double area,
                                       const std::pair<double, double>& scale,
                                       const std::pair<double, double>& ratio);
/// 0 … n-1 in a random order.
std::vector<int64_t> order(Generator& gen, int64_t n);
/// Of the beta distribution with both parameters alpha > 0.
double symmetric_beta(Generator& gen, double alpha);

}  // namespace rw::data::transforms::detail
