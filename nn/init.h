#pragma once

#include <rewind/tensor/tensor.h>

// Initialisation in place, under no_grad. Fan-in and fan-out of a weight [out, in, k…] are in and
// out times the number of its k… taps.

#pragma GCC visibility push(default)

namespace rw::nn::init {

///@{
/// Uniform over [low, high), normally distributed, or all of one value; returns t.
Tensor uniform_(Tensor t, double low = 0, double high = 1);
Tensor normal_(Tensor t, double mean = 0, double std = 1);
Tensor constant_(Tensor t, double value);
inline Tensor zeros_(Tensor t) { return constant_(std::move(t), 0); }
inline Tensor ones_(Tensor t) { return constant_(std::move(t), 1); }
///@}

/// Which of a weight's fans counts.
enum class Fan : uint8_t {
  in,  ///< to keep the spread of values on the way forward
  out  ///< to keep that of gradients on the way back
};
///@{
/// Uniform within gain * sqrt(3 / fan), or normal with a standard deviation of gain / sqrt(fan),
/// where gain = sqrt(2 / (1 + slope^2)) suits a leaky ReLU of that slope (He et al., "Delving deep
/// into rectifiers", 2015). Throws ShapeError for a rank below 2.
Tensor kaiming_uniform_(Tensor t, double slope = 0, Fan fan = Fan::in);
Tensor kaiming_normal_(Tensor t, double slope = 0, Fan fan = Fan::in);
///@}
///@{
/// Uniform within gain * sqrt(6 / (fan_in + fan_out)), or normal with the standard deviation of
/// gain * sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio, "Understanding the difficulty of
/// training deep feedforward neural networks", 2010). Throws ShapeError for a rank below 2.
Tensor xavier_uniform_(Tensor t, double gain = 1);
Tensor xavier_normal_(Tensor t, double gain = 1);
///@}

}  // namespace rw::nn::init

#pragma GCC visibility pop
