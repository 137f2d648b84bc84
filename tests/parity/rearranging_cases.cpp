#include "cases.h"

namespace rw::test {
namespace {

Tensors squared(const Tensors& all) {
  Tensors squares;
  for (const Tensor& t : all) squares.push_back(t.square());
  return squares;
}

Tensor filled(In x, bool wrap = false) {
  Tensor y = x * x;
  detail::fill_diagonal_in_place(y, 5, wrap);
  return y;
}

}  // namespace

static Cases order_cases() {
  return {
      {"flip",
       [](In x) {
         return flip(x, {0, -1}).square();
       }},
      {"flip_nothing", [](In x) { return flip(x, {}).square(); }},
      {"flip_of_int", [](In x) { return flip(x, 1); }},
      {"flip_long_rows", [](In x) { return flip(x, 1); }},
      {"flip_transposed", [](In x) { return flip(x.t(), 0).square(); }},
      {"flip_of_empty", [](In x) { return flip(x, 0); }},
      {"flip_twice_refused",
       [](In x) {
         return flip(x, {0, 0});
       }},
      {"flip_dim_refused", [](In x) { return flip(x, 2); }},
      {"fliplr", [](In x) { return fliplr(x).square(); }},
      {"flipud", [](In x) { return flipud(x).square(); }},
      {"fliplr_of_vector_refused", [](In x) { return fliplr(x); }},
      {"roll",
       [](In x) {
         return roll(x, {1, -2}, {0, 2}).square();
       }},
      {"roll_flattened", [](In x) { return roll(x, 5).square(); }},
      {"roll_one_dim_twice",
       [](In x) {
         return roll(x, {1, 2}, {1, 1}).square();
       }},
      {"roll_far", [](In x) { return roll(x, -9, 1).square(); }},
      {"roll_of_empty", [](In x) { return roll(x, 1, 0); }},
      {"roll_sizes_refused",
       [](In x) {
         return roll(x, {1, 2}, 0);
       }},
      {"rot90", [](In x) { return rot90(x).square(); }},
      {"rot90_three",
       [](In x) {
         return rot90(x, 3, {2, 0}).square();
       }},
      {"rot90_half",
       [](In x) {
         return rot90(x, -2, {0, 1}).square();
       }},
      {"rot90_dims_refused",
       [](In x) {
         return rot90(x, 1, {0, 0});
       }},
      {"movedim",
       [](In x) {
         return movedim(x, {0, 1}, {2, 0}).square();
       }},
      {"movedim_one", [](In x) { return movedim(x, -1, 0).square(); }},
      {"movedim_twice_refused",
       [](In x) {
         return movedim(x, {0, 0}, {1, 2});
       }},
      {"swapaxes", [](In x) { return swapaxes(x, 0, -1).square(); }},
      {"repeat",
       [](In x) {
         return repeat(x, {2, 1, 3}).square();
       }},
      {"repeat_of_number",
       [](In x) {
         return repeat(x, {2, 3}).square();
       }},
      {"repeat_zero",
       [](In x) {
         return repeat(x, {0, 2});
       }},
      {"repeat_transposed",
       [](In x) {
         return repeat(x.t(), {2, 2}).square();
       }},
      {"repeat_short_refused", [](In x) { return repeat(x, 2); }},
      {"repeat_negative_refused",
       [](In x) {
         return repeat(x, {2, -1});
       }},
      {"tile", [](In x) { return tile(x, 2).square(); }},
      {"tile_longer",
       [](In x) {
         return tile(x, {2, 1, 2}).square();
       }},
      {"repeat_interleave", [](In x) { return repeat_interleave(x, 2, 1).square(); }},
      {"repeat_interleave_flattened", [](In x) { return repeat_interleave(x, 3).square(); }},
      {"repeat_interleave_tensor", [](In x, In n) { return repeat_interleave(x, n, -1).square(); }},
      {"repeat_interleave_one_number",
       [](In x, In n) { return repeat_interleave(x, n, 0).square(); }},
      {"repeat_interleave_numbers", [](In n) { return repeat_interleave(n); }},
      {"repeat_interleave_refused", [](In x, In n) { return repeat_interleave(x, n, 0); }},
  };
}

static Cases size_cases() {
  return {
      {"ravel", [](In x) { return ravel(x).square(); }},
      {"squeeze_dims",
       [](In x) {
         return squeeze(x, {0, 1}).square();
       }},
      {"squeeze_dims_refused",
       [](In x) {
         return squeeze(x, {0, 0});
       }},
      {"broadcast_to",
       [](In x) {
         return broadcast_to(x, {2, 3, 4}).square();
       }},
      {"broadcast_tensors",
       [](In a, In b) {
         return squared(broadcast_tensors({a, b}));
       }},
      {"atleast_1d", [](In x) { return atleast_1d(x).square(); }},
      {"atleast_2d", [](In x) { return atleast_2d(x).square(); }},
      {"atleast_3d", [](In x) { return atleast_3d(x).square(); }},
      {"atleast_3d_of_vector", [](In x) { return atleast_3d(x).square(); }},
      {"unfold", [](In x) { return unfold(x, -1, 3, 1).square(); }},
      {"unfold_steps", [](In x) { return unfold(x, 0, 2, 3).square(); }},
      {"unfold_one_window", [](In x) { return unfold(x, 1, 4, 2).square(); }},
      {"unfold_of_number", [](In x) { return unfold(x, 0, 1, 1).square(); }},
      {"unfold_nothing", [](In x) { return unfold(x, 0, 0, 2); }},
      {"unfold_size_refused", [](In x) { return unfold(x, 0, 5, 1); }},
      {"unfold_step_refused", [](In x) { return unfold(x, 0, 2, 0); }},
      {"as_strided",
       [](In x) {
         return as_strided(x.contiguous(), {2, 3}, {4, 1}, 1).square();
       }},
      {"as_strided_overlapping",
       [](In x) {
         return as_strided(x.contiguous(), {4, 3}, {2, 1}, 0);
       }},
      {"as_strided_repeated",
       [](In x) {
         return as_strided(x.contiguous(), {2, 4}, {0, 2}, 0);
       }},
      {"as_strided_of_view",
       [](In x) {
         return as_strided(x.contiguous().narrow(1, 0, 3), {4, 2}, {1, 4}, 0).square();
       }},
      {"as_strided_of_expanded",
       [](In x) {
         return as_strided(x.contiguous().expand({2, 4}), {3, 2}, {1, 1});
       }},
      {"as_strided_beyond_refused",
       [](In x) {
         return as_strided(x, {40, 40}, {40, 1});
       }},
      {"as_strided_negative_refused",
       [](In x) {
         return as_strided(x, {2, 2}, {-1, 1});
       }},
      {"select_scatter", [](In x, In s) { return select_scatter(x, s, 1, -1).square(); }},
      {"slice_scatter", [](In x, In s) { return slice_scatter(x, s, 1, 1, 4, 2).square(); }},
      {"slice_scatter_default", [](In x, In s) { return slice_scatter(x, s).square(); }},
      {"diagonal_scatter", [](In x, In s) { return diagonal_scatter(x, s, -1).square(); }},
      {"select_scatter_refused", [](In x, In s) { return select_scatter(x, s, 1, 0); }},
      {"slice_scatter_refused", [](In x, In s) { return slice_scatter(x, s, 1, 1); }},
  };
}

static Cases joining_cases() {
  return {
      {"hstack",
       [](In a, In b) {
         return hstack({a, b}).square();
       }},
      {"hstack_of_vectors",
       [](In a, In b) {
         return hstack({a, b}).square();
       }},
      {"vstack",
       [](In a, In b) {
         return vstack({a, b}).square();
       }},
      {"dstack",
       [](In a, In b) {
         return dstack({a, b}).square();
       }},
      {"column_stack",
       [](In a, In b) {
         return column_stack({a, b}).square();
       }},
      {"tensor_split", [](In x) { return squared(tensor_split(x, 3, -1)); }},
      {"tensor_split_many", [](In x) { return tensor_split(x, 5); }},
      {"tensor_split_places",
       [](In x) {
         return squared(tensor_split(x, {1, 3}, 1));
       }},
      {"tensor_split_back",
       [](In x) {
         return squared(tensor_split(x, {3, 1, -1}, 1));
       }},
      {"tensor_split_refused", [](In x) { return tensor_split(x, 0); }},
      {"hsplit", [](In x) { return squared(hsplit(x, 2)); }},
      {"hsplit_of_vector", [](In x) { return squared(hsplit(x, std::vector<int64_t>{1})); }},
      {"hsplit_refused", [](In x) { return hsplit(x, 3); }},
      {"vsplit", [](In x) { return squared(vsplit(x, 3)); }},
      {"dsplit",
       [](In x) {
         return squared(dsplit(x, {1, 2}));
       }},
      {"diag_of_vector", [](In x) { return diag(x, 1).square(); }},
      {"diag_of_matrix", [](In x) { return diag(x, -1).square(); }},
      {"diag_beyond", [](In x) { return diag(x, 5); }},
      {"diag_refused", [](In x) { return diag(x); }},
      {"diag_embed", [](In x) { return diag_embed(x, -1).square(); }},
      {"diag_embed_dims", [](In x) { return diag_embed(x, 1, 0, 2).square(); }},
      {"diagflat", [](In x) { return diagflat(x, 1).square(); }},
      {"trace", [](In x) { return trace(x * x); }},
      {"trace_of_int", [](In x) { return trace(x); }},
      {"trace_refused", [](In x) { return trace(x); }},
      {"block_diag",
       [](In a, In b, In c) {
         return block_diag({a, b, c}).square();
       }},
      {"block_diag_of_types",
       [](In a, In b) {
         return block_diag({a, b});
       }},
      {"tril_indices", [](In) { return tril_indices(3, 4, 1); }},
      {"tril_indices_below", [](In) { return tril_indices(4, 3, -1); }},
      {"triu_indices", [](In) { return triu_indices(3, 4); }},
      {"triu_indices_below", [](In) { return triu_indices(4, 3, -2); }},
      {"vander", [](In x) { return vander(x); }},
      {"vander_rising", [](In x) { return vander(x, 3, true); }},
      {"vander_of_int", [](In x) { return vander(x, 3); }},
      {"vander_none", [](In x) { return vander(x, 0); }},
      {"meshgrid",
       [](In a, In b) {
         return squared(meshgrid({a, b}));
       }},
      {"meshgrid_xy",
       [](In a, In b, In c) {
         return squared(meshgrid({a, b, c}, Indexing::xy));
       }},
      {"meshgrid_refused",
       [](In a, In b) {
         return meshgrid({a, b});
       }},
      {"cartesian_prod",
       [](In a, In b) {
         return cartesian_prod({a, b}).square();
       }},
      {"cartesian_prod_of_one", [](In a) { return cartesian_prod({a}).square(); }},
      {"combinations", [](In x) { return combinations(x).square(); }},
      {"combinations_three", [](In x) { return combinations(x, 3).square(); }},
      {"combinations_again", [](In x) { return combinations(x, 2, true).square(); }},
      {"combinations_none", [](In x) { return combinations(x, 5); }},
      {"logspace", [](In) { return logspace(-1, 2, 4, 10, {.dtype = float64}); }},
      {"logspace_of_two", [](In) { return logspace(0, 5, 3, 2, {.dtype = float64}); }},
      {"fill_diagonal", [](In x) { return filled(x); }},
      {"fill_diagonal_wrapped", [](In x) { return filled(x, true); }},
      {"fill_diagonal_cube", [](In x) { return filled(x); }},
  };
}

static const Family order_family(order_cases);
static const Family size_family(size_cases);
static const Family joining_family(joining_cases);

}  // namespace rw::test
