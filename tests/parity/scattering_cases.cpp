#include "cases.h"

namespace rw::test {
namespace {

Case reduced(const char* name, Reduce reduce, bool include_self = true) {
  return {name, [=](In x, In i, In s) {
            const Tensor y = scatter_reduce(x, 0, i, s, reduce, include_self);
            return x.is_floating_point() ? y.square() : y;
          }};
}

Case by_slices(const char* name, Reduce reduce, bool include_self = true) {
  return {name, [=](In x, In i, In s) {
            return index_reduce(x, 0, i, s, reduce, include_self).square();
          }};
}

}  // namespace

static Cases scatter_cases() {
  return {
      {"scatter", [](In x, In i, In s) { return scatter(x, 0, i, s).square(); }},
      {"scatter_larger_source", [](In x, In i, In s) { return scatter(x, 1, i, s).square(); }},
      {"scatter_number", [](In x, In i) { return scatter(x, 0, i, 1.5).square(); }},
      {"scatter_add_mode", [](In x, In i, In s) { return scatter(x, 0, i, s, Reduce::sum); }},
      {"scatter_multiply_mode", [](In x, In i) { return scatter(x, 0, i, 2.5, Reduce::prod); }},
      {"scatter_nothing", [](In x, In i, In s) { return scatter(x, 0, i, s).square(); }},
      {"scatter_into_number", [](In x, In i, In s) { return scatter(x, 0, i, s).square(); }},
      {"scatter_bool", [](In x, In i, In s) { return scatter(x, 0, i, s); }},
      {"scatter_index_refused", [](In x, In i, In s) { return scatter(x, 0, i, s); }},
      {"scatter_dtype_refused", [](In x, In i, In s) { return scatter(x, 0, i, s); }},
      {"scatter_shape_refused", [](In x, In i, In s) { return scatter(x, 0, i, s); }},
      reduced("scatter_reduce_sum", Reduce::sum),
      reduced("scatter_reduce_sum_of_others", Reduce::sum, false),
      reduced("scatter_reduce_prod", Reduce::prod),
      reduced("scatter_reduce_prod_of_others", Reduce::prod, false),
      reduced("scatter_reduce_mean", Reduce::mean),
      reduced("scatter_reduce_mean_of_others", Reduce::mean, false),
      reduced("scatter_reduce_amax", Reduce::amax),
      reduced("scatter_reduce_amax_of_others", Reduce::amax, false),
      reduced("scatter_reduce_amin", Reduce::amin),
      reduced("scatter_reduce_amin_of_others", Reduce::amin, false),
      reduced("scatter_reduce_sum_of_int", Reduce::sum),
      reduced("scatter_reduce_sum_of_others_of_int", Reduce::sum, false),
      reduced("scatter_reduce_prod_of_int", Reduce::prod),
      reduced("scatter_reduce_prod_of_others_of_int", Reduce::prod, false),
      reduced("scatter_reduce_mean_of_int", Reduce::mean),
      reduced("scatter_reduce_mean_of_others_of_int", Reduce::mean, false),
      reduced("scatter_reduce_amax_of_int", Reduce::amax),
      reduced("scatter_reduce_amax_of_others_of_int", Reduce::amax, false),
      reduced("scatter_reduce_amin_of_int", Reduce::amin),
      reduced("scatter_reduce_amin_of_others_of_int", Reduce::amin, false),
      reduced("scatter_reduce_sum_of_bool", Reduce::sum),
      reduced("scatter_reduce_prod_of_bool", Reduce::prod),
      reduced("scatter_reduce_amax_of_bool", Reduce::amax),
      reduced("scatter_reduce_amin_of_bool", Reduce::amin),
      {"scatter_reduce_last_dim",
       [](In x, In i, In s) { return scatter_reduce(x, -1, i, s, Reduce::prod).square(); }},
      {"scatter_reduce_prod_of_zeros",
       [](In x, In i, In s) { return scatter_reduce(x, 0, i, s, Reduce::prod); }},
      {"scatter_reduce_amax_of_ties",
       [](In x, In i, In s) { return scatter_reduce(x, 0, i, s, Reduce::amax).square(); }},
      {"scatter_reduce_amax_of_nan",
       [](In x, In i, In s) { return scatter_reduce(x, 0, i, s, Reduce::amax); }},
      {"scatter_reduce_refused",
       [](In x, In i, In s) { return scatter_reduce(x, 0, i, s, Reduce::sum); }},
  };
}

static Cases slice_cases() {
  return {
      {"index_fill", [](In x, In i) { return index_fill(x, 1, i, 1.5).square(); }},
      {"index_fill_tensor", [](In x, In i, In v) { return index_fill(x, 0, i, v).square(); }},
      {"index_fill_by_number", [](In x, In i) { return index_fill(x, 0, i, 1.5).square(); }},
      {"index_fill_of_int", [](In x, In i) { return index_fill(x, 0, i, 7); }},
      {"index_fill_refused", [](In x, In i) { return index_fill(x, 0, i, 1.5); }},
      {"index_fill_rank_refused", [](In x, In i, In v) { return index_fill(x, 0, i, v); }},
      {"index_copy", [](In x, In i, In s) { return index_copy(x, 0, i, s).square(); }},
      {"index_copy_last", [](In x, In i, In s) { return index_copy(x, -1, i, s).square(); }},
      {"index_copy_refused", [](In x, In i, In s) { return index_copy(x, 0, i, s); }},
      {"index_copy_back_refused", [](In x, In i, In s) { return index_copy(x, 0, i, s); }},
      by_slices("index_reduce_prod", Reduce::prod),
      by_slices("index_reduce_prod_of_others", Reduce::prod, false),
      by_slices("index_reduce_mean", Reduce::mean),
      by_slices("index_reduce_mean_of_others", Reduce::mean, false),
      by_slices("index_reduce_amax", Reduce::amax),
      by_slices("index_reduce_amax_of_others", Reduce::amax, false),
      by_slices("index_reduce_amin", Reduce::amin),
      by_slices("index_reduce_amin_of_others", Reduce::amin, false),
      by_slices("index_reduce_refused", Reduce::mean),
      {"index_add_alpha", [](In x, In i, In s) { return index_add(x, 0, i, s, 2.5).square(); }},
      {"take", [](In x, In i) { return take(x, i).square(); }},
      {"take_of_number", [](In x, In i) { return take(x, i).square(); }},
      {"take_by_number", [](In x, In i) { return take(x, i).square(); }},
      {"take_refused", [](In x, In i) { return take(x, i); }},
      {"take_along_dim", [](In x, In i) { return take_along_dim(x, i, 1).square(); }},
      {"take_along_dim_wide", [](In x, In i) { return take_along_dim(x, i, 0).square(); }},
      {"take_along_dim_flat", [](In x, In i) { return take_along_dim(x, i).square(); }},
      {"take_along_dim_refused", [](In x, In i) { return take_along_dim(x, i, 1); }},
      {"put", [](In x, In i, In s) { return put(x, i, s).square(); }},
      {"put_added", [](In x, In i, In s) { return put(x, i, s, true).square(); }},
      {"put_refused", [](In x, In i, In s) { return put(x, i, s); }},
      {"masked_scatter", [](In x, In m, In s) { return masked_scatter(x, m, s).square(); }},
      {"masked_scatter_broadcast",
       [](In x, In m, In s) { return masked_scatter(x, m, s).square(); }},
      {"masked_scatter_refused", [](In x, In m, In s) { return masked_scatter(x, m, s); }},
      {"masked_fill_tensor", [](In x, In m, In v) { return masked_fill(x, m, v).square(); }},
      {"masked_fill_int_tensor", [](In x, In m, In v) { return masked_fill(x, m, v); }},
      {"masked_fill_rank_refused", [](In x, In m, In v) { return masked_fill(x, m, v); }},
      {"argwhere", [](In m) { return argwhere(m); }},
      {"where_places", [](In m) { return where(m); }},
      {"where_place_of_number", [](In m) { return where(m); }},
      {"one_hot_counted", [](In i) { return one_hot(i); }},
  };
}

static const Family scatter_family(scatter_cases);
static const Family slice_family(slice_cases);

}  // namespace rw::test
