#include "table.h"

namespace rw::test {
namespace {

// Their squares: second derivatives then see the values.
Tensors squared(const Tensors& all) {
  Tensors squares;
  for (const Tensor& t : all) squares.push_back(t.square());
  return squares;
}

}  // namespace

static Rows rearranging_rows() {
  const Tensor x = normal({2, 3, 4}), m = normal({3, 4}), v = normal({4}), one = normal({});
  const Tensor image = normal({1, 2, 3, 4});
  const Tensor counts = from<int64_t>({2, 0, 3});
  const Dims outer = {0, -1}, last = {2, 0}, front = {0, 1};
  const Shape shifts = {1, -2, 5}, twice = {2, 1, 3}, tiles = {2}, some = {2, 3};
  const Shape wide = {2, 3, 4}, dense = {3, 2}, overlapping = {4, 2, 1};
  const Strides by = {4, 1}, across = {1, 4};
  return {
      {"flip", [=](In a) { return flip(a, outer).square(); }, {x}},
      {"flip, one dim", [](In a) { return flip(a, 1).square(); }, {image}},
      {"fliplr", [](In a) { return fliplr(a).square(); }, {m}},
      {"flipud", [](In a) { return flipud(a).square(); }, {m}},
      {"roll",
       [=](In a) {
         return roll(a, shifts, Dims{0, 2, 0}).square();
       },
       {x}},
      {"roll, flattened", [](In a) { return roll(a, 5).square(); }, {m}},
      {"rot90", [](In a) { return rot90(a).square(); }, {m}},
      {"rot90, other way", [=](In a) { return rot90(a, -1, last).square(); }, {x}},
      {"movedim", [=](In a) { return movedim(a, front, last).square(); }, {x}},
      {"moveaxis", [](In a) { return moveaxis(a, 0, -1).square(); }, {x}},
      {"swapaxes", [](In a) { return swapaxes(a, 0, -1).square(); }, {x}},
      {"swapdims", [](In a) { return swapdims(a, 0, 1).square(); }, {x}},
      {"repeat", [=](In a) { return repeat(a, twice).square(); }, {m}},
      {"repeat, to nothing",
       [](In a) {
         return repeat(a, {1, 0}).square();
       },
       {m}},
      {"tile", [=](In a) { return tile(a, tiles).square(); }, {m}},
      {"repeat_interleave", [](In a) { return repeat_interleave(a, 2, -1).square(); }, {x}},
      {"repeat_interleave, by a tensor",
       [=](In a) { return repeat_interleave(a, counts, 0).square(); },
       {m}},
      {"repeat_interleave, flattened", [](In a) { return repeat_interleave(a, 3).square(); }, {m}},
      {"ravel", [](In a) { return ravel(a).square(); }, {m}},
      {"squeeze",
       [](In a) {
         return squeeze(a, {0, 1}).square();
       },
       {image}},
      {"broadcast_to", [=](In a) { return broadcast_to(a, wide).square(); }, {v}},
      {"broadcast_tensors",
       [](In a, In b) {
         return squared(broadcast_tensors({a, b}));
       },
       {v, normal({3, 1})}},
      {"atleast_1d", [](In a) { return atleast_1d(a).square(); }, {one}},
      {"atleast_2d", [](In a) { return atleast_2d(a).square(); }, {v}},
      {"atleast_3d", [](In a) { return atleast_3d(a).square(); }, {m}},
      {"atleast_1d, several",
       [](In a, In b) {
         return squared(atleast_1d({a, b}));
       },
       {one, m}},
      {"atleast_2d, several",
       [](In a, In b) {
         return squared(atleast_2d({a, b}));
       },
       {one, v}},
      {"atleast_3d, several",
       [](In a, In b) {
         return squared(atleast_3d({a, b}));
       },
       {v, m}},
      {"unfold", [](In a) { return unfold(a, -1, 3, 1).square(); }, {x}},
      {"unfold, apart", [](In a) { return unfold(a, 0, 2, 2).square(); }, {m}},
      {"unfold, few windows", [](In a) { return unfold(a, 1, 3, 1).square(); }, {m}},
      {"as_strided",
       [=](In a) { return as_strided(a.clone(MemoryFormat::contiguous), some, by).square(); },
       {m}},
      {"as_strided, overlapping",
       [=](In a) {
         return as_strided(a.clone(MemoryFormat::contiguous), overlapping, Strides{2, 1, 5}, 1)
             .square();
       },
       {m}},
      {"as_strided, of a view",
       [=](In a) {
         const Tensor all = a.clone(MemoryFormat::contiguous);
         return as_strided(all.narrow(1, 0, 3), dense, across, 0).square();
       },
       {m}},
      {"select_scatter",
       [](In a, In b) { return select_scatter(a, b, 1, -1).square(); },
       {m, normal({3})}},
      {"slice_scatter",
       [](In a, In b) { return slice_scatter(a, b, 1, 0, Slice::none, 2).square(); },
       {m, normal({3, 2})}},
      {"diagonal_scatter",
       [](In a, In b) { return diagonal_scatter(a, b, 1).square(); },
       {m, normal({3})}},
      // --- Joining and splitting
      {"concat",
       [](In a, In b) {
         return concat(Tensors{a, b}, 1).square();
       },
       {m, normal({3, 2})}},
      {"concatenate",
       [](In a, In b) {
         return concatenate(Tensors{a, b}).square();
       },
       {m, normal({2, 4})}},
      {"hstack",
       [](In a, In b) {
         return hstack({a, b}).square();
       },
       {m, normal({3, 2})}},
      {"vstack",
       [](In a, In b) {
         return vstack({a, b}).square();
       },
       {m, v}},
      {"row_stack",
       [](In a, In b) {
         return row_stack({a, b}).square();
       },
       {v, m}},
      {"dstack",
       [](In a, In b) {
         return dstack({a, b}).square();
       },
       {m, normal({3, 4})}},
      {"column_stack",
       [](In a, In b) {
         return column_stack({a, b}).square();
       },
       {normal({3}), m}},
      {"tensor_split", [](In a) { return squared(tensor_split(a, 3, -1)); }, {x}},
      {"tensor_split, places",
       [](In a) {
         return squared(tensor_split(a, {1, -1}, -1));
       },
       {x}},
      {"tensor_split, a tensor",
       [=](In a) {
         return squared(tensor_split(a, from<int64_t>({1, 2}), 1));
       },
       {x}},
      {"hsplit", [](In a) { return squared(hsplit(a, 2)); }, {m}},
      {"hsplit, places",
       [](In a) {
         return squared(hsplit(a, {1, 3}));
       },
       {m}},
      {"vsplit", [](In a) { return squared(vsplit(a, 3)); }, {m}},
      {"vsplit, places",
       [](In a) {
         return squared(vsplit(a, {1, 2}));
       },
       {m}},
      {"dsplit", [](In a) { return squared(dsplit(a, 2)); }, {x}},
      {"dsplit, places",
       [](In a) {
         return squared(dsplit(a, {1, 2}));
       },
       {x}},
      // --- Diagonals and grids
      {"diag", [](In a) { return diag(a, -1).square(); }, {v}},
      {"diag, of a matrix", [](In a) { return diag(a, 1).square(); }, {m}},
      {"diag_embed", [](In a) { return diag_embed(a, 1, 0, -1).square(); }, {m}},
      {"diagflat", [](In a) { return diagflat(a).square(); }, {m}},
      {"trace", [](In a) { return trace(a.square()); }, {m}},
      {"block_diag",
       [](In a, In b, In c) {
         return block_diag({a, b, c}).square();
       },
       {m, v, one}},
      {"vander", [](In a) { return vander(a); }, {v}},
      {"vander, rising", [](In a) { return vander(a, 3, true); }, {v}},
      {"meshgrid",
       [](In a, In b) {
         return squared(meshgrid({a, b}));
       },
       {v, normal({3})}},
      {"meshgrid, xy",
       [](In a, In b) {
         return squared(meshgrid({a, b}, Indexing::xy));
       },
       {v, normal({3})}},
      {"cartesian_prod",
       [](In a, In b) {
         return cartesian_prod({a, b}).square();
       },
       {v, normal({3})}},
      {"combinations", [](In a) { return combinations(a).square(); }, {v}},
      {"combinations, again", [](In a) { return combinations(a, 3, true).square(); }, {v}},
  };
}

static const Family rearranging_family(rearranging_rows,
                                       {{"makes a tensor of no other",
                                         {"logspace", "tril_indices", "triu_indices"}}});

}  // namespace rw::test
