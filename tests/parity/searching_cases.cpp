#include "cases.h"

namespace rw::test {

static Tensors parts(const Unique& u) { return {u.output, u.inverse_indices, u.counts}; }
static std::pair<Tensor, Tensor> counts(const Histogram& h) { return {h.hist, h.bin_edges}; }

static Cases searching_cases() {
  return {
      {"unique",
       [](In x) {
         return parts(unique(x, UniqueOptions{.return_inverse = true, .return_counts = true}));
       }},
      {"unique_of_nan",
       [](In x) {
         return parts(unique(x, UniqueOptions{.return_inverse = true, .return_counts = true}));
       }},
      {"unique_of_rank_0",
       [](In x) {
         return parts(unique(x, UniqueOptions{.return_inverse = true, .return_counts = true}));
       }},
      {"unique_of_nothing",
       [](In x) {
         return parts(unique(x, UniqueOptions{.return_inverse = true, .return_counts = true}));
       }},
      {"unique_of_bools",
       [](In x) {
         return parts(unique(x, UniqueOptions{.return_inverse = true, .return_counts = true}));
       }},
      {"unique_alone", [](In x) { return unique(x).output; }},
      {"unique_rows",
       [](In x) {
         return parts(
             unique(x, UniqueOptions{.return_inverse = true, .return_counts = true, .dim = 0}));
       }},
      {"unique_columns",
       [](In x) {
         return parts(
             unique(x, UniqueOptions{.return_inverse = true, .return_counts = true, .dim = 1}));
       }},
      {"unique_no_rows",
       [](In x) {
         return parts(
             unique(x.reshape({0, 2}),
                    UniqueOptions{.return_inverse = true, .return_counts = true, .dim = 0}));
       }},
      {"unique_of_empty_rows",
       [](In x) {
         return unique(x.reshape({2, 0}), {.dim = 0}).output;
       }},
      {"unique_consecutive",
       [](In x) {
         return parts(
             unique_consecutive(x, UniqueOptions{.return_inverse = true, .return_counts = true}));
       }},
      {"unique_consecutive_rows",
       [](In x) {
         return parts(unique_consecutive(
             x, UniqueOptions{.return_inverse = true, .return_counts = true, .dim = 0}));
       }},
      {"unique_consecutive_of_nothing",
       [](In x) {
         return parts(
             unique_consecutive(x, UniqueOptions{.return_inverse = true, .return_counts = true}));
       }},
      {"unique_consecutive_of_rank_0",
       [](In x) {
         return parts(
             unique_consecutive(x, UniqueOptions{.return_inverse = true, .return_counts = true}));
       }},
      {"searchsorted", [](In x, In y) { return searchsorted(x, y); }},
      {"searchsorted_right", [](In x, In y) { return searchsorted(x, y, {.right = true}); }},
      {"searchsorted_side",
       [](In x, In y) {
         return searchsorted(x, y, {.out_int32 = true, .side = "right"}).to(int64);
       }},
      {"searchsorted_rows", [](In x, In y) { return searchsorted(x, y); }},
      {"searchsorted_sorter",
       [](In x, In y) { return searchsorted(x, y, {.sorter = argsort(x)}); }},
      {"searchsorted_sorter_rows",
       [](In x, In y) { return searchsorted(x, y, {.sorter = argsort(x)}); }},
      {"searchsorted_number", [](In x) { return searchsorted(x, 2.5); }},
      {"searchsorted_number_among_ints", [](In x) { return searchsorted(x, 1.5); }},
      {"searchsorted_of_rank_0", [](In x, In y) { return searchsorted(x, y); }},
      {"searchsorted_in_nothing", [](In x, In y) { return searchsorted(x, y); }},
      {"searchsorted_of_nothing", [](In x, In y) { return searchsorted(x, y); }},
      {"searchsorted_nan_boundary", [](In x, In y) { return searchsorted(x, y, {.right = true}); }},
      {"searchsorted_other_rows", [](In x, In y) { return searchsorted(x, y); }},
      {"searchsorted_sides",
       [](In x, In y) { return searchsorted(x, y, {.right = true, .side = "left"}); }},
      {"searchsorted_no_side", [](In x, In y) { return searchsorted(x, y, {.side = "x"}); }},
      {"searchsorted_bad_sorter",
       [](In x, In y) {
         return searchsorted(x, y, {.sorter = from<int64_t>({0, 1, 2, 4})});
       }},
      {"searchsorted_short_sorter",
       [](In x, In y) {
         return searchsorted(x, y, {.sorter = from<int64_t>({0, 1})});
       }},
      {"searchsorted_of_bools", [](In x) { return searchsorted(x, x); }},
      {"bucketize", [](In x, In y) { return bucketize(x, y); }},
      {"bucketize_right", [](In x, In y) { return bucketize(x, y, true, true).to(int64); }},
      {"bucketize_number", [](In x) { return bucketize(2.5, x); }},
      {"bucketize_matrix", [](In x, In y) { return bucketize(x, y); }},
      {"histc", [](In x) { return histc(x, 4); }},
      {"histc_range", [](In x) { return histc(x, 3, 0, 2); }},
      {"histc_of_one_number", [](In x) { return histc(x, 3); }},
      {"histc_of_nothing", [](In x) { return histc(x, 3); }},
      {"histc_of_nan", [](In x) { return histc(x, 3); }},
      {"histc_descending", [](In x) { return histc(x, 3, 2, 1); }},
      {"histc_no_bins", [](In x) { return histc(x, 0); }},
      {"histc_of_ints", [](In x) { return histc(x, 3); }},
      {"histogram", [](In x) { return counts(histogram(x, 3)); }},
      {"histogram_range",
       [](In x) {
         return counts(histogram(x, 3, {.range = {{-1, 1}}}));
       }},
      {"histogram_density",
       [](In x, In y) { return counts(histogram(x, 2, {.weight = y, .density = true})); }},
      {"histogram_edges", [](In x, In y) { return counts(histogram(x, y)); }},
      {"histogram_of_nothing", [](In x) { return counts(histogram(x, 2)); }},
      {"histogram_of_one_number", [](In x) { return counts(histogram(x, 2)); }},
      {"histogram_of_nan", [](In x) { return histogram(x, 2).hist; }},
      {"histogram_one_edge", [](In x, In y) { return histogram(x, y).hist; }},
      {"histogram_other_weight", [](In x, In y) { return histogram(x, 2, {.weight = y}).hist; }},
      {"bincount", [](In x) { return bincount(x); }},
      {"bincount_minlength", [](In x) { return bincount(x, {}, 8); }},
      {"bincount_weights", [](In x, In y) { return bincount(x, y); }},
      {"bincount_int_weights", [](In x, In y) { return bincount(x, y); }},
      {"bincount_of_nothing", [](In x) { return bincount(x, {}, 2); }},
      {"bincount_negative", [](In x) { return bincount(x); }},
      {"bincount_matrix", [](In x) { return bincount(x); }},
      {"bincount_of_reals", [](In x) { return bincount(x); }},
      {"bincount_negative_minlength", [](In x) { return bincount(x, {}, -1); }},
      {"bincount_fewer_weights", [](In x, In y) { return bincount(x, y); }},
      {"isin", [](In x, In y) { return isin(x, y); }},
      {"isin_many", [](In x, In y) { return isin(x, y); }},
      {"isin_invert", [](In x, In y) { return isin(x, y, true, true); }},
      {"isin_number", [](In x) { return isin(x, 2); }},
      {"isin_of_number", [](In x) { return isin(2, x); }},
      {"isin_nothing", [](In x, In y) { return isin(x, y); }},
      {"isin_mixed", [](In x, In y) { return isin(x, y); }},
      {"isin_of_bools", [](In x, In y) { return isin(x, y); }},
  };
}

static const Family searching_family(searching_cases);

}  // namespace rw::test
