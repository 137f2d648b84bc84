#pragma once

namespace rw::kernels {

/// Families of orthogonal polynomials.
enum class Polynomial {
  chebyshev_t,
  chebyshev_u,
  chebyshev_v,
  chebyshev_w,
  hermite_h,
  hermite_he,
  laguerre_l,
  legendre_p
};

/// That of the degree that is left of n without its fraction; 0 for negative ones.
double polynomial_at(Polynomial family, double x, double n);

}  // namespace rw::kernels
