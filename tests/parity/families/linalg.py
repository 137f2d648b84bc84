"""Linear algebra: torch.linalg and its older names. What depends on signs of vectors is compared by
functions that do not."""

import torch
from torch import linalg

from .common import case, fixed, integers, real, refused, values

inf = float("inf")


def regular(*shape):
    """Far from singular, with singular values far from each other."""

    def make(rng):
        m, n = shape[-2:]
        x = real(*shape)(rng).detach() / 8
        return (x + torch.diag(2.0 + torch.arange(max(m, n)))[:m, :n]).requires_grad_()

    return make


def symmetric(x):
    return x + x.mT


def definite(x):
    return x @ x.mT


def wide_integers(f):
    """Fixtures know no int32."""
    return lambda *t: [x.long() if x.dtype == torch.int32 else x for x in f(*t)]


def of_vectors(usv):
    u, s, vh = usv
    k = s.shape[-1]
    x, y = u[..., :k], vh[..., :k, :]
    return [s, x.square(), (x * s.square().unsqueeze(-2)) @ y, y.square()]


def of_eigenvectors(dv):
    d, v = dv
    return [d, v.square(), (v * d.square().unsqueeze(-2)) @ v.mT]


def of_qr(q_r):
    q, r = q_r
    return [r.square(), q @ r, q @ q.mT]


def nothing(f, *sizes):
    return lambda *t: f(*[x.reshape(s) for x, s in zip(t, sizes)])


