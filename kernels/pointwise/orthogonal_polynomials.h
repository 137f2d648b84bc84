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

}  // namespace rw::kernels
