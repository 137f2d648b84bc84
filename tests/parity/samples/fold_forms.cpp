#include "forms.h"

namespace rw::test {
namespace {

using Kind = Value::Kind;

Dims dims(Args& a, size_t place = 1) { return Dims(a.ints(place, "dim")); }
// An empty list of axes is all of them here and there.
Out any_of(Args& a, bool all) {
  return all ? rw::all(a.t(0), dims(a), a.b(2, "keepdim")) : any(a.t(0), dims(a), a.b(2, "keepdim"));
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
  const auto dtype = a.dtype(2, "dtype");
  return f(dtype ? a.t(0).to(*dtype) : a.t(0), a.i(1, "dim"));
}
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
    FORM("all", any_of(a, true)), FORM("any", any_of(a, false)),
    FORM("amax", amax(a.t(0), dims(a), a.b(2, "keepdim"))),
    FORM("amin", amin(a.t(0), dims(a), a.b(2, "keepdim"))),
    FORM("argmax", argmax(a.t(0), a.opt_i(1, "dim"), a.b(2, "keepdim"))),
    FORM("argmin", argmin(a.t(0), a.opt_i(1, "dim"), a.b(2, "keepdim"))),
    FORM("aminmax", aminmax(a.t(0), a.opt_i(1000, "dim"), a.b(1000, "keepdim"))),
    FORM("count_nonzero", count_nonzero(a.t(0), dims(a))),
    FORM("var", of_spread(a, [](In x, const Dims& d, Scalar c, bool k) { return var(x, d, c, k); })),
    FORM("std", of_spread(a, [](In x, const Dims& d, Scalar c, bool k) { return rw::std(x, d, c, k); })),
    FORM("var_mean", of_spread(a, [](In x, const Dims& d, Scalar c, bool k) { return var_mean(x, d, c, k); })),
    FORM("std_mean", of_spread(a, [](In x, const Dims& d, Scalar c, bool k) { return std_mean(x, d, c, k); })),
    FORM("max", maximum_of(a)), FORM("min", minimum_of(a)),
    FORM("logsumexp", logsumexp(a.t(0), dims(a), a.b(2, "keepdim"))),
    FORM("softmax", softmaxed(a, [](In x, int64_t d) { return softmax(x, d); })),
    FORM("log_softmax", softmaxed(a, [](In x, int64_t d) { return log_softmax(x, d); })),
    FORM("nn.functional.softmin", softmaxed(a, [](In x, int64_t d) { return softmin(x, d); })),
    FORM("cumsum", cumsum(a.t(0), a.i(1, "dim"), a.dtype(1000, "dtype"))),
    FORM("cumsum_", a.y().cumsum_(a.i(1, "dim"), a.dtype(1000, "dtype"))),
    FORM("cumprod", cumprod(a.t(0), a.i(1, "dim"), a.dtype(1000, "dtype"))),
    FORM("cumprod_", a.y().cumprod_(a.i(1, "dim"), a.dtype(1000, "dtype"))),
    FORM("cummax", cummax(a.t(0), a.i(1, "dim"))), FORM("cummin", cummin(a.t(0), a.i(1, "dim"))),
    FORM("logcumsumexp", logcumsumexp(a.t(0), a.i(1, "dim"))),
    FORM("trapezoid", integral(a)), FORM("trapz", integral(a)),
    FORM("cumulative_trapezoid", running_integral(a)),
    FORM("diff", diff(a.t(0), a.i(1, "n", 1), a.i(2, "dim", -1), a.t(3, "prepend"), a.t(4, "append"))),
    FORM("gradient", gradient_of(a)),
    FORM("cov", cov_of(a)), FORM("corrcoef", corrcoef(a.t(0))),
    FORM("quantile", quantiles(a, [](In x, const auto& q, const QuantileOptions& o) { return quantile(x, q, o); })),
    FORM("nanquantile", quantiles(a, [](In x, const auto& q, const QuantileOptions& o) { return nanquantile(x, q, o); })),
    FORM("median", median_of(a)), FORM("nanmedian", nanmedian_of(a)),
    FORM("mode", mode(a.t(0), a.i(1, "dim", -1), a.b(2, "keepdim"))),
    FORM("kthvalue", kthvalue(a.t(0), a.i(1, "k"), a.i(2, "dim", -1), a.b(3, "keepdim"))),
    FORM("topk", topk(a.t(0), a.i(1, "k"), a.i(2, "dim", -1), a.b(3, "largest", true), a.b(4, "sorted", true))),
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
  const HistogramOptions o{.range = range(a), .weight = a.t(1000, "weight"), .density = a.b(1000, "density")};
  return a.is_tensor(1, "bins") ? both(histogram(a.t(0), a.t(1), o)) : both(histogram(a.t(0), a.i(1, "bins"), o));
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
    FORM("unique", unique_of(a, false)), FORM("unique_consecutive", unique_of(a, true)),
    FORM("searchsorted", searched(a)),
    FORM("bucketize", a.is_tensor(0, "input") ? bucketize(a.t(0), a.t(1, "boundaries"), a.b(1000, "out_int32"), a.b(1000, "right"))
                                              : bucketize(a.number(0, "input"), a.t(1, "boundaries"), a.b(1000, "out_int32"), a.b(1000, "right"))),
    FORM("histc", histc(a.t(0), a.i(1, "bins", 100), a.number(2, "min", 0), a.number(3, "max", 0))),
    FORM("histogram", histogram_of(a)), FORM("histogramdd", histogramdd_of(a)),
    FORM("bincount", bincount(a.t(0), a.t(1, "weights"), a.i(2, "minlength", 0))),
    FORM("isin", of_two(a, [&](const auto& x, const auto& y) requires requires { isin(x, y); } { return isin(x, y, a.b(1000, "assume_unique"), a.b(1000, "invert")); }, "elements", "test_elements")),
});

