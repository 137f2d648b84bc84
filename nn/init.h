#pragma once

#include <rewind/tensor/generator.h>
#include <rewind/tensor/tensor.h>

// Initialisation in place, under no_grad. Fan-in and fan-out of a weight [out, in, k…] are in and
// out times the number of its k… taps. All return the tensor that they are given.
// Random numbers are those of `gen`.

#pragma GCC visibility push(default)

namespace rw::nn::init {

///@{
/// Uniform over [low, high), normally distributed, or all of one value.
Tensor uniform_(Tensor t, double low = 0, double high = 1, Generator& gen = default_generator());
Tensor normal_(Tensor t, double mean = 0, double std = 1, Generator& gen = default_generator());
Tensor constant_(Tensor t, double value);
inline Tensor zeros_(Tensor t) { return constant_(std::move(t), 0); }
inline Tensor ones_(Tensor t) { return constant_(std::move(t), 1); }
///@}
/// Normally distributed within [low, high]: by the inverse of the distribution there. Throws for a
/// std below 0, and where low is above high.
Tensor trunc_normal_(Tensor t, double mean = 0, double std = 1, double low = -2, double high = 2,
                     Generator& gen = default_generator());
/// The identity: a linear layer that passes on as many of its inputs as it can. Throws ShapeError
/// for a rank other than 2.
Tensor eye_(Tensor t);
/// The identity of a convolution's channels, in each of its groups. Throws ShapeError for a rank
/// other than 3, 4 or 5, and where `groups` does not divide the first size.
Tensor dirac_(Tensor t, int64_t groups = 1);

/// What follows a layer, for calculate_gain.
enum class Nonlinearity : uint8_t { linear, sigmoid, tanh, relu, leaky_relu, selu };
/// By what a layer's weights grow to keep the spread of values through the function after it: 1
/// for none (`linear`) and sigmoid, 5/3 for tanh, sqrt(2) for relu, sqrt(2 / (1 + slope^2)) for a
/// leaky relu of the slope `param` (0.01 unless given), 3/4 for selu.
double calculate_gain(Nonlinearity nonlinearity, std::optional<double> param = {});

/// Which of a weight's fans counts.
enum class Fan : uint8_t {
  in,  ///< to keep the spread of values on the way forward
  out  ///< to keep that of gradients on the way back
};
///@{
/// Uniform within gain * sqrt(3 / fan), or normal with a standard deviation of gain / sqrt(fan),
/// with the gain of the function that follows, of which `slope` is the parameter (He et al.,
/// "Delving deep into rectifiers", 2015). A tensor without elements stays as it is. Throws
/// ShapeError for a rank below 2.
Tensor kaiming_uniform_(Tensor t, double slope = 0, Fan fan = Fan::in,
                        Nonlinearity nonlinearity = Nonlinearity::leaky_relu,
                        Generator& gen = default_generator());
Tensor kaiming_normal_(Tensor t, double slope = 0, Fan fan = Fan::in,
                       Nonlinearity nonlinearity = Nonlinearity::leaky_relu,
                       Generator& gen = default_generator());
///@}
///@{
/// Uniform within gain * sqrt(6 / (fan_in + fan_out)), or normal with the standard deviation of
/// gain * sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio, "Understanding the difficulty of
/// training deep feedforward neural networks", 2010). Throws ShapeError for a rank below 2.
Tensor xavier_uniform_(Tensor t, double gain = 1, Generator& gen = default_generator());
Tensor xavier_normal_(Tensor t, double gain = 1, Generator& gen = default_generator());
///@}
/// A random matrix with orthogonal rows or columns, whichever are fewer, of the length `gain`; of
/// more than two dimensions, those after the first count as one (Saxe et al., "Exact solutions to
/// the nonlinear dynamics of learning in deep linear neural networks", 2013). Throws ShapeError for
/// a rank below 2.
Tensor orthogonal_(Tensor t, double gain = 1, Generator& gen = default_generator());
/// Normally distributed around 0, but for a share `sparsity` of each column, rounded up, which is 0
/// (Martens, "Deep learning via Hessian-free optimization", 2010). Throws ShapeError for a rank
/// other than 2, and for a share outside of [0, 1].
Tensor sparse_(Tensor t, double sparsity, double std = 0.01, Generator& gen = default_generator());

}  // namespace rw::nn::init

#pragma GCC visibility pop
