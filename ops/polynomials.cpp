#include <rewind/ops/polynomials.h>

#include <rewind/kernels/pointwise/orthogonal_polynomials.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_forms.h>

namespace rw::special {

using namespace rw::detail;
using kernels::Polynomial;

namespace {

Tensor off_the_tape(const char* name, Polynomial family, const Tensor& x, const Tensor& n) {
  const profile_scope scope(name);
  const no_grad guard;
  check_defined(name, x, n, "degree");
  const DType met = result_type(x, n), dtype = is_floating(met) ? met : get_default_dtype();
  return binary(name, BinaryOp::orthogonal_polynomial, x.detach().to(dtype), n.detach().to(dtype),
                {static_cast<double>(static_cast<int>(family))});
}

// 2 x - 1, in which polynomials on [0, 1] are those on [-1, 1].
Tensor stretched(const char* name, const Tensor& x) {
  const no_grad guard;
  return as_floating(name, x).detach() * 2 - 1;
}

}  // namespace

#define REWIND_POLYNOMIAL(name, family, place)                \
  Tensor name(const Tensor& x, const Tensor& n) {             \
    return off_the_tape(#name, Polynomial::family, place, n); \
  }                                                           \
  Tensor name(const Tensor& x, Scalar n) {                    \
    const Tensor in = as_floating(#name, x);                  \
    return name(in, beside(#name, in, n));                    \
  }                                                           \
  Tensor name(Scalar x, const Tensor& n) {                    \
    const Tensor in = as_floating(#name, n);                  \
    return name(beside(#name, in, x), in);                    \
  }
REWIND_POLYNOMIAL(chebyshev_polynomial_t, chebyshev_t, x)
REWIND_POLYNOMIAL(chebyshev_polynomial_u, chebyshev_u, x)
REWIND_POLYNOMIAL(chebyshev_polynomial_v, chebyshev_v, x)
REWIND_POLYNOMIAL(chebyshev_polynomial_w, chebyshev_w, x)
REWIND_POLYNOMIAL(shifted_chebyshev_polynomial_t, chebyshev_t,
                  (stretched("shifted_chebyshev_polynomial_t", x)))
REWIND_POLYNOMIAL(shifted_chebyshev_polynomial_u, chebyshev_u,
                  (stretched("shifted_chebyshev_polynomial_u", x)))
REWIND_POLYNOMIAL(shifted_chebyshev_polynomial_v, chebyshev_v,
                  (stretched("shifted_chebyshev_polynomial_v", x)))
REWIND_POLYNOMIAL(shifted_chebyshev_polynomial_w, chebyshev_w,
                  (stretched("shifted_chebyshev_polynomial_w", x)))
REWIND_POLYNOMIAL(hermite_polynomial_h, hermite_h, x)
REWIND_POLYNOMIAL(hermite_polynomial_he, hermite_he, x)
REWIND_POLYNOMIAL(laguerre_polynomial_l, laguerre_l, x)
REWIND_POLYNOMIAL(legendre_polynomial_p, legendre_p, x)
#undef REWIND_POLYNOMIAL

}  // namespace rw::special