Reduce reduce(Args& a, size_t place = 1000) {
  return named<Reduce>(a.word(place, "reduce"), {{"sum", Reduce::sum}, {"add", Reduce::sum},
      {"prod", Reduce::prod}, {"multiply", Reduce::prod}, {"mean", Reduce::mean},
      {"amax", Reduce::amax}, {"amin", Reduce::amin}});
}
Out scattered(Args& a, bool in_place) {
  const int64_t dim = a.i(1, "dim");
  const Tensor index = a.t(2, "index");
  const bool with_tensor = a.is_tensor(3, "src");
  if (in_place) {
    if (a.has(1000, "reduce")) Args::fail("reduce", "argument in place");
    return with_tensor ? a.y().scatter_(dim, index, a.t(3)) : a.y().scatter_(dim, index, a.number(3, "value"));
  }
  if (a.has(1000, "reduce"))
    return with_tensor ? scatter(a.t(0), dim, index, a.t(3), reduce(a)) : scatter(a.t(0), dim, index, a.number(3, "value"), reduce(a));
  return with_tensor ? scatter(a.t(0), dim, index, a.t(3)) : scatter(a.t(0), dim, index, a.number(3, "value"));
}
Out index_filled(Args& a, bool in_place) {
  const int64_t dim = a.i(1, "dim");
  const Tensor index = a.t(2, "index");
  if (a.is_tensor(3, "value")) return in_place ? a.y().index_fill_(dim, index, a.t(3)) : index_fill(a.t(0), dim, index, a.t(3));
  return in_place ? a.y().index_fill_(dim, index, a.number(3, "value")) : index_fill(a.t(0), dim, index, a.number(3, "value"));
}
Out mask_filled(Args& a, bool in_place) {
  if (a.is_tensor(2, "value")) return in_place ? a.y().masked_fill_(a.t(1), a.t(2)) : masked_fill(a.t(0), a.t(1), a.t(2));
  return in_place ? a.y().masked_fill_(a.t(1, "mask"), a.number(2, "value")) : masked_fill(a.t(0), a.t(1), a.number(2, "value"));
}
// What stands in brackets. Lists of numbers are tensors of indices.
std::vector<Index> places(Args& a, std::vector<Tensor>& kept, const Value& v) {
  const auto one = [&](const Value& each) -> Index {
    switch (each.kind) {
      case Kind::number:
        if (each.number.dtype() == boolean) {
          kept.push_back(full({}, each.number, boolean));
          return kept.back();
        }
        return each.number.to_int64();
      case Kind::ellipsis: return Ellipsis;
      case Kind::none: return None;
      case Kind::tensor: return each.tensor;
      case Kind::slice: {
        const auto at = [&](size_t k, int64_t otherwise) { return each.list[k].kind == Kind::none ? otherwise : each.list[k].number.to_int64(); };
        return Slice(at(0, 0), at(1, Slice::none), at(2, 1));
      }
      case Kind::list: {
        std::vector<int64_t> numbers;
        bool masks = !each.list.empty();
        for (const Value& n : each.list) {
          if (n.kind != Kind::number) Args::fail("index", "list of numbers");
          masks = masks && n.number.dtype() == boolean;
          numbers.push_back(n.number.to_int64());
        }
        kept.push_back(masks ? from(numbers).to(boolean) : from(numbers));
        return kept.back();
      }
      default: Args::fail("index", "index");
    }
  };
  kept.reserve(16);
  std::vector<Index> all;
  if (v.kind != Kind::list || !v.is_tuple) return {one(v)};
  for (const Value& each : v.list) all.push_back(one(each));
  (void)a;
  return all;
}
template <class F>
auto with_places(Args& a, const F& f) {
  std::vector<Tensor> kept;
  const std::vector<Index> at = places(a, kept, *a.find(1, "indices"));
  switch (at.size()) {
    case 0: return f({});
    case 1: return f({at[0]});
    case 2: return f({at[0], at[1]});
    case 3: return f({at[0], at[1], at[2]});
    default: return f({at[0], at[1], at[2], at[3]});
  }
}
using At = std::initializer_list<Index>;

