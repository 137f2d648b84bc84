#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

// The elements as a vector, of at most n.
Tensor vector_of(const Tensor& t, int64_t n) {
  const Tensor flat = t.reshape({-1});
  return flat.narrow(0, 0, std::min(n, flat.size(0)));
}

Rows orders() {
  const Kind e = Kind::elements;
  return {
      {"flip", e, all, 1, smooth, [](In t) { return flip(t[0], {0}); }},
      {"flip, last", e, all, 1, smooth, [](In t) { return flip(t[0], {-1}); }},
      {"flip, both", e, floating, 1, smooth,
       [](In t) {
         return flip(t[0], {0, 1});
       }},
      {"fliplr", e, floating, 1, smooth, [](In t) { return fliplr(t[0]); }},
      {"flipud", e, floating, 1, smooth, [](In t) { return flipud(t[0]); }},
      {"roll", e, all, 1, smooth, [](In t) { return roll(t[0], {1}, {1}); }},
      {"roll, flattened", e, floating, 1, smooth, [](In t) { return roll(t[0], {5}, {}); }},
      {"rot90", e, floating, 1, smooth,
       [](In t) {
         return rot90(t[0], 1, {0, 1});
       }},
      {"movedim", e, floating, 1, smooth, [](In t) { return movedim(t[0], {0}, {1}); }},
      {"moveaxis", e, floating, 1, smooth, [](In t) { return moveaxis(t[0], {0}, {1}); }},
      {"swapaxes", e, floating, 1, smooth, [](In t) { return swapaxes(t[0], 0, 1); }},
      {"swapdims", e, floating, 1, smooth, [](In t) { return swapdims(t[0], 0, 1); }},
      {"repeat", e, all, 1, smooth,
       [](In t) {
         return repeated(t[0].flatten(0, -2), {2, 2});
       }},
      {"repeat, rows", e, floating, 1, smooth,
       [](In t) {
         return repeated(t[0], {2, 1, 1, 1, 1});
       }},
      {"tile", e, floating, 1, smooth, [](In t) { return tile(t[0], {2}); }},
      {"repeat_interleave", e, all, 1, smooth, [](In t) { return repeat_interleave(t[0], 2, 0); }},
      {"repeat_interleave, last", e, floating, 1, smooth,
       [](In t) { return repeat_interleave(t[0], 2, -1); }},
      {"repeat_interleave, by a tensor", e, floating, 1, smooth,
       [](In t) { return repeat_interleave(t[0], lib::arange(t[0].size(0)) % 4, 0); }},
      {"ravel", e, floating, 1, smooth, [](In t) { return ravel(t[0]); }},
      {"squeeze", e, floating, 1, smooth, [](In t) { return squeeze(t[0].unsqueeze(0), {0}); }},
      {"broadcast_to", e, floating, 1, smooth,
       [](In t) { return broadcast_to(t[0], t[0].sizes()); }},
      {"broadcast_tensors", e, floating, 2, smooth,
       [](In t) {
         return broadcast_tensors(Tensors{t[0], t[1]})[1];
       }},
      {"atleast_1d", e, floating, 1, smooth, [](In t) { return atleast_1d(t[0].reshape({-1})); }},
      {"atleast_2d", e, floating, 1, smooth, [](In t) { return atleast_2d(t[0].reshape({-1})); }},
      {"atleast_3d", e, floating, 1, smooth, [](In t) { return atleast_3d(t[0]); }},
      {"unfold, overlapping", e, floating, 1, smooth,
       [](In t) { return windows(t[0], 1, 3, 1).contiguous(); }},
      {"unfold, apart", e, floating, 1, smooth, [](In t) { return windows(t[0], 0, 2, 2); }},
      {"as_strided", e, floating, 1, smooth,
       [](In t) {
         return as_strided(t[0], {2, t[0].size(0)}, {1, 1}, 0);
       }},
      {"select_scatter", e, floating, 1, smooth,
       [](In t) { return select_scatter(t[0], t[0].select(0, 0), 0, 1); }},
      {"slice_scatter", e, floating, 1, smooth,
       [](In t) { return slice_scatter(t[0], t[0].narrow(1, 0, 2), 1, 1, 3); }},
      {"diagonal_scatter", e, floating, 1, smooth,
       [](In t) { return diagonal_scatter(t[0], t[0].diagonal(0, 0, 1), 0, 0, 1); }},
  };
}

Rows joined() {
  const Kind e = Kind::elements;
  return {
      {"concat", e, floating, 2, smooth,
       [](In t) {
         return concat(Tensors{t[0], t[1]}, -2);
       }},
      {"concatenate", e, floating, 2, smooth,
       [](In t) {
         return concatenate(Tensors{t[0], t[1]}, -2);
       }},
      {"hstack", e, floating, 1, smooth,
       [](In t) {
         return hstack(Tensors{t[0], t[0]});
       }},
      {"vstack", e, floating, 1, smooth,
       [](In t) {
         return vstack(Tensors{t[0], t[0]});
       }},
      {"row_stack", e, floating, 1, smooth,
       [](In t) {
         return row_stack(Tensors{t[0], t[0]});
       }},
      {"dstack", e, floating, 1, smooth,
       [](In t) {
         return dstack(Tensors{t[0], t[0]});
       }},
      {"column_stack", e, floating, 1, smooth,
       [](In t) {
         return column_stack(Tensors{t[0], t[0]});
       }},
      {"tensor_split", e, floating, 1, smooth, [](In t) { return tensor_split(t[0], 3, 1)[0]; }},
      {"hsplit", e, floating, 1, smooth, [](In t) { return hsplit(t[0], 2)[1]; }},
      {"vsplit", e, floating, 1, smooth, [](In t) { return vsplit(t[0].flatten(0, -2), 2)[1]; }},
      {"dsplit", e, floating, 1, smooth,
       [](In t) { return dsplit(t[0].unsqueeze(-1), Sizes{1})[0]; }},
      {"diag", e, floating, 1, smooth, [](In t) { return diag(vector_of(t[0], 2048)); }},
      {"diag, of a matrix", e, floating, 1, smooth, [](In t) { return diag(t[0].flatten(0, -2)); }},
      {"diag_embed", e, floating, 1, smooth,
       [](In t) { return diag_embed(t[0].flatten(0, -2).narrow(0, 0, 4)); }},
      {"diagflat", e, floating, 1, smooth, [](In t) { return diagflat(vector_of(t[0], 2048)); }},
      {"trace", e, numbers, 1, smooth, [](In t) { return trace(t[0].flatten(0, -2)); }},
      {"block_diag", e, floating, 1, smooth,
       [](In t) {
         const Tensor m = t[0].flatten(0, -2).narrow(0, 0, 4);
         return block_diag(Tensors{m, m});
       }},
      {"vander", e, floating, 1, flat, [](In t) { return vander(vector_of(t[0], 1024)); }},
      {"meshgrid", e, floating, 1, smooth,
       [](In t) {
         const Tensor v = vector_of(t[0], 2048);
         return grids(Tensors{v, v})[0];
       }},
      {"cartesian_prod", e, floating, 1, smooth,
       [](In t) {
         const Tensor v = vector_of(t[0], 1024);
         return cartesian_prod(Tensors{v, v});
       }},
      {"combinations", e, floating, 1, smooth,
       [](In t) { return combinations(vector_of(t[0], 512), 2); }},
  };
}

const Family orders_family(orders), joined_family(joined);

}  // namespace
}  // namespace bench
