#pragma once

#include <rewind/tensor/tensor.h>

// Bessel functions and their kin. Integers and bool give the default dtype. As in PyTorch nothing
// here is differentiable, but for what special_functions.h has under another name (i0, i0e, i1,
// i1e): results are off the tape.

#pragma GCC visibility push(default)

namespace rw::special {

///@{
/// The Bessel functions of the first kind, of orders 0 and 1.
Tensor bessel_j0(const Tensor& x);
Tensor bessel_j1(const Tensor& x);
///@}
///@{
/// Those of the second kind: minus infinity at 0, NaN below.
Tensor bessel_y0(const Tensor& x);
Tensor bessel_y1(const Tensor& x);
///@}
///@{
/// The modified Bessel functions of the first kind, of orders 0 and 1.
Tensor modified_bessel_i0(const Tensor& x);
Tensor modified_bessel_i1(const Tensor& x);
///@}
///@{
/// Those of the second kind, and exp(x) times them: infinite at 0, NaN below.
Tensor modified_bessel_k0(const Tensor& x);
Tensor modified_bessel_k1(const Tensor& x);
Tensor scaled_modified_bessel_k0(const Tensor& x);
Tensor scaled_modified_bessel_k1(const Tensor& x);
///@}
/// sin(x) / x, and 1 at 0.
Tensor spherical_bessel_j0(const Tensor& x);
/// Airy's function Ai; NaN of infinities.
Tensor airy_ai(const Tensor& x);

}  // namespace rw::special

#pragma GCC visibility pop
