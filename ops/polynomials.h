#pragma once

#include <rewind/tensor/tensor.h>

// Orthogonal polynomials in x of degree n: a fraction of n is dropped, negative degrees give 0. x
// and n broadcast; integers and bool give the default dtype. Computed in float64, by recurrences
// that take n steps; of more than 2^24 steps NaN. As in PyTorch nothing here is differentiable:
// results are off the tape.

#pragma GCC visibility push(default)

namespace rw::special {

///@{
/// Of Chebyshev, of the first to the fourth kind, on [-1, 1].
Tensor chebyshev_polynomial_t(const Tensor& x, const Tensor& n);
Tensor chebyshev_polynomial_t(const Tensor& x, Scalar n);
Tensor chebyshev_polynomial_t(Scalar x, const Tensor& n);
Tensor chebyshev_polynomial_u(const Tensor& x, const Tensor& n);
Tensor chebyshev_polynomial_u(const Tensor& x, Scalar n);
Tensor chebyshev_polynomial_u(Scalar x, const Tensor& n);
Tensor chebyshev_polynomial_v(const Tensor& x, const Tensor& n);
Tensor chebyshev_polynomial_v(const Tensor& x, Scalar n);
Tensor chebyshev_polynomial_v(Scalar x, const Tensor& n);
Tensor chebyshev_polynomial_w(const Tensor& x, const Tensor& n);
Tensor chebyshev_polynomial_w(const Tensor& x, Scalar n);
Tensor chebyshev_polynomial_w(Scalar x, const Tensor& n);
///@}
///@{
/// The same, on [0, 1].
Tensor shifted_chebyshev_polynomial_t(const Tensor& x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_t(const Tensor& x, Scalar n);
Tensor shifted_chebyshev_polynomial_t(Scalar x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_u(const Tensor& x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_u(const Tensor& x, Scalar n);
Tensor shifted_chebyshev_polynomial_u(Scalar x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_v(const Tensor& x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_v(const Tensor& x, Scalar n);
Tensor shifted_chebyshev_polynomial_v(Scalar x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_w(const Tensor& x, const Tensor& n);
Tensor shifted_chebyshev_polynomial_w(const Tensor& x, Scalar n);
Tensor shifted_chebyshev_polynomial_w(Scalar x, const Tensor& n);
///@}
///@{
/// Of Hermite, as physics has them (H) and as probability has them (He).
Tensor hermite_polynomial_h(const Tensor& x, const Tensor& n);
Tensor hermite_polynomial_h(const Tensor& x, Scalar n);
Tensor hermite_polynomial_h(Scalar x, const Tensor& n);
Tensor hermite_polynomial_he(const Tensor& x, const Tensor& n);
Tensor hermite_polynomial_he(const Tensor& x, Scalar n);
Tensor hermite_polynomial_he(Scalar x, const Tensor& n);
///@}
///@{
/// Of Laguerre.
Tensor laguerre_polynomial_l(const Tensor& x, const Tensor& n);
Tensor laguerre_polynomial_l(const Tensor& x, Scalar n);
Tensor laguerre_polynomial_l(Scalar x, const Tensor& n);
///@}
///@{
/// Of Legendre.
Tensor legendre_polynomial_p(const Tensor& x, const Tensor& n);
Tensor legendre_polynomial_p(const Tensor& x, Scalar n);
Tensor legendre_polynomial_p(Scalar x, const Tensor& n);
///@}

}  // namespace rw::special

#pragma GCC visibility pop
