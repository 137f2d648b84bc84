#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

Rows order() {
  const Kind e = Kind::elements;
  const auto first = [](auto pair) { return std::get<0>(pair); };
  const auto among = [](const Tensor& t) {
    return std::get<0>(lib::sort(uniform({64}).to(type_of(t)), 0));
  };
  return {
      {"sort, -1", e, all, 1, smooth, [=](In t) { return first(lib::sort(t[0], -1)); }},
      {"sort, 0", e, all, 1, smooth, [=](In t) { return first(lib::sort(t[0], 0, true)); }},
      {"argsort, -1", e, all, 1, flat, [](In t) { return argsort_of(t[0], -1); }},
      {"msort", e, all, 1, smooth, [](In t) { return msort(t[0]); }},
      {"topk, -1", e, numbers, 1, smooth, [=](In t) { return first(topk(t[0], 2, -1)); }},
      {"topk, 0", e, numbers, 1, smooth, [=](In t) { return first(topk(t[0], 2, 0)); }},
      {"kthvalue, -1", e, numbers, 1, smooth, [=](In t) { return first(kthvalue(t[0], 2, -1)); }},
      {"median", e, numbers, 1, smooth, [](In t) { return median(t[0]); }},
      {"median, -1", e, numbers, 1, smooth, [=](In t) { return first(median(t[0], -1)); }},
      {"nanmedian", e, numbers, 1, smooth, [](In t) { return nanmedian(t[0]); }},
      {"mode, -1", e, all, 1, smooth, [=](In t) { return first(mode(t[0], -1)); }},
      {"unique", e, all, 1, flat, [](In t) { return unique_of(t[0]); }},
      {"unique_consecutive", e, all, 1, flat, [](In t) { return unique_consecutive_of(t[0]); }},
      {"searchsorted", e, numbers, 1, flat, [=](In t) { return searchsorted(among(t[0]), t[0]); }},
      {"bucketize", e, numbers, 1, flat, [=](In t) { return bucketize(t[0], among(t[0])); }},
      {"isin", e, numbers, 1, flat, [=](In t) { return isin(t[0], among(t[0])); }},
      {"histc", e, floating, 1, flat, [](In t) { return histc(t[0], 100, 0, 1); }},
      {"bincount", e, integers, 1, flat,
       [](In t) { return bincount(t[0].reshape(-1).abs() % 64); }},
  };
}

Rows scans() {
  const Kind e = Kind::elements;
  const auto first = [](auto pair) { return std::get<0>(pair); };
  return {
      {"cumprod, -1", e, all, 1, smooth, [](In t) { return cumprod(t[0], -1); }},
      {"cumprod, 0", e, all, 1, smooth, [](In t) { return cumprod(t[0], 0); }},
      {"cummax, -1", e, all, 1, smooth, [=](In t) { return first(cummax(t[0], -1)); }},
      {"cummin, 0", e, all, 1, smooth, [=](In t) { return first(cummin(t[0], 0)); }},
      {"logcumsumexp, -1", e, floating, 1, smooth, [](In t) { return logcumsumexp(t[0], -1); }},
      {"logcumsumexp, 0", e, floating, 1, smooth, [](In t) { return logcumsumexp(t[0], 0); }},
      {"trapezoid", e, numbers, 1, smooth, [](In t) { return trapezoid(t[0], 0.5, -1); }},
      {"cumulative_trapezoid", e, numbers, 1, smooth,
       [](In t) { return cumulative_trapezoid(t[0], 0.5, -1); }},
  };
}

Rows statistics() {
  const Kind e = Kind::elements;
  const auto first = [](auto pair) { return std::get<0>(pair); };
  return {
      {"aminmax", e, all, 1, smooth, [=](In t) { return first(aminmax(t[0])); }},
      {"aminmax, -1", e, all, 1, smooth, [=](In t) { return first(aminmax(t[0], -1)); }},
      {"nansum", e, all, 1, smooth, [](In t) { return nansum(t[0]); }},
      {"nanmean", e, floating, 1, smooth, [](In t) { return nanmean(t[0]); }},
      {"std_mean", e, floating, 1, smooth, [=](In t) { return first(std_mean_of(t[0], -1)); }},
      {"var_mean", e, floating, 1, smooth, [=](In t) { return first(var_mean_of(t[0], 0)); }},
      {"count_nonzero", e, all, 1, flat, [](In t) { return count_nonzero(t[0]); }},
      {"quantile", e, floating, 1, smooth, [](In t) { return quantile_of(t[0], 0.3, -1); }},
      {"nanquantile", e, floating, 1, smooth, [](In t) { return nanquantile_of(t[0], 0.3, -1); }},
      {"cov", Kind::products, floating, 1, smooth, [](In t) { return cov(t[0]); }},
      {"corrcoef", Kind::products, floating, 1, smooth, [](In t) { return corrcoef(t[0]); }},
      {"diff", e, all, 1, smooth, [](In t) { return diff(t[0]); }},
      {"norm", e, floating, 1, smooth, [](In t) { return norm(t[0]); }},
      {"vector_norm, 1 -1", e, floating, 1, smooth,
       [](In t) { return vector_norm_of(t[0], 1, -1); }},
      {"vector_norm, 3 0", e, floating, 1, smooth, [](In t) { return vector_norm_of(t[0], 3, 0); }},
      {"dist", e, floating, 2, smooth, [](In t) { return dist(t[0], t[1]); }},
      {"renorm", e, floating, 1, smooth, [](In t) { return renorm(t[0], 2, 0, 1); }},
  };
}

const Family order_family(order), scan_family(scans), statistics_family(statistics);

}  // namespace
}  // namespace bench
