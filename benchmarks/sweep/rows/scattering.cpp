#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

Tensor parity(const Tensor& t) { return t.to(i64) % 2; }

Rows scattering() {
  const Kind e = Kind::elements;
  const auto rows = [](In t) { return some_indices(t[0].size(0), t[0].size(0)); };
  const auto reduced = [](const char* how) {
    return [=](In t) { return reduced_by(t[0], parity(t[0]), t[1].expand_as(t[0]), how); };
  };
  const auto by_rows = [=](const char* how) {
    return [=](In t) { return rows_reduced_by(t[0], rows(t), t[1].expand_as(t[0]), how); };
  };
  return {
      {"scatter", e, all, 2, smooth,
       [](In t) { return scatter(t[0], 1, parity(t[0]), t[1].expand_as(t[0])); }},
      {"scatter, a number", e, all, 1, smooth,
       [](In t) { return scatter(t[0], 1, parity(t[0]), 1); }},
      {"scatter_reduce, sum", e, numbers, 2, smooth, reduced("sum")},
      {"scatter_reduce, prod", e, numbers, 2, smooth, reduced("prod")},
      {"scatter_reduce, mean", e, numbers, 2, smooth, reduced("mean")},
      {"scatter_reduce, amax", e, numbers, 2, smooth, reduced("amax")},
      {"index_fill", e, all, 1, smooth, [=](In t) { return index_fill(t[0], 0, rows(t), 1); }},
      {"index_copy", e, floating, 2, smooth,
       [=](In t) { return index_copy(t[0], 0, rows(t), t[1].expand_as(t[0])); }},
      {"index_reduce, amax", e, floating, 2, smooth, by_rows("amax")},
      {"index_reduce, mean", e, floating, 2, smooth, by_rows("mean")},
      {"index_reduce, prod", e, floating, 2, smooth, by_rows("prod")},
      {"embedding", Kind::products, floating, 1, smooth,
       [=](In t) { return embedded(rows(t), t[0]); }},
      {"embedding_bag", Kind::products, floating, 1, smooth,
       [=](In t) {
         return bags_of(some_indices(t[0].size(0) / 8 * 8, t[0].size(0)).view({-1, 8}), t[0]);
       }},
      {"take", e, all, 1, smooth,
       [](In t) { return take(t[0], some_indices(t[0].numel() / 2, t[0].numel())); }},
      {"take_along_dim", e, floating, 1, smooth,
       [](In t) { return take_along_dim(t[0], parity(t[0]), 1); }},
      {"put", e, floating, 1, smooth,
       [](In t) {
         const int64_t n = t[0].numel() / 2;
         return put(t[0], some_indices(n, 2 * n), t[0].reshape({-1}).narrow(0, 0, n));
       }},
      {"masked_scatter", e, floating, 1, smooth,
       [](In t) { return masked_scatter(t[0], t[0] > 1, t[0]); }},
      {"masked_fill, a tensor", e, floating, 1, smooth,
       [](In t) { return masked_fill(t[0], t[0] > 1, t[0].reshape({-1}).select(0, 0)); }},
      {"argwhere", e, all, 1, flat, [](In t) { return argwhere(t[0]); }},
      {"one_hot, counted", Kind::products, integers, 1, flat,
       [](In t) { return one_hot(t[0].to(i64)); }},
  };
}

Rows sampling() {
  const Kind e = Kind::elements;
  return {
      {"bernoulli", e, floating, 1, flat, [](In t) { return bernoulli(t[0] / 4); }},
      {"multinomial", Kind::products, floating, 1, flat,
       [](In t) { return multinomial(t[0], 4, true); }},
      {"multinomial, without replacement", Kind::products, floating, 1, flat,
       [](In t) { return multinomial(t[0], 4); }},
      {"normal", e, floating, 2, flat, [](In t) { return normal(t[0], t[1]); }},
      {"poisson", e, floating, 1, flat, [](In t) { return poisson(t[0]); }},
      {"randint_like", e, numbers, 1, flat, [](In t) { return integers_like(t[0], 9); }},
  };
}

const Family scattering_family(scattering), sampling_family(sampling);

}  // namespace
}  // namespace bench
