"""Special functions of torch.special and beside it, and what else came with them."""

import torch

from .common import case, cube, fixed, integers, mask, positive, real, refused, squared, values, x, y

S = torch.special
NAN, INF = float("nan"), float("inf")
ends = fixed(values([0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 2.5]))
finite_ends = fixed(values([0.0, -0.0, 1.0, -1.0, NAN, 2.5]))
row = real(4)


def changed(f):
    """f changes what an op made of its first argument."""

    def run(x, *rest):
        y = x * x * 0.125 + 0.0625
        f(y, *rest)
        return y

    return run


for name in ["i0", "i0e", "i1", "i1e", "erfcx", "ndtr", "log_ndtr"]:
    f = getattr(S, name)
    case(f"special_{name}", f, x)
    large = [-4.5, -2.25, 8.0, 8.5, 19.0] if name == "erfcx" else [-20.5, -9.25, 8.0, 8.5, 19.0]
    case(f"special_{name}_of_large", f, values(large))
    # Of infinities PyTorch makes NaN where i0 and i1 are infinite.
    case(f"special_{name}_at_ends", f, finite_ends if name in ["i0", "i1"] else ends)
case("special_entr", S.entr, positive(3, 4))
case("special_entr_at_ends", S.entr, ends)
case("special_ndtri", S.ndtri, values([0.001953125, 0.125, 0.5, 0.8125, 0.984375]))
case("special_ndtri_at_ends", S.ndtri, fixed(values([0.0, 1.0, -0.5, 1.5, NAN, 1e-9, 0.999999])))
case("special_ndtr_of_bool", S.ndtr, mask(4))
case("special_zeta", S.zeta, fixed(values([1.5, 2.0, 3.25, 8.0])), positive(3, 4))
case("special_zeta_number", lambda x: S.zeta(2.5, x), positive(3, 4))
case("special_zeta_at_number", lambda x: S.zeta(x, 1.5), fixed(values([1.5, 2.0, 3.25, 8.0])))
case(
    "special_zeta_at_ends",
    S.zeta,
    fixed(values([1.0, 0.5, 2.0, 2.0, 3.0, 2.5, NAN])),
    fixed(values([2.0, 2.0, 0.0, -1.0, -1.5, -1.5, 1.0])),
)
shape = fixed(values([0.5, 1.0, 2.75, 9.5]))
case("special_igamma", torch.igamma, shape, positive(3, 4))
case("special_igammac", torch.igammac, shape, positive(3, 4))
several = fixed(values([0.0, 1.0, 0.0, 2.0, -1.0, 2.0, 12.0, 300.0, INF]))
places = fixed(values([0.0, 0.0, 1.0, INF, 1.0, -1.0, 10.5, 310.0, 1.0]))
case("special_igamma_at_ends", torch.igamma, several, places)
case("special_igammac_at_ends", torch.igammac, several, places)
refused("special_igamma_of_ints", torch.igamma, integers(3, below=5), integers(3, below=5))
case("special_mvlgamma", lambda x: torch.mvlgamma(x * 16 + 9, 3), positive(3, 4))
refused("special_mvlgamma_0", lambda x: torch.mvlgamma(x, 0), positive(3))
refused("special_mvlgamma_of_bool", lambda x: torch.mvlgamma(x, 1), mask(3))
parts = lambda x: [torch.frexp(x)[0], torch.frexp(x)[1].long()]
case("special_frexp", parts, x)
case("special_frexp_at_ends", parts, fixed(values([0.0, 1.0, -6.5, 5e-324, 1e300])))
refused("special_frexp_of_ints", lambda x: torch.frexp(x), integers(3, below=5))
case("special_ldexp", torch.ldexp, x, row)
case("special_ldexp_of_ints", torch.ldexp, integers(4, below=9), integers(4, below=5))
case("special_ldexp_by_ints", torch.ldexp, x, integers(4, below=5, low=-4))
case("special_expit", S.expit, x)
case("special_gammaln", lambda x: S.gammaln(x * 16 + 9), positive(4))
case("special_psi", S.psi, positive(4))
case("special_gammainc", S.gammainc, shape, positive(4))
case("special_gammaincc", S.gammaincc, shape, positive(4))
case("special_multigammaln", lambda x: S.multigammaln(x * 16 + 9, 2), positive(4))

