#pragma once
// Changes in place.

#include "check.h"
#include "op.h"

namespace rw::fuzz {

/// `f` changes a copy of `x`, or for `part` 1 and 2 a view of some or all of it. What fails must
/// not have changed anything.
template <class F>
Tensor changed(const Tensor& x, int part, const F& f) {
  Tensor y = x.clone();
  const Tensor before = y.detach().clone();
  try {
    if (part == 1 && y.dim() > 0) {
      Tensor view = y.slice(0, 0, Slice::none, 2);
      f(view);
    } else if (part == 2) {
      Tensor view = y.dim() > 0 ? y.transpose(0, -1) : y;
      f(view);
    } else {
      f(y);
    }
  } catch (const Error&) {
    if (!same_bits(y.detach(), before)) throw Failure{"failed in place", "has changed its tensor"};
    throw;
  }
  return y;
}

}  // namespace rw::fuzz