Out chosen(Args& a) {  // where(condition, input, other), whose sample has the input first
  if (a.count() == 1) return where(a.t(0));
  const Tensor mask = a.t(1, "condition");
  if (a.is_tensor(0, "input")) return a.is_tensor(2, "other") ? where(mask, a.t(0), a.t(2)) : where(mask, a.t(0), a.number(2, "other"));
  return a.is_tensor(2, "other") ? where(mask, a.number(0, "input"), a.t(2)) : where(mask, a.number(0, "input"), a.number(2, "other"));
}

const JoinedForms places_forms({
    FORM("gather", gather(a.t(0), a.i(1, "dim"), a.t(2, "index"))),
    FORM("scatter", scattered(a, false)), FORM("scatter_", scattered(a, true)),
    FORM("scatter_add", scatter_add(a.t(0), a.i(1, "dim"), a.t(2), a.t(3))),
    FORM("scatter_add_", a.y().scatter_add_(a.i(1, "dim"), a.t(2), a.t(3))),
    FORM("scatter_reduce", scatter_reduce(a.t(0), a.i(1, "dim"), a.t(2), a.t(3), reduce(a, 4), a.b(1000, "include_self", true))),
    FORM("scatter_reduce_", a.y().scatter_reduce_(a.i(1, "dim"), a.t(2), a.t(3), reduce(a, 4), a.b(1000, "include_self", true))),
    FORM("index_select", index_select(a.t(0), a.i(1, "dim"), a.t(2))),
    FORM("index_add", index_add(a.t(0), a.i(1, "dim"), a.t(2), a.t(3), a.number(1000, "alpha", 1))),
    FORM("index_add_", a.y().index_add_(a.i(1, "dim"), a.t(2), a.t(3), a.number(1000, "alpha", 1))),
    FORM("index_copy", index_copy(a.t(0), a.i(1, "dim"), a.t(2), a.t(3))),
    FORM("index_copy_", a.y().index_copy_(a.i(1, "dim"), a.t(2), a.t(3))),
    FORM("index_fill", index_filled(a, false)), FORM("index_fill_", index_filled(a, true)),
    FORM("index_reduce", index_reduce(a.t(0), a.i(1, "dim"), a.t(2), a.t(3), reduce(a, 4), a.b(1000, "include_self", true))),
    FORM("index_reduce_", a.y().index_reduce_(a.i(1, "dim"), a.t(2), a.t(3), reduce(a, 4), a.b(1000, "include_self", true))),
    FORM("index_put", with_places(a, [&](At at) { return index_put(a.t(0), at, a.t(2, "values"), a.b(3, "accumulate")); })),
    FORM("index_put_", with_places(a, [&](At at) { return a.y().index_put_(at, a.t(2, "values"), a.b(3, "accumulate")); })),
    FORM("__getitem__", with_places(a, [&](At at) -> Tensor { return a.t(0).index(at); })),
    FORM("put", put(a.t(0), a.t(1), a.t(2), a.b(3, "accumulate"))),
    FORM("put_", a.y().put_(a.t(1), a.t(2), a.b(3, "accumulate"))),
    FORM("take", take(a.t(0), a.t(1))),
    FORM("take_along_dim", take_along_dim(a.t(0), a.t(1, "indices"), a.opt_i(2, "dim"))),
    FORM("masked_fill", mask_filled(a, false)), FORM("masked_fill_", mask_filled(a, true)),
    FORM("masked_scatter", masked_scatter(a.t(0), a.t(1), a.t(2))),
    FORM("masked_scatter_", a.y().masked_scatter_(a.t(1), a.t(2))),
    FORM("masked_select", masked_select(a.t(0), a.t(1))),
    FORM("where", chosen(a)), UNARY(argwhere),
    FORM("nonzero", a.b(1000, "as_tuple") ? Out(where(a.t(0))) : Out(nonzero(a.t(0)))),
    FORM("fill_", a.y().fill_(a.number(1, "value"))), FORM("zero_", a.y().zero_()),
    FORM("nn.functional.one_hot", one_hot(a.t(0), a.i(1, "num_classes", -1))),
    FORM("bernoulli", a.has(1, "p") ? bernoulli(a.t(0), a.f(1, "p")) : bernoulli(a.t(0))),
    FORM("multinomial", multinomial(a.t(0), a.i(1, "num_samples"), a.b(2, "replacement"))),
    FORM("normal", a.is_tensor(0, "mean") ? (a.is_tensor(1, "std") ? normal(a.t(0), a.t(1)) : normal(a.t(0), a.f(1, "std", 1))) : a.count() == 3 ? normal(a.f(0, "mean"), a.f(1, "std"), Shape(a.ints(2, "size")), (a.ignore(1000, "device"), TensorOptions{.dtype = a.dtype(1000, "dtype")})) : normal(a.f(0, "mean"), a.t(1))),
    FORM("normal.in_place", a.y().normal_(a.f(1, "mean", 0), a.f(2, "std", 1))),
    FORM("normal_", a.y().normal_(a.f(1, "mean", 0), a.f(2, "std", 1))),
    FORM("uniform_", a.y().uniform_(a.f(1, "from", 0), a.f(2, "to", 1))),
    FORM("uniform", a.y().uniform_(a.f(1, "from", 0), a.f(2, "to", 1))),
    FORM("cauchy_", a.y().cauchy_(a.f(1, "median", 0), a.f(2, "sigma", 1))),
    FORM("cauchy", a.y().cauchy_(a.f(1, "median", 0), a.f(2, "sigma", 1))),
    FORM("exponential_", a.y().exponential_(a.f(1, "lambd", 1))),
    FORM("exponential", a.y().exponential_(a.f(1, "lambd", 1))),
    FORM("geometric_", a.y().geometric_(a.f(1, "p"))),
    FORM("geometric", a.y().geometric_(a.f(1, "p"))),
    FORM("log_normal_", a.y().log_normal_(a.f(1, "mean", 1), a.f(2, "std", 2))),
    FORM("log_normal", a.y().log_normal_(a.f(1, "mean", 1), a.f(2, "std", 2))),
    FORM("bernoulli_", a.is_tensor(1, "p") ? a.y().bernoulli_(a.t(1)) : a.y().bernoulli_(a.f(1, "p", 0.5))),
    FORM("nn.functional.dropout", dropout(a.t(0), a.f(1, "p", 0.5), a.b(2, "training", true))),
    FORM("nn.functional.dropout2d", dropout2d(a.t(0), a.f(1, "p", 0.5), a.b(2, "training", true))),
    FORM("nn.functional.dropout3d", dropout3d(a.t(0), a.f(1, "p", 0.5), a.b(2, "training", true))),
    FORM("nn.functional.alpha_dropout", alpha_dropout(a.t(0), a.f(1, "p", 0.5), a.b(2, "training"))),
    FORM("nn.functional.feature_alpha_dropout", feature_alpha_dropout(a.t(0), a.f(1, "p", 0.5), a.b(2, "training"))),
});

}  // namespace
}  // namespace rw::test
