#pragma once

namespace rw::kernels {

///@{
/// The Bessel functions of the first kind and of the second, of orders 0 and 1.
double bessel_j0(double x);
double bessel_j1(double x);
double bessel_y0(double x);
double bessel_y1(double x);
///@}
/// The modified Bessel function of the second kind of any order; exp(x) times that where `scaled`.
double bessel_k(double order, double x, bool scaled);
/// Airy's function Ai.
double airy_ai(double x);

}  // namespace rw::kernels
