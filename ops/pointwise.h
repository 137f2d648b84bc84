#pragma once

#include <rewind/tensor/tensor.h>

// Pointwise ops. Operands broadcast by NumPy's rules and are promoted to a common dtype; the
// functions that only make sense for real numbers give the default dtype for integers, as PyTorch
// does. Integers wrap around on overflow. Ops that PyTorch does not define for bool throw a
// DTypeError. The result keeps the memory order of its operands. Differentiable to any order where
// the function is. Operators and activations write over a temporary that they are given
// (TensorArg).

#pragma GCC visibility push(default)

namespace rw {

///@{
/// a + alpha * b
Tensor add(const Tensor& a, const Tensor& b, Scalar alpha = 1);
Tensor add(const Tensor& a, Scalar b);
///@}
///@{
/// a - alpha * b; not for bool.
Tensor sub(const Tensor& a, const Tensor& b, Scalar alpha = 1);
Tensor sub(const Tensor& a, Scalar b);
///@}
///@{
/// a * b
Tensor mul(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, Scalar b);
///@}
///@{
/// a / b, true division: integers give the default dtype.
Tensor div(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, Scalar b);
///@}
///@{
/// base^exponent; not for bool. Integers to a negative power throw where it is one number for all;
/// by a tensor of integers they give 0, unless the base is 1 or -1.
Tensor pow(const Tensor& base, const Tensor& exponent);
Tensor pow(const Tensor& base, Scalar exponent);
Tensor pow(Scalar base, const Tensor& exponent);
///@}
///@{
/// The greater (lesser) of two; NaN where either is. Equal operands share the gradient; where one
/// is NaN, both receive it.
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
///@}

///@{
/// add, sub, mul, div and neg.
Tensor operator+(TensorArg a, TensorArg b);
Tensor operator+(TensorArg a, Scalar b);
Tensor operator+(Scalar a, TensorArg b);
Tensor operator-(TensorArg a, TensorArg b);
Tensor operator-(TensorArg a, Scalar b);
Tensor operator-(Scalar a, TensorArg b);
Tensor operator*(TensorArg a, TensorArg b);
Tensor operator*(TensorArg a, Scalar b);
Tensor operator*(Scalar a, TensorArg b);
Tensor operator/(TensorArg a, TensorArg b);
Tensor operator/(TensorArg a, Scalar b);
Tensor operator/(Scalar a, TensorArg b);
Tensor operator-(TensorArg x);
///@}
///@{
/// In place, like add_, sub_, mul_ and div_.
Tensor& operator+=(Tensor& a, const Tensor& b);
Tensor& operator+=(Tensor& a, Scalar b);
Tensor& operator-=(Tensor& a, const Tensor& b);
Tensor& operator-=(Tensor& a, Scalar b);
Tensor& operator*=(Tensor& a, const Tensor& b);
Tensor& operator*=(Tensor& a, Scalar b);
Tensor& operator/=(Tensor& a, const Tensor& b);
Tensor& operator/=(Tensor& a, Scalar b);
///@}

///@{
/// What is left of a by division by b, with the sign of b, as Python has it. An integer divided by
/// zero throws. Not for bool.
Tensor remainder(const Tensor& a, const Tensor& b);
Tensor remainder(const Tensor& a, Scalar b);
Tensor remainder(Scalar a, const Tensor& b);
Tensor operator%(const Tensor& a, const Tensor& b);
Tensor operator%(const Tensor& a, Scalar b);
Tensor operator%(Scalar a, const Tensor& b);
///@}
///@{
/// Bit by bit, for integers and bool.
Tensor bitwise_and(const Tensor& a, const Tensor& b);
Tensor bitwise_and(const Tensor& a, Scalar b);
Tensor bitwise_or(const Tensor& a, const Tensor& b);
Tensor bitwise_or(const Tensor& a, Scalar b);
Tensor bitwise_xor(const Tensor& a, const Tensor& b);
Tensor bitwise_xor(const Tensor& a, Scalar b);
Tensor bitwise_not(const Tensor& x);
Tensor operator&(const Tensor& a, const Tensor& b);
Tensor operator&(const Tensor& a, Scalar b);
Tensor operator&(Scalar a, const Tensor& b);
Tensor operator|(const Tensor& a, const Tensor& b);
Tensor operator|(const Tensor& a, Scalar b);
Tensor operator|(Scalar a, const Tensor& b);
Tensor operator^(const Tensor& a, const Tensor& b);
Tensor operator^(const Tensor& a, Scalar b);
Tensor operator^(Scalar a, const Tensor& b);
Tensor operator~(const Tensor& x);
///@}

///@{
/// Comparisons give bool, element by element. A number beyond the range of the tensor's dtype is
/// compared as what it is.
Tensor eq(const Tensor& a, const Tensor& b);
Tensor eq(const Tensor& a, Scalar b);
Tensor ne(const Tensor& a, const Tensor& b);
Tensor ne(const Tensor& a, Scalar b);
Tensor lt(const Tensor& a, const Tensor& b);
Tensor lt(const Tensor& a, Scalar b);
Tensor le(const Tensor& a, const Tensor& b);
Tensor le(const Tensor& a, Scalar b);
Tensor gt(const Tensor& a, const Tensor& b);
Tensor gt(const Tensor& a, Scalar b);
Tensor ge(const Tensor& a, const Tensor& b);
Tensor ge(const Tensor& a, Scalar b);
Tensor operator==(const Tensor& a, const Tensor& b);
Tensor operator==(const Tensor& a, Scalar b);
Tensor operator==(Scalar a, const Tensor& b);
Tensor operator!=(const Tensor& a, const Tensor& b);
Tensor operator!=(const Tensor& a, Scalar b);
Tensor operator!=(Scalar a, const Tensor& b);
Tensor operator<(const Tensor& a, const Tensor& b);
Tensor operator<(const Tensor& a, Scalar b);
Tensor operator<(Scalar a, const Tensor& b);
Tensor operator<=(const Tensor& a, const Tensor& b);
Tensor operator<=(const Tensor& a, Scalar b);
Tensor operator<=(Scalar a, const Tensor& b);
Tensor operator>(const Tensor& a, const Tensor& b);
Tensor operator>(const Tensor& a, Scalar b);
Tensor operator>(Scalar a, const Tensor& b);
Tensor operator>=(const Tensor& a, const Tensor& b);
Tensor operator>=(const Tensor& a, Scalar b);
Tensor operator>=(Scalar a, const Tensor& b);
///@}
///@{
/// Of any dtype, give bool: whatever differs from zero is true, NaN as well.
Tensor logical_not(const Tensor& x);
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
///@}
///@{
/// Give bool; integers are never NaN and always finite.
Tensor isnan(const Tensor& x);
Tensor isfinite(const Tensor& x);
///@}
/// Same shape and dtype, and |a - b| <= atol + rtol |b| everywhere. An infinity is close to itself
/// alone, NaN to nothing, or to NaN with equal_nan.
bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
              bool equal_nan = false);
