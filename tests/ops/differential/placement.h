#pragma once
// Where the elements of a tensor lie in memory, chosen at random.

#include <string>

#include "dice.h"

namespace rw::test::differential {

/// In memory that is ordered by `order` (a permutation of the dimensions, the last one innermost),
/// every `step`-th element of a larger tensor along each dimension, from `before` on; or, along the
/// dimension `repeat`, one element for all.
struct Placement {
  Dims order;
  Shape before, after, step;
  int repeat = -1;
};

Placement choose_placement(Dice& dice, const Shape& shape);
/// `values` as far as the placement can hold them: the first along its dimension repeated.
Tensor repeated(const Tensor& values, const Placement& p);
/// The same numbers in another dtype and place.
Tensor place(const Tensor& values, DType dtype, const Placement& p);
std::string describe_placement(const Placement& p);

}  // namespace rw::test::differential
