"""Products of vectors, matrices and tensors, squared."""

import torch

from .common import case, cube, fixed, integers, real, refused, squared, values, x, y

v = real(4)
w = real(3)
m = real(4, 2)
one = real()
a3 = real(2, 3, 4)
b3 = real(2, 4, 2)
result = real(3, 2)

case("dot", squared(torch.dot), v, real(4))
case("dot_of_int", torch.dot, integers(3, below=9), integers(3, below=9))
case("dot_of_empty", torch.dot, real(0), real(0))
refused("dot_refused", torch.dot, v, w)
refused("dot_rank_refused", torch.dot, x, x)
case("vdot", squared(torch.vdot), v, real(4))
case("outer", squared(torch.outer), v, w)
case("outer_of_types", torch.outer, integers(3, below=9), real(2))
refused("outer_refused", torch.outer, x, v)
case("mv", squared(torch.mv), x, v)
refused("mv_refused", torch.mv, x, w)
case("inner", squared(torch.inner), x, a3)
case("inner_of_vectors", squared(torch.inner), v, real(4))
case("inner_of_number", squared(torch.inner), x, one)
refused("inner_refused", torch.inner, x, w)
case("cross", squared(lambda a, b: torch.cross(a, b, dim=0)), x, y)
case("cross_first", squared(lambda a, b: torch.cross(a, b)), real(2, 3, 3), real(2, 3, 3))
case("linalg_cross", squared(torch.linalg.cross), real(2, 3), real(1, 3))
case("cross_of_int", lambda a, b: torch.linalg.cross(a, b), integers(3, below=9), integers(3, below=9))
refused("cross_refused", lambda a, b: torch.cross(a, b, dim=1), x, y)
refused("linalg_cross_rank_refused", torch.linalg.cross, w, real(2, 3))
case("addmm", squared(lambda c, a, b: torch.addmm(c, a, b)), result, x, m)
case("addmm_row", squared(lambda c, a, b: torch.addmm(c, a, b)), real(2), x, m)
case("addmm_column", squared(lambda c, a, b: torch.addmm(c, a, b)), real(3, 1), x, m)
case(
    "addmm_scaled", squared(lambda c, a, b: torch.addmm(c, a, b, beta=0.5, alpha=-2)), result, x, m
)
case(
    "addmm_beta_zero",
    lambda c, a, b: torch.addmm(c, a, b, beta=0),
    fixed(values([float("nan"), 1.0])),
    x,
    m,
)
case(
    "addmm_of_int",
    lambda c, a, b: torch.addmm(c, a, b, beta=2, alpha=3),
    integers(2, below=9),
    integers(3, 2, below=9),
    integers(2, 2, below=9),
)
refused("addmm_refused", torch.addmm, real(3), x, m)
refused("addmm_dtype_refused", torch.addmm, integers(2, below=3), x, m)
case("addmv", squared(lambda c, a, b: torch.addmv(c, a, b, beta=0.5, alpha=2)), w, x, v)
case("addmv_number", squared(lambda c, a, b: torch.addmv(c, a, b)), one, x, v)
case("addr", squared(lambda c, a, b: torch.addr(c, a, b, beta=0.5, alpha=2)), x, w, v)
case("addbmm", squared(lambda c, a, b: torch.addbmm(c, a, b, beta=0.5, alpha=2)), result, a3, b3)
case("baddbmm", squared(lambda c, a, b: torch.baddbmm(c, a, b, beta=0.5, alpha=2)), result, a3, b3)
case("baddbmm_full", squared(lambda c, a, b: torch.baddbmm(c, a, b)), real(2, 3, 2), a3, b3)
refused("baddbmm_refused", torch.baddbmm, real(3, 3, 2), a3, b3)


def sums(name, equation, *operands, like=squared):
    case(f"einsum_{name}", like(lambda *t, e=equation: torch.einsum(e, *t)), *operands)


