#pragma once
// What tests of changes in place share.

#include "../check.h"

namespace rw::test {

using Inputs = const std::vector<Tensor>&;

// Checks `change`, which changes parts of what an op made of the first input: of a row-major
// result, of a transposed one, and of one whose gradient comes strided.
inline void check_change(const std::string& what,
                         const std::function<void(Tensor&, Inputs)>& change,
                         const std::vector<Tensor>& inputs) {
  check_gradients(
      [&](Inputs in) {
        Tensor y = in[0] * in[0];
        change(y, in);
        return y * y;
      },
      inputs, what);
  check_gradients(
      [&](Inputs in) {
        Tensor y = (in[0] * in[0]).transpose(0, -1).contiguous().transpose(0, -1).sin();
        change(y, in);
        return (y * y).transpose(0, 1).sum(0);
      },
      inputs, what + ", transposed");
}

inline Tensor mask_of(const std::vector<int64_t>& values, const Shape& shape) {
  return from(values, shape).to(boolean);
}

}  // namespace rw::test
