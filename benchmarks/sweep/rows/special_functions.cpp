#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

// Some columns, in a dtype that linear algebra takes.
Tensor few(const Tensor& t) { return (type_of(t) == f64 ? t : t.to(f32)).narrow(-1, 0, 4) * 0.5; }

Rows special_functions() {
  const Kind e = Kind::elements;
  return {
      {"i0", e, floating, 1, smooth, [](In t) { return i0(t[0]); }},
      {"i0e", e, floating, 1, smooth, [](In t) { return special::i0e(t[0]); }},
      {"i1", e, floating, 1, smooth, [](In t) { return special::i1(t[0]); }},
      {"i1e", e, floating, 1, smooth, [](In t) { return special::i1e(t[0]); }},
      {"entr", e, floating, 1, smooth, [](In t) { return special::entr(t[0]); }},
      {"erfcx", e, floating, 1, smooth, [](In t) { return special::erfcx(t[0]); }},
      {"ndtr", e, floating, 1, smooth, [](In t) { return special::ndtr(t[0]); }},
      {"log_ndtr", e, floating, 1, smooth, [](In t) { return special::log_ndtr(t[0]); }},
      {"ndtri", e, floating, 1, smooth, [](In t) { return special::ndtri(t[0] * 0.3); }},
      {"igamma", e, floating, 2, smooth, [](In t) { return igamma(t[1].detach(), t[0]); }},
      {"igammac", e, floating, 2, smooth, [](In t) { return igammac(t[1].detach(), t[0]); }},
      {"zeta", e, floating, 2, smooth, [](In t) { return special::zeta(t[1].detach() + 1, t[0]); }},
      {"mvlgamma", e, floating, 1, smooth, [](In t) { return mvlgamma(t[0] + 1, 3); }},
      {"frexp", e, floating, 1, smooth, [](In t) { return frexp_of(t[0]); }},
      {"ldexp", e, floating, 2, smooth, [](In t) { return lib::ldexp(t[0], t[1]); }},
      {"expit", e, floating, 1, smooth, [](In t) { return special::expit(t[0]); }},
      {"gammaln", e, floating, 1, smooth, [](In t) { return special::gammaln(t[0]); }},
      {"psi", e, floating, 1, smooth, [](In t) { return special::psi(t[0]); }},
      {"gammainc", e, floating, 2, smooth,
       [](In t) { return special::gammainc(t[1].detach(), t[0]); }},
      {"gammaincc", e, floating, 2, smooth,
       [](In t) { return special::gammaincc(t[1].detach(), t[0]); }},
      {"multigammaln", e, floating, 1, smooth,
       [](In t) { return special::multigammaln(t[0] + 1, 3); }},
  };
}

Rows unrecorded() {
  const Kind e = Kind::elements;
  return {
      {"bessel_j0", e, floating, 1, flat, [](In t) { return special::bessel_j0(t[0]); }},
      {"bessel_j1", e, floating, 1, flat, [](In t) { return special::bessel_j1(t[0]); }},
      {"bessel_y0", e, floating, 1, flat, [](In t) { return special::bessel_y0(t[0]); }},
      {"bessel_y1", e, floating, 1, flat, [](In t) { return special::bessel_y1(t[0]); }},
      {"modified_bessel_i0", e, floating, 1, flat,
       [](In t) { return special::modified_bessel_i0(t[0]); }},
      {"modified_bessel_i1", e, floating, 1, flat,
       [](In t) { return special::modified_bessel_i1(t[0]); }},
      {"modified_bessel_k0", e, floating, 1, flat,
       [](In t) { return special::modified_bessel_k0(t[0]); }},
      {"modified_bessel_k1", e, floating, 1, flat,
       [](In t) { return special::modified_bessel_k1(t[0]); }},
      {"scaled_modified_bessel_k0", e, floating, 1, flat,
       [](In t) { return special::scaled_modified_bessel_k0(t[0]); }},
      {"scaled_modified_bessel_k1", e, floating, 1, flat,
       [](In t) { return special::scaled_modified_bessel_k1(t[0]); }},
      {"spherical_bessel_j0", e, floating, 1, flat,
       [](In t) { return special::spherical_bessel_j0(t[0]); }},
      {"airy_ai", e, floating, 1, flat, [](In t) { return special::airy_ai(t[0]); }},
      {"chebyshev_polynomial_t", e, floating, 1, flat,
       [](In t) { return special::chebyshev_polynomial_t(t[0] - 1.5, 5); }},
      {"chebyshev_polynomial_u", e, floating, 1, flat,
       [](In t) { return special::chebyshev_polynomial_u(t[0] - 1.5, 5); }},
      {"chebyshev_polynomial_v", e, floating, 1, flat,
       [](In t) { return special::chebyshev_polynomial_v(t[0] - 1.5, 5); }},
      {"chebyshev_polynomial_w", e, floating, 1, flat,
       [](In t) { return special::chebyshev_polynomial_w(t[0] - 1.5, 5); }},
      {"shifted_chebyshev_polynomial_t", e, floating, 1, flat,
       [](In t) { return special::shifted_chebyshev_polynomial_t(t[0] - 1.5, 5); }},
      {"shifted_chebyshev_polynomial_u", e, floating, 1, flat,
       [](In t) { return special::shifted_chebyshev_polynomial_u(t[0] - 1.5, 5); }},
      {"shifted_chebyshev_polynomial_v", e, floating, 1, flat,
       [](In t) { return special::shifted_chebyshev_polynomial_v(t[0] - 1.5, 5); }},
      {"shifted_chebyshev_polynomial_w", e, floating, 1, flat,
       [](In t) { return special::shifted_chebyshev_polynomial_w(t[0] - 1.5, 5); }},
      {"hermite_polynomial_h", e, floating, 1, flat,
       [](In t) { return special::hermite_polynomial_h(t[0] - 1.5, 5); }},
      {"hermite_polynomial_he", e, floating, 1, flat,
       [](In t) { return special::hermite_polynomial_he(t[0] - 1.5, 5); }},
      {"laguerre_polynomial_l", e, floating, 1, flat,
       [](In t) { return special::laguerre_polynomial_l(t[0] - 1.5, 5); }},
      {"legendre_polynomial_p", e, floating, 1, flat,
       [](In t) { return special::legendre_polynomial_p(t[0] - 1.5, 5); }},
  };
}

Rows further() {
  const Kind e = Kind::elements;
  return {
      {"trapz", e, floating, 1, smooth, [](In t) { return lib::trapz(t[0], 1, -1); }},
      {"as_strided_scatter", e, floating, 1, smooth,
       [](In t) {
         return as_strided_scatter(t[0], t[0].detach().reshape(-1).narrow(0, 0, 100), {100}, {1});
       }},
      {"index_put", e, floating, 1, smooth, [](In t) { return index_put_of(t[0]); }},
      {"gradient", e, floating, 1, smooth, [](In t) { return gradient_of(t[0]); }},
      {"householder_product", Kind::products, floating, 1, smooth,
       [](In t) { return householder_of(few(t[0])); }},
      {"binomial", e, floating, 2, flat, [](In t) { return binomial(t[0] + 20, t[1] * 0.3); }},
  };
}

const Family special_family(special_functions);
const Family unrecorded_family(unrecorded);
const Family further_family(further);

}  // namespace
}  // namespace bench
