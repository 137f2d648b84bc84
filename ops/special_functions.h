#pragma once

#include <utility>

#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/softmax.h>
#include <rewind/ops/special.h>
#include <rewind/tensor/tensor.h>

// Pointwise functions that PyTorch keeps under torch.special, here rw::special, and some beside
// them. Integers and bool give the default dtype, unless it says otherwise. Differentiable to any
// order in the arguments named x, but for the exponent of frexp; ldexp in both.

#pragma GCC visibility push(default)

namespace rw {

/// x = mantissa 2^exponent: a mantissa of the dtype of x, in [0.5, 1) but for its sign, and an
/// int32 exponent. Floating dtypes only; 0, and what is not finite, is its own mantissa.
std::pair<Tensor, Tensor> frexp(const Tensor& x);
/// x 2^other. Powers of integers are those of the default dtype.
Tensor ldexp(const Tensor& x, const Tensor& other);
/// The modified Bessel function of the first kind and order 0.
Tensor i0(const Tensor& x);
///@{
/// The regularised incomplete gamma functions, lower and upper: the integrals of t^(a - 1) exp(-t)
/// up to x and from x on, over gamma(a), to 1e-12. NaN where a or x is negative. Floating dtypes
/// only; there is no derivative by a, whose gradient is refused.
Tensor igamma(const Tensor& a, const Tensor& x);
Tensor igammac(const Tensor& a, const Tensor& x);
///@}
/// The logarithm of the multivariate gamma function of dimension p >= 1, for x > (p - 1) / 2. Not
/// for bool.
Tensor mvlgamma(const Tensor& x, int64_t p);

namespace special {

///@{
/// The function of another name, or of the same name in rw.
using rw::digamma;
using rw::erf;
using rw::erfc;
using rw::erfinv;
using rw::exp2;
using rw::expm1;
using rw::i0;
using rw::log1p;
using rw::log_softmax;
using rw::logit;
using rw::logsumexp;
using rw::polygamma;
using rw::round;
using rw::sinc;
using rw::softmax;
using rw::xlog1py;
using rw::xlogy;
inline Tensor expit(const Tensor& x) { return sigmoid(x); }
inline Tensor gammaln(const Tensor& x) { return lgamma(x); }
inline Tensor psi(const Tensor& x) { return digamma(x); }
inline Tensor gammainc(const Tensor& a, const Tensor& x) { return igamma(a, x); }
inline Tensor gammaincc(const Tensor& a, const Tensor& x) { return igammac(a, x); }
inline Tensor multigammaln(const Tensor& x, int64_t p) { return mvlgamma(x, p); }
///@}

/// exp(-|x|) i0(x)
Tensor i0e(const Tensor& x);
///@{
/// The modified Bessel function of the first kind and order 1, and exp(-|x|) times that.
Tensor i1(const Tensor& x);
Tensor i1e(const Tensor& x);
///@}
/// -x log(x): 0 at 0, minus infinity below.
Tensor entr(const Tensor& x);
/// exp(x^2) erfc(x)
Tensor erfcx(const Tensor& x);
///@{
/// The share of a standard normal distribution below x, its logarithm, and the x below which a
/// given share is.
Tensor ndtr(const Tensor& x);
Tensor log_ndtr(const Tensor& x);
Tensor ndtri(const Tensor& x);
///@}
///@{
/// The sum of 1 / (x + k)^s for k from 0 (Hurwitz). NaN for s < 1, and where x is negative and s no
/// integer. There is no derivative by s, whose gradient is refused.
Tensor zeta(const Tensor& s, const Tensor& x);
Tensor zeta(const Tensor& s, Scalar x);
Tensor zeta(Scalar s, const Tensor& x);
///@}

}  // namespace special
}  // namespace rw

#pragma GCC visibility pop
