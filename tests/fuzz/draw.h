#pragma once
// Everything random about a case: attributes, shapes, values. A case is drawn from its own seed
// alone, so that it can be run again without those before it.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <rewind/rewind.h>

#include "../dtypes.h"

namespace rw::fuzz {

using Tensors = std::vector<Tensor>;

/// Pseudo-random numbers (SplitMix64; Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014), the same on every machine.
class Source {
 public:
  explicit Source(uint64_t seed) : state_(seed) {}
  /// Of one case of a run.
  Source(uint64_t seed, uint64_t number);

  uint64_t next();
  /// In [0, n), and in [low, high].
  int64_t below(int64_t n) { return static_cast<int64_t>(next() % static_cast<uint64_t>(n)); }
  int64_t between(int64_t low, int64_t high) { return low + below(high - low + 1); }
  /// In [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  bool chance(double p) { return unit() < p; }
  double normal();

 private:
  uint64_t state_;
};

/// What the numbers of a case look like.
enum class Style : uint8_t {
  plain,     ///< normal
  integers,  ///< from -3 to 3: many zeros and ties
  wide,      ///< of all sizes from 2^-30 to 2^30
  special    ///< now and then a zero, an infinity, a NaN, a number at the limits of the dtype
};
/// Where a function is defined.
enum class Domain : uint8_t { all, positive, probabilities };

/// Draws the arguments of one case, and writes down what it drew.
class Draw : public Source {
 public:
  explicit Draw(const Source& source);

  DType dtype;  ///< that the case is about
  Style style;
  bool wild;   ///< attributes go to the extremes, and need not fit each other
  bool large;  ///< tensors are large enough for several threads
  bool floating() const { return is_floating(dtype); }

  // --- Attributes: usually in the range, in a wild case perhaps anything -----------------------
  int64_t number(int64_t low, int64_t high);
  /// A multiple of 1/16 in the range, which every floating dtype can hold.
  double real(double low, double high);
  Scalar scalar();
  int64_t dim(int rank) { return number(-std::max(rank, 1), std::max(rank, 1) - 1); }
  /// Different dims in any order, perhaps none.
  Dims dims(int rank);
  Size2 size2(int64_t low, int64_t high);
  bool flag();
  template <class T>
  T one_of(std::initializer_list<T> all) {
    return all.begin()[number_of(static_cast<int64_t>(all.size()))];
  }
  DType any_dtype() { return test::all_dtypes[number_of(std::ssize(test::all_dtypes))]; }

  // --- Shapes ------------------------------------------------------------------------------------
  Shape shape(int least_rank = 0, int greatest_rank = 5);
  /// A size of a dimension; 0 now and then.
  int64_t size(int64_t least = 1, int64_t greatest = 5);
  /// One that broadcasts with `other`; in a wild case perhaps not.
  Shape broadcast_with(const Shape& other);

  /// From here on plain values instead of special ones.
  void leave_special() {
    if (style == Style::special) style = Style::plain;
  }

  // --- Tensors, row-major: float64 where the dtype of the case is floating, with values that it
  // holds exactly --------------------------------------------------------------------------------
  Tensor tensor(const Shape& shape, Domain domain = Domain::all);
  Tensor mask(const Shape& shape);
  /// int64 in [0, n); in a wild case perhaps not.
  Tensor indices(const Shape& shape, int64_t n);

  /// What was drawn, for people.
  const std::string& text() const { return text_; }

 private:
  int64_t number_of(int64_t n);
  void note(const std::string& what) { text_ += " " + what; }
  double value(Domain domain);
  double special_value();

  std::string text_;
};

/// So many elements are neither few nor more than there is memory for: to fill them takes minutes.
constexpr bool takes_minutes(double count) { return count > 1e5 && count < 1e13; }

/// The memory orders that are tried.
enum class Order : uint8_t { row_major, column_major, channels_last, gaps, offset, expanded };
inline constexpr int orders = 6;
const char* name(Order order);
/// A copy of `x` in that order, of the same values. Only a tensor that repeats itself along a
/// dimension can be expanded: others are taken as they are.
Tensor arranged(const Tensor& x, Order order);

/// The numbers that attributes are given in wild cases.
extern const std::vector<int64_t> extremes;

}  // namespace rw::fuzz