sums("matmul", "ij,jk->ik", x, m)
sums("implied", "ij,jk", x, m)
sums("implied_order", "ba,b", x, w)
sums("batch", "bij,bjk->bik", a3, b3)
sums("batch_turned", "bij,bjk->kbi", a3, b3)
sums("attention", "bqhd,bkhd->bhqk", real(2, 3, 1, 2), real(2, 2, 1, 2))
sums("dot", "i,i->", v, real(4))
sums("outer", "i,j->ji", v, w)
sums("trace", "ii->", real(3, 3))
sums("diagonal", "ii->i", real(3, 3))
sums("diagonals", "iijj->ji", real(2, 2, 3, 3))
sums("transposed", "ij->ji", x)
sums("summed", "ij->j", x)
sums("all_summed", "ij->", x)
sums("hadamard", "ij,ij->ij", x, y)
sums("hadamard_summed", "ij,ij->i", x, y)
sums("all_of_two", "ij,ji->", x, real(4, 3))
sums("ellipsis", "...ij,...jk->...ik", a3, real(4, 2))
sums("ellipsis_both", "...ij,jk...->k...i", a3, real(4, 2, 1))
sums("ellipsis_implied", "...i,i", a3, v)
sums("ellipsis_summed", "...i,...i->...", a3, real(1, 4))
sums("ones_broadcast", "ij,jk->ik", real(3, 1), m)
sums("ones_kept", "ij,ij->ij", real(3, 1), real(3, 1))
sums("alone", "ij,k->i", x, w)
sums("three", "ij,jk,k->i", x, m, real(2))
sums("three_batch", "bi,bj,bij->b", real(2, 3), real(2, 4), a3)
sums("four", "ij,jk,kl,l->i", x, m, real(2, 3), w)
sums("letters", "aB,Bc->ca", x, m)
sums("spaces", " i j , j k -> i k ", x, m)
sums("number", ",i->i", one, v)
sums("of_int", "ij,jk->ik", integers(2, 3, below=9), integers(3, 2, below=9), like=lambda f: f)
refused("einsum_size_refused", lambda a, b: torch.einsum("ij,jk->ik", a, b), x, x)
refused("einsum_count_refused", lambda a: torch.einsum("ij,jk->ik", a), x)
refused("einsum_rank_refused", lambda a: torch.einsum("ijk->ik", a), x)
refused("einsum_result_refused", lambda a: torch.einsum("ij->ik", a), x)
refused("einsum_twice_refused", lambda a: torch.einsum("ij->ii", a), x)
refused("einsum_sign_refused", lambda a: torch.einsum("i1->i", a), x)
refused("einsum_ellipses_refused", lambda a: torch.einsum("......->", a), x)
case("tensordot", squared(lambda a, b: torch.tensordot(a, b)), a3, real(3, 4, 2))
case("tensordot_none", squared(lambda a, b: torch.tensordot(a, b, 0)), v, w)
case("tensordot_dims", squared(lambda a, b: torch.tensordot(a, b, ([1, 2], [1, 0]))), a3, real(4, 3, 2))
case("tensordot_ones", squared(lambda a, b: torch.tensordot(a, b, ([1], [0]))), x, real(1, 2))
refused("tensordot_refused", lambda a, b: torch.tensordot(a, b, 1), x, x)
case("kron", squared(torch.kron), x, real(2, 1, 3))
case("kron_of_numbers", squared(torch.kron), one, v)
case(
    "bilinear",
    squared(torch.nn.functional.bilinear),
    real(2, 1, 2),
    real(2, 1, 4),
    real(5, 2, 4),
    real(5),
)
refused("bilinear_refused", torch.nn.functional.bilinear, real(2, 3), real(2, 4), real(5, 2, 4))
case("chain_matmul", squared(lambda *t: torch.chain_matmul(*t)), x, m, real(2, 3))
refused("multi_dot_refused", lambda *t: torch.linalg.multi_dot(t), x, x)
