#include "cases.h"

namespace rw::test {

static Cases reduction_cases() {
  return {
      {"sum", [](In x) { return x.sum().square(); }},
      {"sum_dim", [](In x) { return x.sum(1).square(); }},
      {"sum_dims",
       [](In x) {
         return x.sum({0, -1}).square();
       }},
      {"sum_keepdim", [](In x) { return x.sum(-1, true) * x; }},
      {"sum_of_rank_0", [](In x) { return x.sum().square(); }},
      {"sum_of_ints", [](In x) { return x.sum(0); }},
      {"sum_of_bools", [](In x) { return x.sum(); }},
      {"sum_of_nothing",
       [](In x) {
         return x.reshape({0, 3}).sum(0);
       }},
      {"mean", [](In x) { return x.mean().square(); }},
      {"mean_dim", [](In x) { return x.mean(0).square(); }},
      {"mean_dims_keepdim",
       [](In x) {
         return x.mean({1, 2}, true).square();
       }},
      {"var", [](In x) { return x.var(); }},
      {"var_dim", [](In x) { return x.var(Dims{1}); }},
      {"var_dims_keepdim",
       [](In x) {
         return x.var({0, 2}, 1, true);
       }},
      {"var_biased", [](In x) { return x.var(-1, 0); }},
      {"std", [](In x) { return x.std(); }},
      {"std_dim", [](In x) { return x.std(Dims{2}); }},
      {"std_dims_biased",
       [](In x) {
         return x.std({0, 1}, 0, true);
       }},
      {"amax", [](In x) { return x.amax().square(); }},
      {"amax_dims",
       [](In x) {
         return x.amax({0, 2}).square();
       }},
      {"amin_keepdim", [](In x) { return x.amin(1, true).square(); }},
      {"amax_of_ties", [](In x) { return x.amax(1); }},
      {"amin_of_ties",
       [](In x) {
         return x.amin({0, 1});
       }},
      {"max", [](In x) { return x.max().square(); }},
      {"min", [](In x) { return x.min().square(); }},
      {"max_of_ties_anywhere", [](In x) { return x.max(); }},
      {"max_dim", [](In x) { return x.max(1); }},
      {"max_dim_keepdim", [](In x) { return x.max(-1, true); }},
      {"max_dim_of_ties", [](In x) { return x.max(1); }},
      {"min_dim", [](In x) { return x.min(0); }},
      {"min_dim_of_nan", [](In x) { return x.min(0); }},
      {"argmax", [](In x) { return x.argmax(); }},
      {"argmax_dim", [](In x) { return x.argmax(1); }},
      {"argmin_keepdim", [](In x) { return x.argmin(-1, true); }},
      {"argmax_of_ties", [](In x) { return x.argmax(1); }},
      {"prod", [](In x) { return x.prod(); }},
      {"prod_dim", [](In x) { return x.prod(1); }},
      {"prod_keepdim", [](In x) { return x.prod(-1, true); }},
      {"prod_with_a_zero", [](In x) { return x.prod(); }},
      {"prod_with_zeros", [](In x) { return x.prod(1); }},
      {"prod_of_ints", [](In x) { return x.prod(0); }},
      {"logsumexp", [](In x) { return x.logsumexp(1); }},
      {"logsumexp_dims",
       [](In x) {
         return x.logsumexp({0, 2}, true);
       }},
      {"cumsum", [](In x) { return x.cumsum(1).square(); }},
      {"cumsum_of_bool", [](In x) { return x.to(boolean).cumsum(0); }},
      {"logsumexp_of_large", [](In x) { return x.logsumexp(0); }},
      {"logsumexp_of_nothing_left", [](In x) { return x.logsumexp(0); }},
      {"all", [](In x) { return x.all(1); }},
      {"any", [](In x) { return x.any(1, true); }},
      {"all_of_numbers", [](In x) { return x.all(); }},
      {"softmax", [](In x) { return x.softmax(1); }},
      {"softmax_dim_0", [](In x) { return x.softmax(0); }},
      {"softmax_middle", [](In x) { return x.softmax(1); }},
      {"softmax_of_large", [](In x) { return x.softmax(-1); }},
      {"log_softmax", [](In x) { return x.log_softmax(-1); }},
      {"log_softmax_dim_0", [](In x) { return x.log_softmax(0); }},
      {"log_softmax_middle", [](In x) { return x.log_softmax(-2); }},
      {"log_softmax_of_large", [](In x) { return x.log_softmax(1); }},
  };
}

static const Family reduction_family(reduction_cases);

}  // namespace rw::test
