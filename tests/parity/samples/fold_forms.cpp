#include "forms.h"

namespace rw::test {
namespace {

using Kind = Value::Kind;

Dims dims(Args& a, size_t place = 1) { return Dims(a.ints(place, "dim")); }
// An empty list of axes is all of them here and there.
Out any_of(Args& a, bool all) {
  return all ? rw::all(a.t(0), dims(a), a.b(2, "keepdim"))
             : any(a.t(0), dims(a), a.b(2, "keepdim"));
}

// var(x, unbiased), var(x, dim, unbiased, keepdim), var(x, dim, correction=, keepdim=)
struct Spread {
  Dims dims;
  Scalar correction = 1;
  bool keepdim;
};
bool is_truth(Args& a, size_t place, const char* name) {
  return a.is_number(place, name) && a.number(place, name).dtype() == boolean;
}
Spread spread(Args& a) {
  if (a.count() == 2 && is_truth(a, 1, "dim")) return {{}, a.b(1, "dim") ? 1 : 0, false};
  Spread s{.dims = dims(a), .keepdim = a.b(3, "keepdim")};
  if (a.has(2, "unbiased"))
    s.correction = a.b(2, "unbiased") ? 1 : 0;
  else
    s.correction = a.number(1000, "correction", 1);
  return s;
}
template <class F>
Out of_spread(Args& a, const F& f) {
  const Spread s = spread(a);
  return f(a.t(0), s.dims, s.correction, s.keepdim);
}

Out product(Args& a) {
  return prod(a.t(0), a.opt_i(1, "dim"), a.b(2, "keepdim"), a.dtype(3, "dtype"));
}
template <class F>
Out softmaxed(Args& a, const F& f) {
  a.ignore(1000, "_stacklevel");
  return f(a.t(0), a.i(1, "dim"), a.dtype(2, "dtype"));
}
using DTypeOr = std::optional<DType>;
Out maximum_of(Args& a) {
  if (a.has(1, "dim")) return max(a.t(0), a.i(1, "dim"), a.b(2, "keepdim"));
  return a.t(0).max();
}
Out minimum_of(Args& a) {
  if (a.has(1, "dim")) return min(a.t(0), a.i(1, "dim"), a.b(2, "keepdim"));
  return a.t(0).min();
}
Out median_of(Args& a) {
  if (a.has(1, "dim")) return median(a.t(0), a.i(1, "dim"), a.b(2, "keepdim"));
  return median(a.t(0));
}
Out nanmedian_of(Args& a) {
  if (a.has(1, "dim")) return nanmedian(a.t(0), a.i(1, "dim"), a.b(2, "keepdim"));
  return nanmedian(a.t(0));
}
template <class F>
Out quantiles(Args& a, const F& f) {
  const QuantileOptions options{
      .dim = a.opt_i(2, "dim"),
      .keepdim = a.b(3, "keepdim"),
      .interpolation = named<Interpolation>(a.word(1000, "interpolation", "linear"),
                                            {{"linear", Interpolation::linear},
                                             {"lower", Interpolation::lower},
                                             {"higher", Interpolation::higher},
                                             {"midpoint", Interpolation::midpoint},
                                             {"nearest", Interpolation::nearest}})};
  return a.is_tensor(1, "q") ? f(a.t(0), a.t(1, "q"), options) : f(a.t(0), a.f(1, "q"), options);
}
Out cov_of(Args& a) {
  return cov(a.t(0), {.correction = a.f(1000, "correction", 1),
                      .fweights = a.t(1000, "fweights"),
                      .aweights = a.t(1000, "aweights")});
}
Out gradient_of(Args& a) {
  const Dims dims(a.ints(1000, "dim"));
  const int64_t edge_order = a.i(1000, "edge_order", 1);
  if (!a.is_list(1000, "spacing"))
    return gradient(a.t(0), a.number(1000, "spacing", 1), dims, edge_order);
  const Value* const v = a.find(1000, "spacing");
  if (!v->list.empty() && v->list[0].kind == Kind::tensor)
    return gradient(a.t(0), a.tensors(1000, "spacing"), dims, edge_order);
  return gradient(a.t(0), a.floats(1000, "spacing"), dims, edge_order);
}
Out integral(Args& a) {
  const int64_t dim = a.i(1000, "dim", -1);
  return a.has(1, "x") && a.is_tensor(1, "x") ? trapezoid(a.t(0), a.t(1, "x"), dim)
                                              : trapezoid(a.t(0), a.number(1000, "dx", 1), dim);
}
Out running_integral(Args& a) {
  const int64_t dim = a.i(1000, "dim", -1);
  return a.has(1, "x") && a.is_tensor(1, "x")
             ? cumulative_trapezoid(a.t(0), a.t(1, "x"), dim)
             : cumulative_trapezoid(a.t(0), a.number(1000, "dx", 1), dim);
}

const JoinedForms folds({
    FORM("sum", sum(a.t(0), dims(a), a.b(2, "keepdim"), a.dtype(3, "dtype"))),
    FORM("mean", mean(a.t(0), dims(a), a.b(2, "keepdim"), a.dtype(3, "dtype"))),
    FORM("nansum", nansum(a.t(0), dims(a), a.b(2, "keepdim"), a.dtype(3, "dtype"))),
    FORM("nanmean", nanmean(a.t(0), dims(a), a.b(2, "keepdim"), a.dtype(3, "dtype"))),
    FORM("prod", product(a)),
    FORM("all", any_of(a, true)),
    FORM("any", any_of(a, false)),
    FORM("amax", amax(a.t(0), dims(a), a.b(2, "keepdim"))),
    FORM("amin", amin(a.t(0), dims(a), a.b(2, "keepdim"))),
    FORM("argmax", argmax(a.t(0), a.opt_i(1, "dim"), a.b(2, "keepdim"))),
    FORM("argmin", argmin(a.t(0), a.opt_i(1, "dim"), a.b(2, "keepdim"))),
    FORM("aminmax", aminmax(a.t(0), a.opt_i(1000, "dim"), a.b(1000, "keepdim"))),
    FORM("count_nonzero", count_nonzero(a.t(0), dims(a))),
    FORM("var",
         of_spread(a, [](In x, const Dims& d, Scalar c, bool k) { return var(x, d, c, k); })),
    FORM("std",
         of_spread(a, [](In x, const Dims& d, Scalar c, bool k) { return rw::std(x, d, c, k); })),
    FORM("var_mean",
         of_spread(a, [](In x, const Dims& d, Scalar c, bool k) { return var_mean(x, d, c, k); })),
    FORM("std_mean",
         of_spread(a, [](In x, const Dims& d, Scalar c, bool k) { return std_mean(x, d, c, k); })),
    FORM("max", maximum_of(a)),
    FORM("min", minimum_of(a)),
    FORM("logsumexp", logsumexp(a.t(0), dims(a), a.b(2, "keepdim"))),
    FORM("softmax", softmaxed(a, [](In x, int64_t d, DTypeOr t) { return softmax(x, d, t); })),
    FORM("log_softmax",
         softmaxed(a, [](In x, int64_t d, DTypeOr t) { return log_softmax(x, d, t); })),
    FORM("nn.functional.softmin",
         softmaxed(a, [](In x, int64_t d, DTypeOr t) { return softmin(x, d, t); })),
    FORM("cumsum", cumsum(a.t(0), a.i(1, "dim"), a.dtype(1000, "dtype"))),
    FORM("cumsum_", a.y().cumsum_(a.i(1, "dim"), a.dtype(1000, "dtype"))),
    FORM("cumprod", cumprod(a.t(0), a.i(1, "dim"), a.dtype(1000, "dtype"))),
    FORM("cumprod_", a.y().cumprod_(a.i(1, "dim"), a.dtype(1000, "dtype"))),
    FORM("cummax", cummax(a.t(0), a.i(1, "dim"))),
    FORM("cummin", cummin(a.t(0), a.i(1, "dim"))),
    FORM("logcumsumexp", logcumsumexp(a.t(0), a.i(1, "dim"))),
    FORM("trapezoid", integral(a)),
    FORM("trapz", integral(a)),
    FORM("cumulative_trapezoid", running_integral(a)),
    FORM("diff",
         diff(a.t(0), a.i(1, "n", 1), a.i(2, "dim", -1), a.t(3, "prepend"), a.t(4, "append"))),
    FORM("gradient", gradient_of(a)),
    FORM("cov", cov_of(a)),
    FORM("corrcoef", corrcoef(a.t(0))),
    FORM("quantile", quantiles(a, [](In x, const auto& q,
                                     const QuantileOptions& o) { return quantile(x, q, o); })),
    FORM("nanquantile",
         quantiles(a, [](In x, const auto& q,
                         const QuantileOptions& o) { return nanquantile(x, q, o); })),
    FORM("median", median_of(a)),
    FORM("nanmedian", nanmedian_of(a)),
    FORM("mode", mode(a.t(0), a.i(1, "dim", -1), a.b(2, "keepdim"))),
    FORM("kthvalue", kthvalue(a.t(0), a.i(1, "k"), a.i(2, "dim", -1), a.b(3, "keepdim"))),
    FORM("topk", topk(a.t(0), a.i(1, "k"), a.i(2, "dim", -1), a.b(3, "largest", true),
                      a.b(4, "sorted", true))),
    FORM("sort", sort(a.t(0), a.i(1, "dim", -1), a.b(2, "descending"), a.b(1000, "stable"))),
    FORM("argsort", argsort(a.t(0), a.i(1, "dim", -1), a.b(2, "descending"), a.b(1000, "stable"))),
    UNARY(msort),
});

// torch.unique, of which the results asked for follow one another.
Out unique_of(Args& a, bool consecutive) {
  const UniqueOptions o{.sorted = a.b(1000, "sorted", true),
                        .return_inverse = a.b(1000, "return_inverse"),
                        .return_counts = a.b(1000, "return_counts"),
                        .dim = a.opt_i(1000, "dim")};
  const Unique u = consecutive ? unique_consecutive(a.t(0), o) : unique(a.t(0), o);
  Tensors all = {u.output};
  if (o.return_inverse) all.push_back(u.inverse_indices);
  if (o.return_counts) all.push_back(u.counts);
  return all;
}
SearchOptions search_options(Args& a, const std::string& side) {
  return {.out_int32 = a.b(1000, "out_int32"),
          .right = a.b(1000, "right"),
          .side = side.empty() ? nullptr : side.c_str(),
          .sorter = a.t(1000, "sorter")};
}
Out searched(Args& a) {
  const std::string side = a.word(1000, "side");
  const SearchOptions o = search_options(a, side);
  return a.is_tensor(1, "input") ? searchsorted(a.t(0), a.t(1), o)
                                 : searchsorted(a.t(0), a.number(1, "input"), o);
}
std::optional<std::pair<double, double>> range(Args& a) {
  const auto all = a.floats(1000, "range");
  if (all.empty()) return {};
  return std::pair(all.at(0), all.at(1));
}
Tensors both(const Histogram& h) { return {h.hist, h.bin_edges}; }
Out histogram_of(Args& a) {
  const HistogramOptions o{
      .range = range(a), .weight = a.t(1000, "weight"), .density = a.b(1000, "density")};
  return a.is_tensor(1, "bins") ? both(histogram(a.t(0), a.t(1), o))
                                : both(histogram(a.t(0), a.i(1, "bins"), o));
}
Out histogramdd_of(Args& a) {
  HistogramddOptions o{.weight = a.t(1000, "weight"), .density = a.b(1000, "density")};
  const auto ends = a.floats(1000, "range");
  for (size_t k = 0; k + 1 < ends.size(); k += 2) o.range.emplace_back(ends[k], ends[k + 1]);
  const Value* const bins = a.find(1, "bins");
  Histogramdd h;
  if (bins->kind != Kind::list)
    h = histogramdd(a.t(0), a.i(1, "bins"), o);
  else if (!bins->list.empty() && bins->list[0].kind == Kind::tensor)
    h = histogramdd(a.t(0), a.tensors(1, "bins"), o);
  else
    h = histogramdd(a.t(0), a.ints(1, "bins"), o);
  Tensors all = {h.hist};
  all.insert(all.end(), h.bin_edges.begin(), h.bin_edges.end());
  return all;
}

const JoinedForms searches({
    FORM("unique", unique_of(a, false)),
    FORM("unique_consecutive", unique_of(a, true)),
    FORM("searchsorted", searched(a)),
    FORM("bucketize",
         a.is_tensor(0, "input")
             ? bucketize(a.t(0), a.t(1, "boundaries"), a.b(1000, "out_int32"), a.b(1000, "right"))
             : bucketize(a.number(0, "input"), a.t(1, "boundaries"), a.b(1000, "out_int32"),
                         a.b(1000, "right"))),
    FORM("histc", histc(a.t(0), a.i(1, "bins", 100), a.number(2, "min", 0), a.number(3, "max", 0))),
    FORM("histogram", histogram_of(a)),
    FORM("histogramdd", histogramdd_of(a)),
    FORM("bincount", bincount(a.t(0), a.t(1, "weights"), a.i(2, "minlength", 0))),
    FORM("isin", of_two(
                     a, [&](const auto& x, const auto& y) requires requires { isin(x, y); } {
                       return isin(x, y, a.b(1000, "assume_unique"), a.b(1000, "invert"));
                     },
                     "elements", "test_elements")),
});

}  // namespace
}  // namespace rw::test
