#pragma once
// Whether results are what they have to be.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run.h"

namespace rw::fuzz {

/// Same shape, dtype and values, NaN being equal to itself.
bool same_bits(const Tensor& a, const Tensor& b);

/// How often something could not be compared, by reason.
using Skips = std::map<std::string, int64_t>;

/// Where a narrow type fails: below `least_normal` it has fewer bits; inputs below `small` or above
/// `large` may lead out of its range on the way, and what ends below `vanishing` has been there.
struct NumberRange {
  double least_normal, greatest, small, large, vanishing;
};

/// A call in float64, and how far results in a narrower dtype may be from it: a few eps times what
/// the result changes by when inputs and intermediate results change by an eps each, all in the
/// worst direction. That is found out by experiment, where the numbers differ by more than some eps
/// of the result itself.
class Reference {
 public:
  Reference(const Op& op, const Call& call, const Plan& plan, DType narrow);

  const Outcome& outcome() const { return exact_; }
  /// What is wrong with `o`, the call in the narrower dtype. Adds to `skips` at most once.
  std::optional<Failure> compare(const Outcome& o, Skips& skips);

 private:
  struct Element {
    size_t tensor;
    size_t index;
    double exact;
    double got;
  };

  std::optional<Failure> compare_tensor(const Tensor& got, size_t i, std::string& skip);
  std::optional<Failure> compare_integers(const Tensor& got, size_t i, std::string& skip);
  /// Nothing, why it can't be said, or what is wrong.
  std::string judge(const Element& e, std::string& skip);
  std::string describe(const Element& e) const;
  const std::vector<std::vector<std::vector<double>>>& noisy();
  double greatest_gradient() const;
  double deviation(const Element& e);
  bool is_stable(const Element& e);

  const Op& op_;
  const Call& call_;
  Plan plan_;
  double eps_;  // half the distance of 1 to the next number
  NumberRange range_;
  double fan_in_ = 1;  ///< how many numbers may go into one
  double gradient_fan_in_ = 1;
  double slope_ = 0;
  bool may_overflow_ = false;
  bool may_underflow_ = false;
  Outcome exact_;
  std::vector<std::vector<std::vector<double>>> noisy_;  ///< by run, tensor, element
};

}  // namespace rw::fuzz