# Without derivatives. Where PyTorch is right to more than eight digits: not between 4 and 20.
of_all = fixed(values([-30.25, -3.0, -1.5, -0.5, 0.0, 0.25, 1.0, 2.0, 2.5, 60.0]))
of_positive = fixed(values([0.0, 0.0625, 0.5, 1.0, 2.0, 2.5, 3.5, 21.0, 60.0, -1.0]))
for name in ["bessel_j0", "bessel_j1", "modified_bessel_i0", "modified_bessel_i1", "spherical_bessel_j0"]:
    case(f"special_{name}", getattr(S, name), of_all)
case("special_airy_ai", S.airy_ai, fixed(values([-30.25, -9.5, -1.5, -0.5, 0.0, 0.25, 1.0, 2.0, 2.5])))
for name in ["bessel_y0", "bessel_y1", "modified_bessel_k0", "modified_bessel_k1", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1"]:
    case(f"special_{name}", getattr(S, name), of_positive)
degrees = fixed(values([[0.0], [1.0], [2.75], [5.0], [9.0], [12.0], [-1.0]]))
inside = fixed(values([-1.0, -0.75, 0.125, 0.5, 1.0, 1.25, -1.5, 0.0]))
for name in [
    "chebyshev_polynomial_t",
    "chebyshev_polynomial_u",
    "chebyshev_polynomial_v",
    "chebyshev_polynomial_w",
    "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u",
    "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w",
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
]:
    f = getattr(S, name)
    case(f"special_{name}", f, inside, degrees)
    case(f"special_{name}_of_number", lambda x, f=f: f(x, 4), inside)
    case(f"special_{name}_of_degrees", lambda n, f=f: f(0.375, n), degrees)

# In place.
m, n, v = real(3, 4), real(4, 2), real(4)
case("special_addmm_", changed(lambda t, a, b: t.addmm_(a, b, beta=0.5, alpha=2)), real(3, 2), m, n)
case("special_addmv_", changed(lambda t, a, b: t.addmv_(a, b)), real(3), m, v)
case("special_addr_", changed(lambda t, a, b: t.addr_(a, b)), m, real(3), v)
case("special_addbmm_", changed(lambda t, a, b: t.addbmm_(a, b)), real(3, 2), cube, real(2, 4, 2))
case("special_baddbmm_", changed(lambda t, a, b: t.baddbmm_(a, b)), real(2, 3, 2), cube, real(2, 4, 2))
refused("special_addmm_broadcast", changed(lambda t, a, b: t.addmm_(a, b)), real(2), m, n)
case("special_cumsum_", changed(lambda t: t.cumsum_(1)), m)
case("special_cumprod_", changed(lambda t: t.cumprod_(0)), m)
case("special_cumsum_of_int32", lambda t: t.int().cumsum_(0).long(), integers(4, below=9))
refused("special_cumsum_dtype", changed(lambda t: t.cumsum_(1, dtype=torch.float32)), m)
case("special_tril_", changed(lambda t: t.tril_(-1)), m)
case("special_triu_", changed(lambda t: t.triu_(1)), m)
case("special_renorm_", changed(lambda t: t.renorm_(2, 0, 0.5)), m)
case("special_float_power_", lambda t, p: (t.square() + 1).double().float_power_(p), m, v)
case("special_float_power_number", lambda t: (t.square() + 1).double().float_power_(1.5), m)
refused("special_float_power_of_float32", lambda t: t.float().float_power_(2), fixed(m))
case("special_i0_", changed(lambda t: t.i0_()), m)
case("special_ldexp_", changed(lambda t, p: t.ldexp_(p)), m, v)
case("special_mvlgamma_", changed(lambda t: t.add_(20).mvlgamma_(3)), m)
case("special_igamma_", lambda a, t: a.clone().igamma_(t), shape, positive(4))
case("special_igammac_", lambda a, t: a.clone().igammac_(t), shape, positive(4))
refused("special_mvlgamma_of_ints_", lambda t: t.clone().mvlgamma_(2), integers(3, below=9, low=3))

# Others.
case("special_trapz", lambda t: torch.trapz(t, dx=0.5, dim=0).square(), m)
case("special_trapz_at", squared(torch.trapz), m, v)
case("special_as_strided_scatter", squared(lambda a, b: torch.as_strided_scatter(a, b, (2, 2), (5, 1), 1)), fixed(m), real(2, 2))  # PyTorch mistakes the gradient of a
refused("special_as_strided_scatter_shape", lambda a, b: torch.as_strided_scatter(a, b, (2, 2), (5, 1), 1), m, real(2))
case("special_index_put", squared(lambda a, b: torch.index_put(a, (torch.tensor([2, 0]),), b)), m, v)
case("special_index_put_added", squared(lambda a, b: torch.index_put(a, (torch.tensor([2, 2]),), b, accumulate=True)), m, v)
case("special_gradient", squared(lambda t: torch.gradient(t)), m)
case("special_gradient_spaced", squared(lambda t: torch.gradient(t, spacing=2.0, dim=1, edge_order=2)), m)
case("special_gradient_spacings", squared(lambda t: torch.gradient(t, spacing=[0.5, 2.0])), m)
at = fixed(values([0.0, 1.0, 1.5, 4.0]))
case("special_gradient_at", squared(lambda t, c: torch.gradient(t, spacing=[c], dim=1)), m, at)
case("special_gradient_at_2", squared(lambda t, c: torch.gradient(t, spacing=[c], dim=1, edge_order=2)), m, at)
case("special_gradient_of_ints", lambda t: torch.gradient(t), integers(5, below=9))
refused("special_gradient_short", lambda t: torch.gradient(t, edge_order=2), real(2))
refused("special_gradient_order", lambda t: torch.gradient(t, edge_order=3), row)
refused("special_gradient_twice", lambda t: torch.gradient(t, dim=(0, 0)), m)
refused("special_gradient_spacing", lambda t: torch.gradient(t, spacing=[1.0]), m)
dd = lambda h: [h[0], *h[1]]
points = fixed(real(9, 2))
case("special_histogramdd", lambda t: dd(torch.histogramdd(t, [3, 2])), points)
case("special_histogramdd_range", lambda t: dd(torch.histogramdd(t, [3, 2], range=[-1.0, 1.0, -2.0, 0.5])), points)
case("special_histogramdd_density", lambda t, w: dd(torch.histogramdd(t, [3, 2], weight=w, density=True)), points, fixed(positive(9)))
case("special_histogramdd_edges", lambda t, a, b: dd(torch.histogramdd(t, [a, b])), points, fixed(values([-2.0, 0.0, 0.5])), fixed(values([-1.0, 0.0, 0.25, 2.5])))
refused("special_histogramdd_bins", lambda t: dd(torch.histogramdd(t, [3])), points)
case("special_householder", squared(torch.linalg.householder_product), real(2, 5, 3), real(2, 2))
refused("special_householder_wide", torch.linalg.householder_product, real(2, 3), real(2))
refused("special_householder_taus", torch.linalg.householder_product, real(3, 2), real(3))
case("special_kaiser", lambda t: torch.kaiser_window(7, dtype=torch.float64) * t, real(1))
case("special_kaiser_beta", lambda t: torch.kaiser_window(6, False, 4.5, dtype=torch.float64) * t, real(1))
case("special_cov", lambda t: t.cov(correction=0).square(), m)
case("special_quantile", lambda t: t.quantile(0.25, dim=1, keepdim=True), m)
