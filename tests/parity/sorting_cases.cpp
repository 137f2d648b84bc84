#include "cases.h"

namespace rw::test {

static Cases sorting_cases() {
  return {
      {"sort_last", [](In x) { return rw::sort(x); }},
      {"sort_first_descending", [](In x) { return rw::sort(x, 0, true); }},
      {"sort_middle", [](In x) { return rw::sort(x, 1).first.square(); }},
      {"sort_of_ties", [](In x) { return rw::sort(x, -1, false, true); }},
      {"sort_of_ties_descending", [](In x) { return rw::sort(x, -1, true, true); }},
      {"sort_of_ints", [](In x) { return rw::sort(x, 0); }},
      {"sort_of_bools", [](In x) { return rw::sort(x, 1); }},
      {"sort_of_rank_0", [](In x) { return rw::sort(x); }},
      {"sort_of_nothing",
       [](In x) {
         return rw::sort(x.reshape({0, 3}), 0);
       }},
      {"sort_of_transposed", [](In x) { return rw::sort(x.transpose(0, 2), 1); }},
      {"sort_of_many", [](In x) { return rw::sort(x); }},
      {"sort_outside", [](In x) { return rw::sort(x, 2); }},
      {"argsort", [](In x) { return argsort(x, 0); }},
      {"argsort_descending", [](In x) { return argsort(x, 1, true, true); }},
      {"msort", [](In x) { return msort(x).square(); }},
      {"topk", [](In x) { return topk(x, 2); }},
      {"topk_least", [](In x) { return topk(x, 2, 0, false); }},
      {"topk_all", [](In x) { return topk(x, 4, -1).first.square(); }},
      {"topk_none", [](In x) { return topk(x, 0); }},
      {"topk_of_rank_0", [](In x) { return topk(x, 1); }},
      {"topk_of_nan", [](In x) { return topk(x, 2).first; }},
      {"topk_of_ints", [](In x) { return topk(x, 3, 0).first; }},
      {"topk_of_many", [](In x) { return topk(x, 3); }},
      {"topk_too_many", [](In x) { return topk(x, 4); }},
      {"topk_negative", [](In x) { return topk(x, -1); }},
      {"topk_of_bools", [](In x) { return topk(x, 1); }},
      {"kthvalue", [](In x) { return kthvalue(x, 2); }},
      {"kthvalue_keepdim", [](In x) { return kthvalue(x, 3, 1, true); }},
      {"kthvalue_of_nan", [](In x) { return kthvalue(x, 3); }},
      {"kthvalue_of_rank_0", [](In x) { return kthvalue(x, 1); }},
      {"kthvalue_0", [](In x) { return kthvalue(x, 0); }},
      {"kthvalue_beyond", [](In x) { return kthvalue(x, 3, 0); }},
      {"kthvalue_of_bools", [](In x) { return kthvalue(x, 1); }},
      {"median", [](In x) { return median(x).square(); }},
      {"median_of_ties", [](In x) { return median(x); }},
      {"median_of_nans", [](In x) { return median(x); }},
      {"median_of_nothing", [](In x) { return median(x); }},
      {"median_of_no_ints", [](In x) { return median(x); }},
      {"median_dim", [](In x) { return median(x, 1); }},
      {"median_dim_keepdim", [](In x) { return median(x, -1, true); }},
      {"median_dim_of_nan", [](In x) { return median(x, 0); }},
      {"median_of_ints", [](In x) { return median(x, 0).first; }},
      {"nanmedian", [](In x) { return nanmedian(x); }},
      {"nanmedian_of_nans", [](In x) { return nanmedian(x); }},
      {"nanmedian_dim", [](In x) { return nanmedian(x, 1); }},
      {"median_of_bools", [](In x) { return median(x); }},
      {"median_dim_of_nothing",
       [](In x) {
         return median(x.reshape({3, 0}), 1);
       }},
      {"mode", [](In x) { return mode(x); }},
      {"mode_dim", [](In x) { return mode(x, 0, true); }},
      {"mode_of_rank_0", [](In x) { return mode(x); }},
      {"mode_of_nothing",
       [](In x) {
         return mode(x.reshape({3, 0}), 1);
       }},
  };
}

static const Family sorting_family(sorting_cases);

}  // namespace rw::test
