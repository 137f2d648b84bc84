#include "cases.h"

namespace rw::test {

static Cases indexing_cases() {
  return {
      {"index_number",
       [](In x) {
         return x.index({1, -1}).square();
       }},
      {"index_ellipsis",
       [](In x) {
         return x.index({Ellipsis, 2}).square();
       }},
      {"index_none",
       [](In x) {
         return x.index({Slice(), None, 1}).square();
       }},
      {"index_tensor", [](In x, In i) { return x.index({i}).square(); }},
      {"index_tensor_of_rank_2",
       [](In x, In i) {
         return x.index({Slice(), i}).square();
       }},
      {"index_tensors",
       [](In x, In i, In j) {
         return x.index({i, Slice(), j}).square();
       }},
      {"index_tensors_side_by_side",
       [](In x, In i, In j) {
         return x.index({Slice(), i, j}).square();
       }},
      {"index_mask", [](In x, In m) { return x.index({m}).square(); }},
      {"index_mask_of_rows",
       [](In x, In m) {
         return x.index({m, Slice(1)}).square();
       }},
      {"gather", [](In x, In i) { return gather(x, 1, i).square(); }},
      {"gather_dim_0", [](In x, In i) { return gather(x, 0, i).square(); }},
      {"scatter_add", [](In x, In i, In s) { return scatter_add(x, 1, i, s).square(); }},
      {"scatter_add_dim_0", [](In x, In i, In s) { return scatter_add(x, 0, i, s).square(); }},
      {"index_select", [](In x, In i) { return index_select(x, 1, i).square(); }},
      {"index_add", [](In x, In i, In s) { return index_add(x, 0, i, s).square(); }},
      {"masked_fill", [](In x, In m) { return masked_fill(x, m, 1.5).square(); }},
      {"masked_fill_broadcast", [](In x, In m) { return masked_fill(x, m, -1).square(); }},
      {"masked_select", [](In x, In m) { return masked_select(x, m).square(); }},
      {"nonzero", [](In x) { return nonzero(x); }},
      {"one_hot", [](In i) { return one_hot(i, 4); }},
      {"tril", [](In x) { return tril(x).square(); }},
      {"triu", [](In x) { return triu(x, 1).square(); }},
      {"tril_below", [](In x) { return tril(x, -1).square(); }},
      {"pad",
       [](In x) {
         return pad(x, {1, 2}, PaddingMode::zeros, 1.5).square();
       }},
      {"pad_crop",
       [](In x) {
         return pad(x, {-1, 2, 1, -1}).square();
       }},
      {"pad_three_dims",
       [](In x) {
         return pad(x, {0, 1, 1, 0, 1, 1}).square();
       }},
      {"pad_reflect",
       [](In x) {
         return pad(x, {3, 1, 2, 3}, PaddingMode::reflect).square();
       }},
      {"pad_replicate",
       [](In x) {
         return pad(x, {3, 1, 0, 6}, PaddingMode::replicate).square();
       }},
      {"pad_circular",
       [](In x) {
         return pad(x, {3, 1, 4, 0}, PaddingMode::circular).square();
       }},
  };
}

static const Family indexing_family(indexing_cases);

}  // namespace rw::test
