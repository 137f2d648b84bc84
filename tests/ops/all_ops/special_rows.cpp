#include "table.h"

namespace rw::test {

static Rows special_rows() {
  const Tensor x = normal({2, 3}), p = positive({2, 3}), q = positive({3}), n = normal({3});
  const Tensor share = (positive({2, 3}).detach() * 0.6).requires_grad_();
  const Tensor large = (positive({2, 3}).detach() + 1.5).requires_grad_();
  const Tensor s = q.detach() + 1.5, whole = from<int64_t>({2, -1, 0});
  // In the type of x, which may be of integers: those would round it.
  const auto like = [](In t, In x) {
    return x.defined() && is_floating(x.dtype()) ? t.type_as(x) : t;
  };
  return {
      {"i0", [](In a) { return i0(a); }, {x}},
      {"i0e", [](In a) { return special::i0e(a); }, {p}},
      {"i1", [](In a) { return special::i1(a); }, {x}},
      {"i1e", [](In a) { return special::i1e(a); }, {p}},
      {"entr", [](In a) { return special::entr(a); }, {p}},
      {"erfcx", [](In a) { return special::erfcx(a); }, {x}},
      {"ndtr", [](In a) { return special::ndtr(a); }, {x}},
      {"log_ndtr", [](In a) { return special::log_ndtr(a); }, {x}},
      {"ndtri", [](In a) { return special::ndtri(a); }, {share}},
      {"igamma", [=](In a) { return igamma(like(s, a), a); }, {p}},
      {"igammac", [=](In a) { return igammac(like(s, a), a); }, {p}},
      {"zeta", [=](In a) { return special::zeta(like(s, a), a); }, {p}},
      {"zeta, of a number", [](In a) { return special::zeta(2.5, a); }, {p}},
      {"zeta, at a number", [=](In a) { return special::zeta(like(s, a), 1.25) * a; }, {p}},
      {"mvlgamma", [](In a) { return mvlgamma(a, 3); }, {large}},
      {"frexp", [](In a) { return frexp(a).first.square(); }, {p}},
      {"ldexp", [](In a, In b) { return ldexp(a, b); }, {x, n}},
      {"ldexp, integers", [=](In a) { return ldexp(a, whole).square(); }, {x}},
      {"expit", [](In a) { return special::expit(a); }, {x}},
      {"gammaln", [](In a) { return special::gammaln(a); }, {p}},
      {"psi", [](In a) { return special::psi(a); }, {p}},
      {"gammainc", [=](In a) { return special::gammainc(like(s, a), a); }, {p}},
      {"gammaincc", [=](In a) { return special::gammaincc(like(s, a), a); }, {p}},
      {"multigammaln", [](In a) { return special::multigammaln(a, 2); }, {large}},
      {"Tensor::i0_", [](In a) { return changed(a, [](Tensor& t) { t.i0_(); }); }, {x}},
      {"Tensor::mvlgamma_",
       [](In a) { return changed(a, [](Tensor& t) { t.mvlgamma_(3); }); },
       {large}},
      {"Tensor::ldexp_",
       [](In a, In b) { return changed(a, [&](Tensor& t) { t.ldexp_(b); }); },
       {x, n}},
      {"Tensor::igamma_",
       [=](In a) {
         Tensor t = like(s, a).expand({2, 3}).clone();
         return t.igamma_(a);
       },
       {p}},
      {"Tensor::igammac_",
       [=](In a) {
         Tensor t = like(s, a).expand({2, 3}).clone();
         return t.igammac_(a);
       },
       {p}},
  };
}

static Rows changed_products_rows() {
  const Tensor m = normal({3, 4}), n = normal({4, 2}), v = normal({4}), w = normal({3});
  const Tensor a = normal({2, 3, 4}), b = normal({2, 4, 2}), c = normal({3, 2});
  const Tensor p = positive({3, 4});
  return {
      {"Tensor::addmm_",
       [](In x, In y, In z) { return changed(x, [&](Tensor& t) { t.addmm_(y, z, 0.5, 2); }); },
       {c, m, n}},
      {"Tensor::addmv_",
       [](In x, In y, In z) { return changed(x, [&](Tensor& t) { t.addmv_(y, z); }); },
       {w, m, v}},
      {"Tensor::addr_",
       [](In x, In y, In z) { return changed(x, [&](Tensor& t) { t.addr_(y, z, 2); }); },
       {m, w, v}},
      {"Tensor::addbmm_",
       [](In x, In y, In z) { return changed(x, [&](Tensor& t) { t.addbmm_(y, z); }); },
       {c, a, b}},
      {"Tensor::baddbmm_",
       [](In x, In y, In z) { return changed(x, [&](Tensor& t) { t.baddbmm_(y, z, 1, -1); }); },
       {normal({2, 3, 2}), a, b}},
      {"Tensor::cumsum_", [](In x) { return changed(x, [](Tensor& t) { t.cumsum_(1); }); }, {m}},
      {"Tensor::cumprod_", [](In x) { return changed(x, [](Tensor& t) { t.cumprod_(0); }); }, {m}},
      {"Tensor::cumsum_, of a view",
       [](In x) { return changed(x, [](Tensor& t) { t.select(0, 1).cumsum_(0); }); },
       {m}},
      {"Tensor::tril_", [](In x) { return changed(x, [](Tensor& t) { t.tril_(-1); }); }, {m}},
      {"Tensor::triu_", [](In x) { return changed(x, [](Tensor& t) { t.triu_(1); }); }, {a}},
      {"Tensor::renorm_",
       [](In x) { return changed(x, [](Tensor& t) { t.renorm_(2, 0, 1.0); }); },
       {m}},
      {"Tensor::float_power_",
       [](In x, In y) {
         Tensor t = x.to(float64) * 2;
         return t.float_power_(y);
       },
       {p, v}},
      {"Tensor::float_power_, by a number",
       [](In x) {
         Tensor t = x.to(float64) * 2;
         return t.float_power_(1.5);
       },
       {p}},
  };
}

static Rows further_rows() {
  const Tensor x = normal({3, 4}), v = normal({4}), y = normal({2, 2}), cube = normal({4, 3, 5});
  const Tensor rise = (positive({4}).detach()).requires_grad_();
  const Tensor tall = normal({2, 5, 3}), taus = normal({2, 2});
  const std::vector<double> two = {0.5, 2};
  return {
      {"trapz", [](In a) { return trapz(a, 0.5, 0).square(); }, {x}},
      {"trapz, at places", [](In a, In b) { return trapz(a, b); }, {x, v}},
      {"as_strided_scatter",
       [](In a, In b) {
         return as_strided_scatter(a.clone(MemoryFormat::contiguous), b, {2, 2}, {5, 1}, 1)
             .square();
       },
       {x, y}},
      {"index_put",
       [](In a, In b) {
         return index_put(a, {from<int64_t>({2, 0}), Slice(0, 2)}, b).square();
       },
       {x, y}},
      {"index_put, added",
       [](In a, In b) {
         return index_put(a, {from<int64_t>({2, 2}), Slice(0, 2)}, b, true).square();
       },
       {x, y}},
      {"gradient",
       [](const Tensors& t) {
         Tensors all = gradient(t[0]);
         for (Tensor& g : all) g = g.square();
         return all;
       },
       {cube}},
      {"gradient, spacings",
       [=](const Tensors& t) {
         return gradient(t[0].square(), two, {0, -1}, 2);
       },
       {cube}},
      {"gradient, coordinates",
       [](const Tensors& t) {
         return gradient(t[0].square(), std::vector<Tensor>{cumsum(t[1], 0)}, {0}, 2);
       },
       {cube, rise}},
      {"gradient, coordinates, to lines",
       [](const Tensors& t) {
         return gradient(t[0].square(), std::vector<Tensor>{cumsum(t[1], 0)}, {0});
       },
       {cube, rise}},
      {"householder_product",
       [](In a, In t) { return linalg::householder_product(a, t); },
       {tall, taus}},
  };
}

static const Family special_family(
    special_rows,
    {{"has no derivative, as in PyTorch; tests/ops/special_functions_test.cpp has values",
      {"airy_ai",
       "bessel_j0",
       "bessel_j1",
       "bessel_y0",
       "bessel_y1",
       "chebyshev_polynomial_t",
       "chebyshev_polynomial_u",
       "chebyshev_polynomial_v",
       "chebyshev_polynomial_w",
       "hermite_polynomial_h",
       "hermite_polynomial_he",
       "laguerre_polynomial_l",
       "legendre_polynomial_p",
       "modified_bessel_i0",
       "modified_bessel_i1",
       "modified_bessel_k0",
       "modified_bessel_k1",
       "scaled_modified_bessel_k0",
       "scaled_modified_bessel_k1",
       "shifted_chebyshev_polynomial_t",
       "shifted_chebyshev_polynomial_u",
       "shifted_chebyshev_polynomial_v",
       "shifted_chebyshev_polynomial_w",
       "spherical_bessel_j0"}},
     {"is its function, which has rows (tests/ops/special_functions_test.cpp)",
      {"Tensor::as_strided_scatter", "Tensor::cov", "Tensor::frexp", "Tensor::i0", "Tensor::igamma",
       "Tensor::igammac", "Tensor::index_put", "Tensor::ldexp", "Tensor::mvlgamma",
       "Tensor::nanquantile", "Tensor::quantile"}}});
static const Family changed_products_family(changed_products_rows);
static const Family further_family(further_rows);

}  // namespace rw::test