/// Same shape, dtype and values; NaN equals nothing.
bool equal(const Tensor& a, const Tensor& b);

///@{
/// mask ? a : b, element by element; the mask is bool, all three broadcast.
Tensor where(const Tensor& mask, const Tensor& a, const Tensor& b);
Tensor where(const Tensor& mask, const Tensor& a, Scalar b);
Tensor where(const Tensor& mask, Scalar a, const Tensor& b);
///@}
/// Of two numbers: the default dtype, int64 or bool, as the higher category asks.
Tensor where(const Tensor& mask, Scalar a, Scalar b);
///@{
/// min(max(x, min), max), where one of the bounds may be left out; NaN everywhere where one is NaN.
/// The gradient passes where the value was within. Integers stay what they are if the bounds are
/// whole or infinite, and give the default dtype otherwise; bool is taken as int64. Throws where
/// the result can't hold the bound that it would be. `clip` is clamp.
Tensor clamp(const Tensor& x, std::optional<double> min, std::optional<double> max = {});
Tensor clamp_min(const Tensor& x, double min);
Tensor clamp_max(const Tensor& x, double max);
Tensor clip(const Tensor& x, std::optional<double> min, std::optional<double> max = {});
///@}

/// |x|, of integers too; not for bool. The gradient is 0 at 0.
Tensor abs(const Tensor& x);
/// -x, of integers too; not for bool.
Tensor neg(const Tensor& x);
/// -1, 0 or 1, in the dtype of x; its gradient is 0.
Tensor sign(const Tensor& x);
/// x * x, of integers too; bool gives int64.
Tensor square(const Tensor& x);
/// The square root; NaN below 0.
Tensor sqrt(const Tensor& x);
/// 1 / sqrt(x)
Tensor rsqrt(const Tensor& x);
/// 1 / x
Tensor reciprocal(const Tensor& x);
/// e^x
Tensor exp(const Tensor& x);
/// exp(x) - 1, accurate for small x too.
Tensor expm1(const Tensor& x);
/// The natural logarithm; NaN below 0.
Tensor log(const Tensor& x);
/// log(1 + x), accurate for small x too.
Tensor log1p(const Tensor& x);
///@{
/// Of an angle in radians.
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
///@}
/// The error function, 2 / sqrt(pi) times the integral of exp(-t^2) for t from 0 to x.
Tensor erf(const Tensor& x);
///@{
/// To the next integer below, above, or to the nearest one, halves to even, in the dtype of x; not
/// for bool. The gradient is 0.
Tensor floor(const Tensor& x);
Tensor ceil(const Tensor& x);
Tensor round(const Tensor& x);
///@}

/// The hyperbolic tangent, from -1 to 1.
Tensor tanh(TensorArg x);
/// 1 / (1 + exp(-x))
Tensor sigmoid(TensorArg x);
/// max(x, 0), of integers too; not for bool. The gradient is 0 at 0.
Tensor relu(TensorArg x);
/// x where positive, negative_slope * x elsewhere
Tensor leaky_relu(TensorArg x, double negative_slope = 0.01);
/// x where positive, alpha (exp(x) - 1) elsewhere (Clevert et al., "Fast and accurate deep network
/// learning by exponential linear units", 2016).
Tensor elu(TensorArg x, double alpha = 1);
/// x where positive, alpha (exp(x / alpha) - 1) elsewhere; alpha is not 0 (Barron, "Continuously
/// differentiable exponential linear units", 2017).
Tensor celu(TensorArg x, double alpha = 1);
/// elu(x, 1.6733) * 1.0507, which keeps the spread of its input (Klambauer et al.,
/// "Self-normalizing neural networks", 2017).
Tensor selu(TensorArg x);

/// Which form of gelu is computed.
enum class Gelu : uint8_t {
  exact,  ///< by erf
  tanh    ///< an approximation
};
/// x Phi(x), Phi being the standard normal distribution function, or an approximation of it,
/// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel, "Gaussian error linear
/// units", 2016).
Tensor gelu(TensorArg x, Gelu form = Gelu::exact);
/// x sigmoid(x)
Tensor silu(TensorArg x);
/// log(1 + exp(beta x)) / beta; x itself where beta x > threshold. Throws unless beta > 0.
Tensor softplus(TensorArg x, double beta = 1, double threshold = 20);

}  // namespace rw

#pragma GCC visibility pop
