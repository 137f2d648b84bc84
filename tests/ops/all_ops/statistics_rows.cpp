#include <limits>

#include "table.h"

namespace rw::test {

static const double infinity = std::numeric_limits<double>::infinity();

static Rows statistics_rows() {
  const Tensor x = normal({2, 3, 4}), d = distinct({2, 3, 4}), m = normal({3, 4}), v = normal({4});
  const Tensor weights = positive({4}), row = normal({1, 4});
  const Dims ends = {0, -1};
  return {
      {"sum, in a dtype", [](In a) { return sum(a, 1, false, float64).square(); }, {x}},
      {"mean, in a dtype", [](In a) { return mean(a, 1, true, float64).square(); }, {x}},
      {"prod, in a dtype", [](In a) { return prod(a, 1, false, float64); }, {x}},
      {"var, by a real correction", [=](In a) { return rw::var(a, ends, 0.5); }, {x}},
      {"std, by a real correction", [=](In a) { return rw::std(a, ends, 1.5, true); }, {x}},
      {"aminmax", [](In a) { return aminmax(a); }, {d}, Ties::kink},
      {"aminmax, along a dim", [](In a) { return aminmax(a, 1, true); }, {d}, Ties::kink},
      {"nansum", [](In a) { return nansum(a).square(); }, {x}},
      {"nansum, dims", [=](In a) { return nansum(a, ends, true, float64).square(); }, {x}},
      {"nanmean", [](In a) { return nanmean(a).square(); }, {x}},
      {"nanmean, dims", [=](In a) { return nanmean(a, ends, true).square(); }, {x}},
      {"std_mean", [](In a) { return std_mean(a, Dims{1}); }, {x}},
      {"var_mean", [=](In a) { return var_mean(a, ends, 0.5, true); }, {x}},
      {"quantile", [](In a) { return quantile(a, 0.3).square(); }, {d}, Ties::kink},
      {"quantile, of a vector",
       [](In a) {
         return quantile(a, from<double>({0.1, 0.6}).type_as(a), {.dim = 1, .keepdim = true});
       },
       {d},
       Ties::kink},
      {"nanquantile",
       [](In a) {
         return nanquantile(a, 0.3, {.dim = 2, .interpolation = Interpolation::midpoint});
       },
       {d},
       Ties::kink},
      {"nanquantile, of a vector",
       [](In a) { return nanquantile(a, from<double>({0.5}).type_as(a), {.dim = 0}); },
       {d},
       Ties::kink},
      {"cov", [](In a) { return cov(a); }, {m}},
      {"cov, of a vector", [](In a) { return cov(a, {.correction = 0}); }, {v}},
      {"cov, with weights", [](In a, In w) { return cov(a, {.aweights = w}); }, {m, weights}},
      {"corrcoef", [](In a) { return corrcoef(a); }, {m}, Ties::kink},
      {"diff", [](In a) { return diff(a).square(); }, {x}},
      {"diff, prepended and appended",
       [](In a, In b) { return diff(a, 1, 0, b, b).square(); },
       {m, row}},
  };
}

static Rows norm_rows() {
  const Tensor x = normal({2, 3, 4}), d = distinct({2, 3, 4}), v = distinct({4}, 0.2);
  const Dims ends = {0, -1};
  return {
      {"vector_norm", [](In a) { return linalg::vector_norm(a); }, {x}},
      {"vector_norm, dims",
       [=](In a) { return linalg::vector_norm(a, 2, ends, true, float64); },
       {x}},
      {"vector_norm, 1", [](In a) { return linalg::vector_norm(a, 1, 1).square(); }, {d}},
      {"vector_norm, 0.5", [](In a) { return linalg::vector_norm(a, 0.5, 1); }, {d}},
      {"vector_norm, 1.5", [](In a) { return linalg::vector_norm(a, 1.5, -1); }, {d}},
      {"vector_norm, -1", [](In a) { return linalg::vector_norm(a, -1, 1); }, {d}},
      {"vector_norm, infinity",
       [](In a) { return linalg::vector_norm(a, infinity, 1).square(); },
       {d},
       Ties::kink},
      {"vector_norm, -infinity",
       [](In a) { return linalg::vector_norm(a, -infinity, 1).square(); },
       {d},
       Ties::kink},
      {"vector_norm, 0", [](In a) { return linalg::vector_norm(a, 0, 1); }, {d}},
      {"norm", [](In a) { return norm(a, 3, 1); }, {d}},
      {"norm, fro", [=](In a) { return norm(a, "fro", ends, true); }, {x}},
      {"dist", [](In a, In b) { return dist(a, b); }, {x, v}},
      {"dist, 1", [](In a, In b) { return dist(a, b, 1).square(); }, {d, v}, Ties::kink},
      {"renorm", [](In a) { return renorm(a, 2, 1, 1.0); }, {x}},
      {"renorm, 1", [](In a) { return renorm(a, 1, 0, 2.5); }, {d}},
  };
}

static const Family statistics_family(statistics_rows);
static const Family norm_family(norm_rows,
                                {{"gives counts", {"count_nonzero"}},
                                 {"is held to the standard library by tests/ops/searching_test.cpp",
                                  {"bincount", "bucketize", "histc", "isin", "searchsorted",
                                   "unique", "unique_consecutive"}}});

}  // namespace rw::test