none = values([])
singular = fixed(values([[1.0, 2.0], [2.0, 4.0]]))
one_singular = fixed(values([[[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [2.0, 4.0]]]))
indefinite = fixed(values([[1.0, 2.0], [2.0, 1.0]]))
nan = fixed(values([[float("nan"), 2.0], [2.0, 1.0]]))
ints = integers(2, 2, below=5)
square = regular(3, 3)
batch = regular(2, 3, 3)
tall = regular(4, 2)
wide = regular(2, 4)

case("inv", linalg.inv, square)
case("inv_batch", linalg.inv, batch)
case("inv_of_one", linalg.inv, regular(1, 1))
case("inv_turned", lambda x: linalg.inv(x.mT), batch)
case("inv_of_nothing", nothing(linalg.inv, (2, 0, 0)), none)
refused("inv_singular", linalg.inv, singular)
refused("inv_one_singular", linalg.inv, one_singular)
refused("inv_not_square", linalg.inv, real(2, 3))
refused("inv_of_ints", linalg.inv, ints)
refused("inv_of_vector", linalg.inv, real(3))
case("inv_ex", wide_integers(linalg.inv_ex), square)
case("inv_ex_singular", lambda x: linalg.inv_ex(x).info.long(), one_singular)
refused("inv_ex_checked", lambda x: linalg.inv_ex(x, check_errors=True), singular)

case("solve", linalg.solve, square, real(3, 2))
case("solve_vector", linalg.solve, square, real(3))
case("solve_vectors", linalg.solve, batch, real(2, 3))
case("solve_broadcast", linalg.solve, square, real(2, 3, 2))
case("solve_broadcast_both", linalg.solve, regular(2, 1, 2, 2), real(3, 2, 1))
case("solve_right", lambda a, b: linalg.solve(a, b, left=False), batch, real(2, 2, 3))
case("solve_of_nothing", nothing(linalg.solve, (0, 0), (0, 2)), none, none)
case("solve_no_columns", nothing(linalg.solve, (2, 2), (2, 0)), regular(2, 2), none)
refused("solve_singular", linalg.solve, singular, real(2))
refused("solve_no_fit", linalg.solve, square, real(2, 2))
refused("solve_right_vector", lambda a, b: linalg.solve(a, b, left=False), square, real(3))
case("solve_ex", wide_integers(linalg.solve_ex), batch, real(3, 2))
case("solve_triangular", lambda a, b: linalg.solve_triangular(a, b, upper=False), square, real(3, 2))
case("solve_triangular_upper", lambda a, b: linalg.solve_triangular(a, b, upper=True), batch, real(3, 2))
case("solve_triangular_right", lambda a, b: linalg.solve_triangular(a, b, upper=True, left=False),
     square, real(2, 2, 3))
case("solve_triangular_ones",
     lambda a, b: linalg.solve_triangular(a, b, upper=False, unitriangular=True), square, real(3, 1))
refused("solve_triangular_no_fit", lambda a, b: linalg.solve_triangular(a, b, upper=True), square, real(2, 3))
case("triangular_solve", lambda b, a: torch.triangular_solve(b, a).solution, real(3, 2), batch)
case("triangular_solve_turned",
     lambda b, a: torch.triangular_solve(b, a, upper=False, transpose=True).solution, real(3, 2), square)
case("tensorinv", lambda x: linalg.tensorinv(x.reshape(2, 3, 6)), regular(6, 6))
case("tensorinv_of_one", lambda x: linalg.tensorinv(x.reshape(4, 2, 2), ind=1), regular(4, 4))
refused("tensorinv_no_fit", linalg.tensorinv, real(2, 3, 5))
case("tensorsolve", lambda a, b: linalg.tensorsolve(a.reshape(2, 3, 6), b), regular(6, 6), real(2, 3))
case("tensorsolve_dims", lambda a, b: linalg.tensorsolve(a.reshape(2, 4, 2), b, dims=(0,)),
     regular(4, 4), real(4))

case("lstsq", lambda a, b: linalg.lstsq(a, b).solution, tall, real(4, 2))
case("lstsq_wide", lambda a, b: linalg.lstsq(a, b).solution, wide, real(2, 1))
case("lstsq_vector", lambda a, b: linalg.lstsq(a, b).solution, regular(2, 3, 2), real(2, 3))
case("lstsq_all", lambda a, b: [x.detach() for x in linalg.lstsq(a, b)], tall, real(4, 2))
case("lstsq_gels", lambda a, b: [x.detach() for x in linalg.lstsq(a, b, driver="gels")], tall, real(4, 2))
case("lstsq_gelsd", lambda a, b: [x.detach() for x in linalg.lstsq(a, b, driver="gelsd")],
     regular(2, 3, 2), real(2, 3, 1))
case("lstsq_gelss", lambda a, b: [x.detach() for x in linalg.lstsq(a, b, driver="gelss")], wide, real(2, 2))
case("lstsq_low_rank", lambda a, b: [x.detach() for x in linalg.lstsq(a, b, driver="gelsd")],
     singular, real(2, 2))
refused("lstsq_no_fit", linalg.lstsq, tall, real(3, 2))

case("linalg_det", linalg.det, batch)
case("linalg_det_of_one", linalg.det, regular(1, 1))
case("linalg_det_of_nothing", nothing(linalg.det, (2, 0, 0)), none)
case("det_singular", torch.det, singular)
refused("det_not_square", torch.det, real(2, 3))
refused("det_of_ints", torch.det, ints)
case("slogdet", lambda x: list(linalg.slogdet(x)), real(2, 3, 3))
case("slogdet_singular", lambda x: list(torch.slogdet(x)), singular)
case("logdet", torch.logdet, square)
case("logdet_negative", torch.logdet, fixed(values([[0.0, 1.0], [2.0, 0.0]])))

case("cholesky", lambda x: linalg.cholesky(definite(x)), batch)
case("cholesky_upper", lambda x: linalg.cholesky(definite(x), upper=True), square)
case("cholesky_of_triangle", lambda x: linalg.cholesky(definite(x).tril()), fixed(square))
case("cholesky_of_upper_triangle", lambda x: linalg.cholesky(definite(x).triu(), upper=True), fixed(square))
case("cholesky_of_nothing", nothing(linalg.cholesky, (0, 0)), none)
refused("cholesky_indefinite", linalg.cholesky, indefinite)
refused("cholesky_of_ints", linalg.cholesky, ints)
case("cholesky_ex", lambda x: linalg.cholesky_ex(x).info.long(), indefinite)
case("cholesky_solve", lambda b, x: torch.cholesky_solve(b, x.tril()), real(3, 2), batch)
case("cholesky_solve_upper", lambda b, x: torch.cholesky_solve(b, x.triu(), upper=True), real(3, 2), square)
case("cholesky_inverse", lambda x: torch.cholesky_inverse(x.tril()), batch)
case("cholesky_inverse_upper", lambda x: torch.cholesky_inverse(x.triu(), upper=True), square)

case("lu", lambda x: list(linalg.lu(x)), real(2, 3, 3))
case("lu_tall", lambda x: list(linalg.lu(x)), tall)
case("lu_wide", lambda x: list(linalg.lu(x)), wide)
case("lu_singular", lambda x: list(linalg.lu(x)), singular)
case("lu_of_nothing", nothing(lambda x: list(linalg.lu(x)), (3, 0)), none)
case("lu_factor", wide_integers(linalg.lu_factor), real(2, 3, 3))
case("lu_factor_wide", wide_integers(linalg.lu_factor), real(2, 3))
refused("lu_factor_singular", linalg.lu_factor, singular)
case("lu_factor_ex", wide_integers(linalg.lu_factor_ex), one_singular)
case("lu_solve", lambda a, b: linalg.lu_solve(*linalg.lu_factor(a), b), real(2, 3, 3), real(3, 2))
case("lu_solve_adjoint", lambda a, b: linalg.lu_solve(*linalg.lu_factor(a), b, adjoint=True),
     real(3, 3), real(3, 2))
case("lu_solve_right", lambda a, b: linalg.lu_solve(*linalg.lu_factor(a), b, left=False),
     real(3, 3), real(2, 3))
case("lu_solve_old", lambda a, b: torch.lu_solve(b, *linalg.lu_factor(a)), real(3, 3), real(3, 2))
case("lu_unpack", lambda x: list(torch.lu_unpack(*linalg.lu_factor(x))), real(2, 3, 2))

case("qr", lambda x: of_qr(linalg.qr(x)), batch)
case("qr_tall", lambda x: of_qr(linalg.qr(x)), tall)
case("qr_wide", lambda x: of_qr(linalg.qr(x, mode="complete")), wide)
case("qr_complete", lambda x: of_qr(linalg.qr(x, mode="complete")), fixed(tall))
case("qr_r", lambda x: [linalg.qr(x, mode="r").Q, linalg.qr(x, mode="r").R.square()], fixed(tall))
case("qr_of_nothing", nothing(lambda x: list(linalg.qr(x, mode="complete")), (2, 0)), fixed(none))

case("eigh", lambda x: of_eigenvectors(linalg.eigh(symmetric(x))), batch)
case("eigh_of_triangle", lambda x: of_eigenvectors(linalg.eigh(symmetric(x).tril())), fixed(square))
case("eigh_of_upper_triangle", lambda x: of_eigenvectors(linalg.eigh(symmetric(x).triu(), UPLO="U")),
     fixed(square))
case("eigh_of_nothing", nothing(lambda x: list(linalg.eigh(x)), (2, 0, 0)), none)
case("eigvalsh", lambda x: linalg.eigvalsh(symmetric(x)), batch)
refused("eigh_not_square", linalg.eigh, real(2, 3))
refused("eigvalsh_wrong_uplo", lambda x: linalg.eigvalsh(x, UPLO="X"), square)

case("svd", lambda x: of_vectors(linalg.svd(x)), batch)
case("svd_tall", lambda x: of_vectors(linalg.svd(x)), tall)
case("svd_wide", lambda x: of_vectors(linalg.svd(x, full_matrices=False)), regular(2, 2, 3))
case("svd_basis", lambda x: [u @ u.mT for u in linalg.svd(x)[::2]], fixed(wide))
case("svd_old", lambda x: of_vectors((lambda u, s, v: (u, s, v.mT))(*torch.svd(x))), tall)
case("svd_old_values", lambda x: list(torch.svd(x, compute_uv=False)), fixed(tall))
case("svd_of_nothing", nothing(lambda x: list(linalg.svd(x)), (2, 0)), none)
case("svdvals", linalg.svdvals, regular(2, 2, 3))
case("svdvals_singular", linalg.svdvals, one_singular)
refused("svd_of_nan", linalg.svd, nan)
refused("svd_of_ints", linalg.svd, ints)

case("pinv", linalg.pinv, tall)
case("pinv_wide", linalg.pinv, regular(2, 2, 3))
case("pinv_singular", linalg.pinv, one_singular)
case("pinv_cut", lambda x: linalg.pinv(x, atol=2.5, rtol=0.1), square)
case("pinv_symmetric", lambda x: linalg.pinv(symmetric(x), hermitian=True), square)
case("pinv_of_nothing", nothing(linalg.pinv, (2, 0)), none)
case("pinverse", torch.pinverse, wide)
case("matrix_rank", linalg.matrix_rank, one_singular)
case("matrix_rank_cut", lambda x: linalg.matrix_rank(x, atol=2.5), fixed(square))
case("matrix_rank_relative", lambda x: linalg.matrix_rank(x, rtol=0.6), fixed(batch))
case("matrix_rank_symmetric", lambda x: linalg.matrix_rank(x, hermitian=True), singular)
case("matrix_rank_of_nothing", nothing(linalg.matrix_rank, (2, 0, 3)), none)

for name, order in (("fro", "fro"), ("nuc", "nuc"), ("1", 1), ("minus_1", -1), ("2", 2), ("minus_2", -2),
                    ("inf", inf), ("minus_inf", -inf)):
    case(f"matrix_norm_{name}", lambda x, p=order: linalg.matrix_norm(x, p), batch)
    # Of the others PyTorch has no gradient: it changes the inverse in place.
    case(f"cond_{name}", lambda x, p=order: linalg.cond(x, p), square if name.endswith("2") else fixed(square))
case("matrix_norm_dims", lambda x: linalg.matrix_norm(x, 1, dim=(2, 0), keepdim=True), real(2, 3, 2))
case("matrix_norm_nuc_dims", lambda x: linalg.matrix_norm(x, "nuc", dim=(0, 2), keepdim=True), real(3, 2, 2))
case("matrix_norm_of_zeros", linalg.matrix_norm, fixed(values([[0.0, 0.0], [0.0, 0.0]])))
refused("matrix_norm_of_vector", linalg.matrix_norm, real(3))
refused("matrix_norm_wrong_order", lambda x: linalg.matrix_norm(x, 3), square)
refused("matrix_norm_of_ints", linalg.matrix_norm, ints)
case("linalg_norm", linalg.norm, real(2, 3, 2))
case("linalg_norm_of_number", linalg.norm, values(-2.5))
case("linalg_norm_vector", lambda x: linalg.norm(x, 3), real(4))
case("linalg_norm_zero", lambda x: linalg.norm(x, 0), values([0.0, 2.0, -3.0]))
case("linalg_norm_inf", lambda x: linalg.norm(x, inf, dim=1), real(2, 3))
case("linalg_norm_one", lambda x: linalg.norm(x, 1, dim=0, keepdim=True), real(2, 3))
case("linalg_norm_matrix", lambda x: linalg.norm(x, inf), real(2, 3))
case("linalg_norm_dims", lambda x: linalg.norm(x, "fro", dim=(0, 2)), real(2, 3, 2))
refused("linalg_norm_wrong_rank", lambda x: linalg.norm(x, 2), real(2, 2, 2))
refused("linalg_norm_name_of_vector", lambda x: linalg.norm(x, "fro"), real(2))
case("cond", linalg.cond, tall)
case("cond_singular", lambda x: linalg.cond(x, 1), one_singular)

case("matrix_power_0", lambda x: linalg.matrix_power(x, 0), real(2, 2, 2))
case("matrix_power_1", lambda x: linalg.matrix_power(x, 1), real(2, 2))
case("matrix_power_5", lambda x: linalg.matrix_power(x, 5), real(2, 2, 2))
case("matrix_power_minus_3", lambda x: linalg.matrix_power(x, -3), square)
case("matrix_power_of_ints", lambda x: torch.matrix_power(x, 3), ints)
refused("matrix_power_not_square", lambda x: torch.matrix_power(x, 3), real(2, 3))
case("matrix_exp", linalg.matrix_exp, real(2, 3, 3))
case("matrix_exp_large", lambda x: torch.matrix_exp(x * 4), real(2, 2))
case("matrix_exp_of_different", linalg.matrix_exp,
     values([[[0.0, 0.0], [0.0, 0.0]], [[1e-3, 0.5], [0.25, 0.0]], [[9.0, -7.0], [8.0, -6.0]]]))
case("matrix_exp_of_nothing", nothing(linalg.matrix_exp, (0, 0)), none)
refused("matrix_exp_of_ints", linalg.matrix_exp, ints)
case("multi_dot", lambda *t: linalg.multi_dot(t), real(2, 3), real(3, 4), real(4, 1), real(1, 2))
case("multi_dot_vectors", lambda *t: linalg.multi_dot(t), real(2), real(2, 3), real(3))
case("multi_dot_two", lambda *t: linalg.multi_dot(t), real(2, 3), real(3, 2))
refused("multi_dot_one", lambda x: linalg.multi_dot([x]), real(2, 2))
refused("multi_dot_no_fit", lambda *t: linalg.multi_dot(t), real(2, 3), real(2, 3))
case("vecdot", linalg.vecdot, real(2, 3), real(3))
case("vecdot_dim", lambda x, y: linalg.vecdot(x, y, dim=0), real(2, 3), real(2, 1))
refused("vecdot_of_ints", linalg.vecdot, ints, ints)
case("linalg_vander", linalg.vander, real(4))
case("linalg_vander_batch", lambda x: linalg.vander(x, N=2), real(2, 3))
case("linalg_vander_of_int", lambda x: linalg.vander(x, N=4), ints)
case("linalg_vander_of_number", lambda x: linalg.vander(x, N=3), real())
refused("linalg_vander_one", lambda x: linalg.vander(x, N=1), real(3))
refused("linalg_vander_of_bool", lambda x: linalg.vander(x > 0, N=3), real(3))
case("linalg_diagonal", lambda x: linalg.diagonal(x, offset=-1).square(), real(2, 3, 3))
