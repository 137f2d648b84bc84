#pragma once

namespace rw::kernels {

/// The regularised incomplete gamma functions of a and x, to 1e-12 or better.
double lower_gamma(double a, double x);
double upper_gamma(double a, double x);

}  // namespace rw::kernels
