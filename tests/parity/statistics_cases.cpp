#include "cases.h"

namespace rw::test {

static Cases statistics_cases() {
  return {
      {"aminmax", [](In x) { return aminmax(x); }},
      {"aminmax_dim", [](In x) { return aminmax(x, 1); }},
      {"aminmax_keepdim", [](In x) { return aminmax(x, 0, true); }},
      {"aminmax_of_ints", [](In x) { return aminmax(x, 1); }},
      {"aminmax_of_nothing", [](In x) { return aminmax(x); }},
      {"nansum", [](In x) { return nansum(x); }},
      {"nansum_dim", [](In x) { return nansum(x, 1, true); }},
      {"nansum_to_int8", [](In x) { return nansum(x, {}, false, int8).to(int64); }},
      {"nansum_to_float32", [](In x) { return nansum(x, 0, false, float32); }},
      {"nansum_of_ints", [](In x) { return nansum(x, 0); }},
      {"nanmean", [](In x) { return nanmean(x); }},
      {"nanmean_dim", [](In x) { return nanmean(x, 0); }},
      {"nanmean_of_nans", [](In x) { return nanmean(x, 1); }},
      {"nanmean_of_ints", [](In x) { return nanmean(x); }},
      {"std_mean", [](In x) { return std_mean(x, Dims{1}); }},
      {"std_mean_correction",
       [](In x) {
         return std_mean(x, {0, 2}, 0.5, true);
       }},
      {"var_mean", [](In x) { return var_mean(x); }},
      {"var_by_a_real_correction",
       [](In x) {
         return rw::var(x, {0, 1}, 1.25);
       }},
      {"std_by_a_real_correction", [](In x) { return rw::std(x, Dims{2}, 2.5, true); }},
      {"var_by_too_much", [](In x) { return rw::var(x, Dims{2}, 4); }},
      {"std_mean_of_ints", [](In x) { return std_mean(x); }},
      {"count_nonzero", [](In x) { return count_nonzero(x); }},
      {"count_nonzero_dims",
       [](In x) {
         return count_nonzero(x, {0, 2});
       }},
      {"count_nonzero_of_bools", [](In x) { return count_nonzero(x, 0); }},
      {"count_nonzero_of_nan", [](In x) { return count_nonzero(x, 1); }},
      {"sum_to_int8", [](In x) { return sum(x, 0, false, int8).to(int64); }},
      {"sum_to_float64", [](In x) { return sum(x, {}, false, float64); }},
      {"mean_to_float64", [](In x) { return mean(x, 1, false, float64); }},
      {"prod_to_float64", [](In x) { return prod(x, 0, false, float64); }},
      {"prod_to_bool", [](In x) { return prod(x, {}, false, boolean); }},
      {"mean_to_int", [](In x) { return mean(x, {}, false, int64); }},
      {"all_dims",
       [](In x) {
         return rw::all(x, {0, 2});
       }},
      {"any_dims",
       [](In x) {
         return rw::any(x, {1, 2}, true);
       }},
      {"quantile_linear",
       [](In x) { return quantile(x, 0.35, {.dim = 1, .interpolation = Interpolation::linear}); }},
      {"quantile_of_half_linear",
       [](In x) { return quantile(x, 0.5, {.interpolation = Interpolation::linear}); }},
      {"quantile_lower",
       [](In x) { return quantile(x, 0.35, {.dim = 1, .interpolation = Interpolation::lower}); }},
      {"quantile_of_half_lower",
       [](In x) { return quantile(x, 0.5, {.interpolation = Interpolation::lower}); }},
      {"quantile_higher",
       [](In x) { return quantile(x, 0.35, {.dim = 1, .interpolation = Interpolation::higher}); }},
      {"quantile_of_half_higher",
       [](In x) { return quantile(x, 0.5, {.interpolation = Interpolation::higher}); }},
      {"quantile_midpoint",
       [](In x) {
         return quantile(x, 0.35, {.dim = 1, .interpolation = Interpolation::midpoint});
       }},
      {"quantile_of_half_midpoint",
       [](In x) { return quantile(x, 0.5, {.interpolation = Interpolation::midpoint}); }},
      {"quantile_nearest",
       [](In x) { return quantile(x, 0.35, {.dim = 1, .interpolation = Interpolation::nearest}); }},
      {"quantile_of_half_nearest",
       [](In x) { return quantile(x, 0.5, {.interpolation = Interpolation::nearest}); }},
      {"quantile_vector",
       [](In x) {
         return quantile(x, from<double>({0, 0.3, 1}).type_as(x), {.dim = 1});
       }},
      {"quantile_vector_keepdim",
       [](In x) {
         return quantile(x, from<double>({0.1, 0.7}).type_as(x), {.dim = -1, .keepdim = true});
       }},
      {"quantile_keepdim", [](In x) { return quantile(x, 0.6, {.keepdim = true}); }},
      {"quantile_dim_keepdim", [](In x) { return quantile(x, 0.6, {.dim = 0, .keepdim = true}); }},
      {"quantile_all_keepdim",
       [](In x) {
         return quantile(x, from<double>({0.1, 0.7}).type_as(x), {.keepdim = true});
       }},
      {"quantile_of_nan", [](In x) { return quantile(x, 0.5, {.dim = 1}); }},
      {"quantile_of_rank_0", [](In x) { return quantile(x, 0.5); }},
      {"nanquantile", [](In x) { return nanquantile(x, 0.4); }},
      {"nanquantile_dim",
       [](In x) {
         return nanquantile(x, from<double>({0.4, 0.9}).type_as(x), {.dim = 0});
       }},
      {"nanquantile_of_nans", [](In x) { return nanquantile(x, 0.4, {.dim = 1}); }},
      {"quantile_outside", [](In x) { return quantile(x, 1.5); }},
      {"quantile_of_nothing", [](In x) { return quantile(x, 0.5); }},
      {"quantile_of_ints", [](In x) { return quantile(x, 0.5); }},
      {"quantile_matrix",
       [](In x) {
         return quantile(x, from<double>({0.5}).type_as(x).reshape({1, 1}));
       }},
      {"cov", [](In x) { return cov(x); }},
      {"cov_of_vector", [](In x) { return cov(x); }},
      {"cov_of_rank_0", [](In x) { return cov(x); }},
      {"cov_correction", [](In x) { return cov(x, {.correction = 0}); }},
      {"cov_too_much", [](In x) { return cov(x, {.correction = 5}); }},
      {"cov_weights",
       [](In x) {
         return cov(x,
                    {.fweights = from<int64_t>({1, 2, 3}), .aweights = from<double>({0.5, 1, 2})});
       }},
      {"cov_fweights",
       [](In x) {
         return cov(x, {.fweights = from<int64_t>({1, 0, 3})});
       }},
      {"cov_aweights", [](In x, In y) { return cov(x, {.aweights = y}); }},
      {"cov_of_ints", [](In x) { return cov(x); }},
      {"cov_of_rank_3", [](In x) { return cov(x); }},
      {"cov_of_bools", [](In x) { return cov(x); }},
      {"cov_no_weight",
       [](In x) {
         return cov(x, {.fweights = from<int64_t>({0, 0, 0})});
       }},
      {"cov_negative_weight",
       [](In x) {
         return cov(x, {.fweights = from<int64_t>({1, -1, 2})});
       }},
      {"cov_floating_fweights",
       [](In x) {
         return cov(x, {.fweights = from<double>({1, 1, 2})});
       }},
      {"corrcoef", [](In x) { return corrcoef(x); }},
      {"corrcoef_of_vector", [](In x) { return corrcoef(x); }},
      {"diff", [](In x) { return diff(x).square(); }},
      {"diff_twice", [](In x) { return diff(x, 2, 1).square(); }},
      {"diff_0", [](In x) { return diff(x, 0); }},
      {"diff_prepend", [](In x, In y) { return diff(x, 1, 0, y, y.square()); }},
      {"diff_beyond", [](In x) { return diff(x, 5); }},
      {"diff_of_bools", [](In x) { return diff(x); }},
      {"diff_of_ints", [](In x) { return diff(x, 1, 0); }},
      {"diff_of_rank_0", [](In x) { return diff(x); }},
      {"diff_negative", [](In x) { return diff(x, -1); }},
      {"diff_prepend_of_other_rank", [](In x, In y) { return diff(x, 1, -1, y); }},
  };
}

static const Family statistics_family(statistics_cases);

}  // namespace rw::test
