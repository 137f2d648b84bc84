#include "cases.h"

namespace rw::test {
namespace {

// Squared where the operands are floating.
Case sums(const char* name, const char* equation) {
  return {name, [=](const Tensors& operands) {
            const Tensor y = einsum(equation, operands);
            return Tensors{y.is_floating_point() ? y.square() : y};
          }};
}

}  // namespace

static Cases einsum_cases() {
  return {
      sums("einsum_matmul", "ij,jk->ik"),
      sums("einsum_implied", "ij,jk"),
      sums("einsum_implied_order", "ba,b"),
      sums("einsum_batch", "bij,bjk->bik"),
      sums("einsum_batch_turned", "bij,bjk->kbi"),
      sums("einsum_attention", "bqhd,bkhd->bhqk"),
      sums("einsum_dot", "i,i->"),
      sums("einsum_outer", "i,j->ji"),
      sums("einsum_trace", "ii->"),
      sums("einsum_diagonal", "ii->i"),
      sums("einsum_diagonals", "iijj->ji"),
      sums("einsum_transposed", "ij->ji"),
      sums("einsum_summed", "ij->j"),
      sums("einsum_all_summed", "ij->"),
      sums("einsum_hadamard", "ij,ij->ij"),
      sums("einsum_hadamard_summed", "ij,ij->i"),
      sums("einsum_all_of_two", "ij,ji->"),
      sums("einsum_ellipsis", "...ij,...jk->...ik"),
      sums("einsum_ellipsis_both", "...ij,jk...->k...i"),
      sums("einsum_ellipsis_implied", "...i,i"),
      sums("einsum_ellipsis_summed", "...i,...i->..."),
      sums("einsum_ones_broadcast", "ij,jk->ik"),
      sums("einsum_ones_kept", "ij,ij->ij"),
      sums("einsum_alone", "ij,k->i"),
      sums("einsum_three", "ij,jk,k->i"),
      sums("einsum_three_batch", "bi,bj,bij->b"),
      sums("einsum_four", "ij,jk,kl,l->i"),
      sums("einsum_letters", "aB,Bc->ca"),
      sums("einsum_spaces", " i j , j k -> i k "),
      sums("einsum_number", ",i->i"),
      sums("einsum_of_int", "ij,jk->ik"),
      sums("einsum_size_refused", "ij,jk->ik"),
      sums("einsum_count_refused", "ij,jk->ik"),
      sums("einsum_rank_refused", "ijk->ik"),
      sums("einsum_result_refused", "ij->ik"),
      sums("einsum_twice_refused", "ij->ii"),
      sums("einsum_sign_refused", "i1->i"),
      sums("einsum_ellipses_refused", "......->"),
  };
}

static Cases tensor_product_cases() {
  return {
      {"dot", [](In a, In b) { return dot(a, b).square(); }},
      {"dot_of_int", [](In a, In b) { return dot(a, b); }},
      {"dot_of_empty", [](In a, In b) { return dot(a, b); }},
      {"dot_refused", [](In a, In b) { return dot(a, b); }},
      {"dot_rank_refused", [](In a, In b) { return dot(a, b); }},
      {"vdot", [](In a, In b) { return vdot(a, b).square(); }},
      {"outer", [](In a, In b) { return outer(a, b).square(); }},
      {"outer_of_types", [](In a, In b) { return outer(a, b); }},
      {"outer_refused", [](In a, In b) { return outer(a, b); }},
      {"mv", [](In a, In b) { return mv(a, b).square(); }},
      {"mv_refused", [](In a, In b) { return mv(a, b); }},
      {"inner", [](In a, In b) { return inner(a, b).square(); }},
      {"inner_of_vectors", [](In a, In b) { return inner(a, b).square(); }},
      {"inner_of_number", [](In a, In b) { return inner(a, b).square(); }},
      {"inner_refused", [](In a, In b) { return inner(a, b); }},
      {"cross", [](In a, In b) { return cross(a, b, 0).square(); }},
      {"cross_first", [](In a, In b) { return cross(a, b).square(); }},
      {"linalg_cross", [](In a, In b) { return linalg::cross(a, b).square(); }},
      {"cross_of_int", [](In a, In b) { return linalg::cross(a, b); }},
      {"cross_refused", [](In a, In b) { return cross(a, b, 1); }},
      {"linalg_cross_rank_refused", [](In a, In b) { return linalg::cross(a, b); }},
      {"addmm", [](In c, In a, In b) { return addmm(c, a, b).square(); }},
      {"addmm_row", [](In c, In a, In b) { return addmm(c, a, b).square(); }},
      {"addmm_column", [](In c, In a, In b) { return addmm(c, a, b).square(); }},
      {"addmm_scaled", [](In c, In a, In b) { return addmm(c, a, b, 0.5, -2).square(); }},
      {"addmm_beta_zero", [](In c, In a, In b) { return addmm(c, a, b, 0); }},
      {"addmm_of_int", [](In c, In a, In b) { return addmm(c, a, b, 2, 3); }},
      {"addmm_refused", [](In c, In a, In b) { return addmm(c, a, b); }},
      {"addmm_dtype_refused", [](In c, In a, In b) { return addmm(c, a, b); }},
      {"addmv", [](In c, In a, In b) { return addmv(c, a, b, 0.5, 2).square(); }},
      {"addmv_number", [](In c, In a, In b) { return addmv(c, a, b).square(); }},
      {"addr", [](In c, In a, In b) { return addr(c, a, b, 0.5, 2).square(); }},
      {"addbmm", [](In c, In a, In b) { return addbmm(c, a, b, 0.5, 2).square(); }},
      {"baddbmm", [](In c, In a, In b) { return baddbmm(c, a, b, 0.5, 2).square(); }},
      {"baddbmm_full", [](In c, In a, In b) { return baddbmm(c, a, b).square(); }},
      {"baddbmm_refused", [](In c, In a, In b) { return baddbmm(c, a, b); }},
      {"tensordot", [](In a, In b) { return tensordot(a, b).square(); }},
      {"tensordot_none", [](In a, In b) { return tensordot(a, b, 0).square(); }},
      {"tensordot_dims",
       [](In a, In b) {
         return tensordot(a, b, {1, 2}, {1, 0}).square();
       }},
      {"tensordot_ones", [](In a, In b) { return tensordot(a, b, Dims(1), Dims(0)).square(); }},
      {"tensordot_refused", [](In a, In b) { return tensordot(a, b, 1); }},
      {"kron", [](In a, In b) { return kron(a, b).square(); }},
      {"kron_of_numbers", [](In a, In b) { return kron(a, b).square(); }},
      {"bilinear",
       [](const Tensors& t) { return Tensors{bilinear(t[0], t[1], t[2], t[3]).square()}; }},
      {"bilinear_refused", [](In a, In b, In w) { return bilinear(a, b, w); }},
      {"chain_matmul", [](const Tensors& t) { return Tensors{chain_matmul(t).square()}; }},
      {"multi_dot_refused", [](const Tensors& t) { return Tensors{linalg::multi_dot(t)}; }},
  };
}

static const Family einsum_family(einsum_cases);
static const Family tensor_product_family(tensor_product_cases);

}  // namespace rw::test
