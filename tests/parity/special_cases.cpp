#include <rewind/ops/bessel.h>
#include <rewind/ops/polynomials.h>

#include "cases.h"

namespace rw::test {
namespace {

// f changes what an op made of x.
template <class F>
Tensor changed(const Tensor& x, const F& f) {
  Tensor y = x * x * 0.125 + 0.0625;
  f(y);
  return y;
}

Tensors parts(const std::pair<Tensor, Tensor>& p) { return {p.first, p.second.to(int64)}; }

Tensors squares(Tensors all) {
  for (Tensor& t : all) t = t.square();
  return all;
}

Tensors all_of(const Histogramdd& h) {
  Tensors all = {h.hist};
  all.insert(all.end(), h.bin_edges.begin(), h.bin_edges.end());
  return all;
}

}  // namespace

static Cases special_cases() {
  return {
      {"special_i0", [](In x) { return rw::i0(x); }},
      {"special_i0_of_large", [](In x) { return rw::i0(x); }},
      {"special_i0_at_ends", [](In x) { return rw::i0(x); }},
      {"special_i0e", [](In x) { return special::i0e(x); }},
      {"special_i0e_of_large", [](In x) { return special::i0e(x); }},
      {"special_i0e_at_ends", [](In x) { return special::i0e(x); }},
      {"special_i1", [](In x) { return special::i1(x); }},
      {"special_i1_of_large", [](In x) { return special::i1(x); }},
      {"special_i1_at_ends", [](In x) { return special::i1(x); }},
      {"special_i1e", [](In x) { return special::i1e(x); }},
      {"special_i1e_of_large", [](In x) { return special::i1e(x); }},
      {"special_i1e_at_ends", [](In x) { return special::i1e(x); }},
      {"special_erfcx", [](In x) { return special::erfcx(x); }},
      {"special_erfcx_of_large", [](In x) { return special::erfcx(x); }},
      {"special_erfcx_at_ends", [](In x) { return special::erfcx(x); }},
      {"special_ndtr", [](In x) { return special::ndtr(x); }},
      {"special_ndtr_of_large", [](In x) { return special::ndtr(x); }},
      {"special_ndtr_at_ends", [](In x) { return special::ndtr(x); }},
      {"special_log_ndtr", [](In x) { return special::log_ndtr(x); }},
      {"special_log_ndtr_of_large", [](In x) { return special::log_ndtr(x); }},
      {"special_log_ndtr_at_ends", [](In x) { return special::log_ndtr(x); }},
      {"special_entr", [](In x) { return special::entr(x); }},
      {"special_entr_at_ends", [](In x) { return special::entr(x); }},
      {"special_ndtri", [](In x) { return special::ndtri(x); }},
      {"special_ndtri_at_ends", [](In x) { return special::ndtri(x); }},
      {"special_ndtr_of_bool", [](In x) { return special::ndtr(x); }},
      {"special_zeta", [](In a, In b) { return special::zeta(a, b); }},
      {"special_zeta_number", [](In x) { return special::zeta(2.5, x); }},
      {"special_zeta_at_number", [](In x) { return special::zeta(x, 1.5); }},
      {"special_zeta_at_ends", [](In a, In b) { return special::zeta(a, b); }},
      {"special_igamma", [](In a, In b) { return igamma(a, b); }},
      {"special_igamma_at_ends", [](In a, In b) { return a.igamma(b); }},
      {"special_igammac", [](In a, In b) { return igammac(a, b); }},
      {"special_igammac_at_ends", [](In a, In b) { return a.igammac(b); }},
      {"special_igamma_of_ints", [](In a, In b) { return igamma(a, b); }},
      {"special_mvlgamma", [](In x) { return mvlgamma(x * 16 + 9, 3); }},
      {"special_mvlgamma_0", [](In x) { return mvlgamma(x, 0); }},
      {"special_mvlgamma_of_bool", [](In x) { return mvlgamma(x, 1); }},
      {"special_frexp", [](In x) { return parts(rw::frexp(x)); }},
      {"special_frexp_at_ends", [](In x) { return parts(x.frexp()); }},
      {"special_frexp_of_ints", [](In x) { return rw::frexp(x); }},
      {"special_ldexp", [](In a, In b) { return rw::ldexp(a, b); }},
      {"special_ldexp_of_ints", [](In a, In b) { return a.ldexp(b); }},
      {"special_ldexp_by_ints", [](In a, In b) { return rw::ldexp(a, b); }},
      {"special_expit", [](In x) { return special::expit(x); }},
      {"special_gammaln", [](In x) { return special::gammaln(x * 16 + 9); }},
      {"special_psi", [](In x) { return special::psi(x); }},
      {"special_gammainc", [](In a, In b) { return special::gammainc(a, b); }},
      {"special_gammaincc", [](In a, In b) { return special::gammaincc(a, b); }},
      {"special_multigammaln", [](In x) { return special::multigammaln(x * 16 + 9, 2); }},
  };
}

static Cases unrecorded_cases() {
  return {
      {"special_bessel_j0", [](In x) { return special::bessel_j0(x); }},
      {"special_bessel_j1", [](In x) { return special::bessel_j1(x); }},
      {"special_modified_bessel_i0", [](In x) { return special::modified_bessel_i0(x); }},
      {"special_modified_bessel_i1", [](In x) { return special::modified_bessel_i1(x); }},
      {"special_spherical_bessel_j0", [](In x) { return special::spherical_bessel_j0(x); }},
      {"special_airy_ai", [](In x) { return special::airy_ai(x); }},
      {"special_bessel_y0", [](In x) { return special::bessel_y0(x); }},
      {"special_bessel_y1", [](In x) { return special::bessel_y1(x); }},
      {"special_modified_bessel_k0", [](In x) { return special::modified_bessel_k0(x); }},
      {"special_modified_bessel_k1", [](In x) { return special::modified_bessel_k1(x); }},
      {"special_scaled_modified_bessel_k0",
       [](In x) { return special::scaled_modified_bessel_k0(x); }},
      {"special_scaled_modified_bessel_k1",
       [](In x) { return special::scaled_modified_bessel_k1(x); }},
      {"special_chebyshev_polynomial_t",
       [](In a, In b) { return special::chebyshev_polynomial_t(a, b); }},
      {"special_chebyshev_polynomial_t_of_number",
       [](In x) { return special::chebyshev_polynomial_t(x, 4); }},
      {"special_chebyshev_polynomial_t_of_degrees",
       [](In x) { return special::chebyshev_polynomial_t(0.375, x); }},
      {"special_chebyshev_polynomial_u",
       [](In a, In b) { return special::chebyshev_polynomial_u(a, b); }},
      {"special_chebyshev_polynomial_u_of_number",
       [](In x) { return special::chebyshev_polynomial_u(x, 4); }},
      {"special_chebyshev_polynomial_u_of_degrees",
       [](In x) { return special::chebyshev_polynomial_u(0.375, x); }},
      {"special_chebyshev_polynomial_v",
       [](In a, In b) { return special::chebyshev_polynomial_v(a, b); }},
      {"special_chebyshev_polynomial_v_of_number",
       [](In x) { return special::chebyshev_polynomial_v(x, 4); }},
      {"special_chebyshev_polynomial_v_of_degrees",
       [](In x) { return special::chebyshev_polynomial_v(0.375, x); }},
      {"special_chebyshev_polynomial_w",
       [](In a, In b) { return special::chebyshev_polynomial_w(a, b); }},
      {"special_chebyshev_polynomial_w_of_number",
       [](In x) { return special::chebyshev_polynomial_w(x, 4); }},
      {"special_chebyshev_polynomial_w_of_degrees",
       [](In x) { return special::chebyshev_polynomial_w(0.375, x); }},
      {"special_shifted_chebyshev_polynomial_t",
       [](In a, In b) { return special::shifted_chebyshev_polynomial_t(a, b); }},
      {"special_shifted_chebyshev_polynomial_t_of_number",
       [](In x) { return special::shifted_chebyshev_polynomial_t(x, 4); }},
      {"special_shifted_chebyshev_polynomial_t_of_degrees",
       [](In x) { return special::shifted_chebyshev_polynomial_t(0.375, x); }},
      {"special_shifted_chebyshev_polynomial_u",
       [](In a, In b) { return special::shifted_chebyshev_polynomial_u(a, b); }},
      {"special_shifted_chebyshev_polynomial_u_of_number",
       [](In x) { return special::shifted_chebyshev_polynomial_u(x, 4); }},
      {"special_shifted_chebyshev_polynomial_u_of_degrees",
       [](In x) { return special::shifted_chebyshev_polynomial_u(0.375, x); }},
      {"special_shifted_chebyshev_polynomial_v",
       [](In a, In b) { return special::shifted_chebyshev_polynomial_v(a, b); }},
      {"special_shifted_chebyshev_polynomial_v_of_number",
       [](In x) { return special::shifted_chebyshev_polynomial_v(x, 4); }},
      {"special_shifted_chebyshev_polynomial_v_of_degrees",
       [](In x) { return special::shifted_chebyshev_polynomial_v(0.375, x); }},
      {"special_shifted_chebyshev_polynomial_w",
       [](In a, In b) { return special::shifted_chebyshev_polynomial_w(a, b); }},
      {"special_shifted_chebyshev_polynomial_w_of_number",
       [](In x) { return special::shifted_chebyshev_polynomial_w(x, 4); }},
      {"special_shifted_chebyshev_polynomial_w_of_degrees",
       [](In x) { return special::shifted_chebyshev_polynomial_w(0.375, x); }},
      {"special_hermite_polynomial_h",
       [](In a, In b) { return special::hermite_polynomial_h(a, b); }},
      {"special_hermite_polynomial_h_of_number",
       [](In x) { return special::hermite_polynomial_h(x, 4); }},
      {"special_hermite_polynomial_h_of_degrees",
       [](In x) { return special::hermite_polynomial_h(0.375, x); }},
      {"special_hermite_polynomial_he",
       [](In a, In b) { return special::hermite_polynomial_he(a, b); }},
      {"special_hermite_polynomial_he_of_number",
       [](In x) { return special::hermite_polynomial_he(x, 4); }},
      {"special_hermite_polynomial_he_of_degrees",
       [](In x) { return special::hermite_polynomial_he(0.375, x); }},
      {"special_laguerre_polynomial_l",
       [](In a, In b) { return special::laguerre_polynomial_l(a, b); }},
      {"special_laguerre_polynomial_l_of_number",
       [](In x) { return special::laguerre_polynomial_l(x, 4); }},
      {"special_laguerre_polynomial_l_of_degrees",
       [](In x) { return special::laguerre_polynomial_l(0.375, x); }},
      {"special_legendre_polynomial_p",
       [](In a, In b) { return special::legendre_polynomial_p(a, b); }},
      {"special_legendre_polynomial_p_of_number",
       [](In x) { return special::legendre_polynomial_p(x, 4); }},
      {"special_legendre_polynomial_p_of_degrees",
       [](In x) { return special::legendre_polynomial_p(0.375, x); }},
  };
}

static Cases in_place_cases() {
  return {
      {"special_addmm_",
       [](In x, In a, In b) { return changed(x, [&](Tensor& t) { t.addmm_(a, b, 0.5, 2); }); }},
      {"special_addmv_",
       [](In x, In a, In b) { return changed(x, [&](Tensor& t) { t.addmv_(a, b); }); }},
      {"special_addr_",
       [](In x, In a, In b) { return changed(x, [&](Tensor& t) { t.addr_(a, b); }); }},
      {"special_addbmm_",
       [](In x, In a, In b) { return changed(x, [&](Tensor& t) { t.addbmm_(a, b); }); }},
      {"special_baddbmm_",
       [](In x, In a, In b) { return changed(x, [&](Tensor& t) { t.baddbmm_(a, b); }); }},
      {"special_addmm_broadcast",
       [](In x, In a, In b) { return changed(x, [&](Tensor& t) { t.addmm_(a, b); }); }},
      {"special_cumsum_", [](In x) { return changed(x, [](Tensor& t) { t.cumsum_(1); }); }},
      {"special_cumprod_", [](In x) { return changed(x, [](Tensor& t) { t.cumprod_(0); }); }},
      {"special_cumsum_of_int32", [](In x) { return x.to(int32).cumsum_(0).to(int64); }},
      {"special_cumsum_dtype",
       [](In x) { return changed(x, [](Tensor& t) { t.cumsum_(1, float32); }); }},
      {"special_tril_", [](In x) { return changed(x, [](Tensor& t) { t.tril_(-1); }); }},
      {"special_triu_", [](In x) { return changed(x, [](Tensor& t) { t.triu_(1); }); }},
      {"special_renorm_", [](In x) { return changed(x, [](Tensor& t) { t.renorm_(2, 0, 0.5); }); }},
      {"special_float_power_",
       [](In x, In a) { return (x.square() + 1).to(float64).float_power_(a); }},
      {"special_float_power_number",
       [](In x) { return (x.square() + 1).to(float64).float_power_(1.5); }},
      {"special_float_power_of_float32", [](In x) { return x.to(float32).float_power_(2); }},
      {"special_i0_", [](In x) { return changed(x, [](Tensor& t) { t.i0_(); }); }},
      {"special_ldexp_", [](In x, In a) { return changed(x, [&](Tensor& t) { t.ldexp_(a); }); }},
      {"special_mvlgamma_",
       [](In x) { return changed(x, [](Tensor& t) { t.add_(20).mvlgamma_(3); }); }},
      {"special_igamma_", [](In a, In x) { return a.clone().igamma_(x); }},
      {"special_igammac_", [](In a, In x) { return a.clone().igammac_(x); }},
      {"special_mvlgamma_of_ints_", [](In x) { return x.clone().mvlgamma_(2); }},
  };
}

static Cases further_cases() {
  const std::vector<int64_t> bins = {3, 2};
  return {
      {"special_trapz", [](In x) { return trapz(x, 0.5, 0).square(); }},
      {"special_trapz_at", [](In a, In b) { return trapz(a, b).square(); }},
      {"special_as_strided_scatter",
       [](In a, In b) {
         return a.clone(MemoryFormat::contiguous).as_strided_scatter(b, {2, 2}, {5, 1}, 1).square();
       }},
      {"special_as_strided_scatter_shape",
       [](In a, In b) {
         return as_strided_scatter(a, b, {2, 2}, {5, 1}, 1);
       }},
      {"special_index_put",
       [](In a, In b) {
         return index_put(a, {from<int64_t>({2, 0})}, b).square();
       }},
      {"special_index_put_added",
       [](In a, In b) {
         return a.index_put({from<int64_t>({2, 2})}, b, true).square();
       }},
      {"special_gradient", [](const Tensors& t) { return squares(gradient(t[0])); }},
      {"special_gradient_spaced",
       [](const Tensors& t) { return squares(gradient(t[0], 2.0, {1}, 2)); }},
      {"special_gradient_spacings",
       [](const Tensors& t) {
         return squares(gradient(t[0], std::vector<double>{0.5, 2}));
       }},
      {"special_gradient_at",
       [](const Tensors& t) { return squares(gradient(t[0], Tensors{t[1]}, {1})); }},
      {"special_gradient_at_2",
       [](const Tensors& t) { return squares(gradient(t[0], Tensors{t[1]}, {1}, 2)); }},
      {"special_gradient_of_ints", [](const Tensors& t) { return gradient(t[0]); }},
      {"special_gradient_short", [](const Tensors& t) { return gradient(t[0], 1, {}, 2); }},
      {"special_gradient_order", [](const Tensors& t) { return gradient(t[0], 1, {}, 3); }},
      {"special_gradient_twice",
       [](const Tensors& t) {
         return gradient(t[0], 1, {0, 0});
       }},
      {"special_gradient_spacing",
       [](const Tensors& t) { return gradient(t[0], std::vector<double>{1}); }},
      {"special_histogramdd", [bins](const Tensors& t) { return all_of(histogramdd(t[0], bins)); }},
      {"special_histogramdd_range",
       [bins](const Tensors& t) {
         return all_of(histogramdd(t[0], bins, {.range = {{-1, 1}, {-2, 0.5}}}));
       }},
      {"special_histogramdd_density",
       [bins](const Tensors& t) {
         return all_of(histogramdd(t[0], bins, {.weight = t[1], .density = true}));
       }},
      {"special_histogramdd_edges",
       [](const Tensors& t) {
         return all_of(histogramdd(t[0], Tensors{t[1], t[2]}));
       }},
      {"special_histogramdd_bins",
       [](const Tensors& t) { return all_of(histogramdd(t[0], std::vector<int64_t>{3})); }},
      {"special_householder",
       [](In a, In b) { return linalg::householder_product(a, b).square(); }},
      {"special_householder_wide", [](In a, In b) { return linalg::householder_product(a, b); }},
      {"special_householder_taus", [](In a, In b) { return linalg::householder_product(a, b); }},
      {"special_kaiser", [](In x) { return kaiser_window(7, {.dtype = float64}) * x; }},
      {"special_kaiser_beta",
       [](In x) { return kaiser_window(6, false, 4.5, {.dtype = float64}) * x; }},
      {"special_cov", [](In x) { return x.cov({.correction = 0}).square(); }},
      {"special_quantile", [](In x) { return x.quantile(0.25, {.dim = 1, .keepdim = true}); }},
  };
}

static const Family special_family(special_cases);
static const Family unrecorded_family(unrecorded_cases);
static const Family in_place_family(in_place_cases);
static const Family further_family(further_cases);

}  // namespace rw::test
