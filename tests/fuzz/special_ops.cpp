// Special functions without derivatives, in memory orders and dtypes.

#include <rewind/ops/bessel.h>
#include <rewind/ops/polynomials.h>

#include "op.h"

namespace rw::fuzz {
namespace {

// Where the functions and their slopes are moderate.
Tensor moderate(const Tensor& x) { return x.sigmoid() + 0.5; }

template <class F>
Op bessel(const char* name, F f) {
  return {name, pointwise | saturates | near_one, [=](Draw& d) {
            return Call({d.tensor(d.shape(), Domain::all)}, [f](In x) { return f(moderate(x)); });
          }};
}

// Of a point and a degree, of which one or both may be a tensor.
template <class F>
void add_polynomial(Ops& all, const char* name, F f) {
  const auto of = [&](auto call) {
    all.push_back({name, pointwise | saturates | near_one, [=](Draw& d) {
                     const Tensor x = d.tensor(d.shape(), Domain::all);
                     const auto n = static_cast<int64_t>(d.below(6));
                     Call c({x}, [=](In a) { return call(moderate(a), n); });
                     c.one = 100;  // the terms that cancel out
                     return c;
                   }});
  };
  of([f](In x, int64_t n) { return f(x, Scalar(n)); });
  of([f](In x, int64_t n) { return f(x, full_like(x, n)); });
  of([f](In x, int64_t n) { return f(Scalar(0.75), full_like(x, n)); });
}

}  // namespace

Ops special_ops() {
  using namespace special;
  Ops all = {
      bessel("airy_ai", [](In x) { return airy_ai(x); }),
      bessel("bessel_j0", [](In x) { return bessel_j0(x); }),
      bessel("bessel_j1", [](In x) { return bessel_j1(x); }),
      bessel("bessel_y0", [](In x) { return bessel_y0(x); }),
      bessel("bessel_y1", [](In x) { return bessel_y1(x); }),
      bessel("modified_bessel_i0", [](In x) { return modified_bessel_i0(x); }),
      bessel("modified_bessel_i1", [](In x) { return modified_bessel_i1(x); }),
      bessel("modified_bessel_k0", [](In x) { return modified_bessel_k0(x); }),
      bessel("modified_bessel_k1", [](In x) { return modified_bessel_k1(x); }),
      bessel("scaled_modified_bessel_k0", [](In x) { return scaled_modified_bessel_k0(x); }),
      bessel("scaled_modified_bessel_k1", [](In x) { return scaled_modified_bessel_k1(x); }),
      bessel("spherical_bessel_j0", [](In x) { return spherical_bessel_j0(x); }),
  };
#define REWIND_POLYNOMIAL(name) \
  add_polynomial(all, #name, [](const auto& x, const auto& n) { return name(x, n); })
  REWIND_POLYNOMIAL(chebyshev_polynomial_t);
  REWIND_POLYNOMIAL(chebyshev_polynomial_u);
  REWIND_POLYNOMIAL(chebyshev_polynomial_v);
  REWIND_POLYNOMIAL(chebyshev_polynomial_w);
  REWIND_POLYNOMIAL(shifted_chebyshev_polynomial_t);
  REWIND_POLYNOMIAL(shifted_chebyshev_polynomial_u);
  REWIND_POLYNOMIAL(shifted_chebyshev_polynomial_v);
  REWIND_POLYNOMIAL(shifted_chebyshev_polynomial_w);
  REWIND_POLYNOMIAL(hermite_polynomial_h);
  REWIND_POLYNOMIAL(hermite_polynomial_he);
  REWIND_POLYNOMIAL(laguerre_polynomial_l);
  REWIND_POLYNOMIAL(legendre_polynomial_p);
#undef REWIND_POLYNOMIAL
  return all;
}

}  // namespace rw::fuzz
