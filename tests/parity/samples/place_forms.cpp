#include "forms.h"

namespace rw::test {
namespace {

using Kind = Value::Kind;

Reduce reduce(Args& a, size_t place = 1000) {
  return named<Reduce>(a.word(place, "reduce"), {{"sum", Reduce::sum},
                                                 {"add", Reduce::sum},
                                                 {"prod", Reduce::prod},
                                                 {"multiply", Reduce::prod},
                                                 {"mean", Reduce::mean},
                                                 {"amax", Reduce::amax},
                                                 {"amin", Reduce::amin}});
}
Out scattered(Args& a, bool in_place) {
  const int64_t dim = a.i(1, "dim");
  const Tensor index = a.t(2, "index");
  const bool with_tensor = a.is_tensor(3, "src");
  if (in_place) {
    if (a.has(1000, "reduce")) Args::fail("reduce", "argument in place");
    return with_tensor ? a.y().scatter_(dim, index, a.t(3))
                       : a.y().scatter_(dim, index, a.number(3, "value"));
  }
  if (a.has(1000, "reduce"))
    return with_tensor ? scatter(a.t(0), dim, index, a.t(3), reduce(a))
                       : scatter(a.t(0), dim, index, a.number(3, "value"), reduce(a));
  return with_tensor ? scatter(a.t(0), dim, index, a.t(3))
                     : scatter(a.t(0), dim, index, a.number(3, "value"));
}
Out index_filled(Args& a, bool in_place) {
  const int64_t dim = a.i(1, "dim");
  const Tensor index = a.t(2, "index");
  if (a.is_tensor(3, "value"))
    return in_place ? a.y().index_fill_(dim, index, a.t(3))
                    : index_fill(a.t(0), dim, index, a.t(3));
  return in_place ? a.y().index_fill_(dim, index, a.number(3, "value"))
                  : index_fill(a.t(0), dim, index, a.number(3, "value"));
}
Out mask_filled(Args& a, bool in_place) {
  if (a.is_tensor(2, "value"))
    return in_place ? a.y().masked_fill_(a.t(1), a.t(2)) : masked_fill(a.t(0), a.t(1), a.t(2));
  return in_place ? a.y().masked_fill_(a.t(1, "mask"), a.number(2, "value"))
                  : masked_fill(a.t(0), a.t(1), a.number(2, "value"));
}
// What stands in brackets. Lists of numbers are tensors of indices.
std::vector<Index> places(std::vector<Tensor>& kept, const Value& v) {
  const auto one = [&](const Value& each) -> Index {
    switch (each.kind) {
      case Kind::number:
        if (each.number.dtype() == boolean) {
          kept.push_back(full({}, each.number, boolean));
          return kept.back();
        }
        return each.number.to_int64();
      case Kind::ellipsis:
        return Ellipsis;
      case Kind::none:
        return None;
      case Kind::tensor:
        return each.tensor;
      case Kind::slice: {
        const auto at = [&](size_t k, int64_t otherwise) {
          return each.list[k].kind == Kind::none ? otherwise : each.list[k].number.to_int64();
        };
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
      default:
        Args::fail("index", "index");
    }
  };
  kept.reserve(16);
  std::vector<Index> all;
  if (v.kind != Kind::list || !v.is_tuple) return {one(v)};
  for (const Value& each : v.list) all.push_back(one(each));
  return all;
}
template <class F>
auto with_places(Args& a, const F& f) {
  std::vector<Tensor> kept;
  const std::vector<Index> at = places(kept, *a.find(1, "indices"));
  switch (at.size()) {
    case 0:
      return f({});
    case 1:
      return f({at[0]});
    case 2:
      return f({at[0], at[1]});
    case 3:
      return f({at[0], at[1], at[2]});
    default:
      return f({at[0], at[1], at[2], at[3]});
  }
}
using At = std::initializer_list<Index>;

Out chosen(Args& a) {  // where(condition, input, other), whose sample has the input first
  if (a.count() == 1) return where(a.t(0));
  const Tensor mask = a.t(1, "condition");
  if (a.is_tensor(0, "input"))
    return a.is_tensor(2, "other") ? where(mask, a.t(0), a.t(2))
                                   : where(mask, a.t(0), a.number(2, "other"));
  return a.is_tensor(2, "other") ? where(mask, a.number(0, "input"), a.t(2))
                                 : where(mask, a.number(0, "input"), a.number(2, "other"));
}

const JoinedForms places_forms({
    FORM("gather", gather(a.t(0), a.i(1, "dim"), a.t(2, "index"))),
    FORM("scatter", scattered(a, false)),
    FORM("scatter_", scattered(a, true)),
    FORM("scatter_add", scatter_add(a.t(0), a.i(1, "dim"), a.t(2), a.t(3))),
    FORM("scatter_add_", a.y().scatter_add_(a.i(1, "dim"), a.t(2), a.t(3))),
    FORM("scatter_reduce", scatter_reduce(a.t(0), a.i(1, "dim"), a.t(2), a.t(3), reduce(a, 4),
                                          a.b(1000, "include_self", true))),
    FORM("scatter_reduce_", a.y().scatter_reduce_(a.i(1, "dim"), a.t(2), a.t(3), reduce(a, 4),
                                                  a.b(1000, "include_self", true))),
    FORM("index_select", index_select(a.t(0), a.i(1, "dim"), a.t(2))),
    FORM("index_add", index_add(a.t(0), a.i(1, "dim"), a.t(2), a.t(3), a.number(1000, "alpha", 1))),
    FORM("index_add_", a.y().index_add_(a.i(1, "dim"), a.t(2), a.t(3), a.number(1000, "alpha", 1))),
    FORM("index_copy", index_copy(a.t(0), a.i(1, "dim"), a.t(2), a.t(3))),
    FORM("index_copy_", a.y().index_copy_(a.i(1, "dim"), a.t(2), a.t(3))),
    FORM("index_fill", index_filled(a, false)),
    FORM("index_fill_", index_filled(a, true)),
    FORM("index_reduce", index_reduce(a.t(0), a.i(1, "dim"), a.t(2), a.t(3), reduce(a, 4),
                                      a.b(1000, "include_self", true))),
    FORM("index_reduce_", a.y().index_reduce_(a.i(1, "dim"), a.t(2), a.t(3), reduce(a, 4),
                                              a.b(1000, "include_self", true))),
    FORM("index_put", with_places(a,
                                  [&](At at) {
                                    return index_put(a.t(0), at, a.t(2, "values"),
                                                     a.b(3, "accumulate"));
                                  })),
    FORM("index_put_", with_places(a,
                                   [&](At at) {
                                     return a.y().index_put_(at, a.t(2, "values"),
                                                             a.b(3, "accumulate"));
                                   })),
    FORM("__getitem__", with_places(a, [&](At at) -> Tensor { return a.t(0).index(at); })),
    FORM("put", put(a.t(0), a.t(1), a.t(2), a.b(3, "accumulate"))),
    FORM("put_", a.y().put_(a.t(1), a.t(2), a.b(3, "accumulate"))),
    FORM("take", take(a.t(0), a.t(1))),
    FORM("take_along_dim", take_along_dim(a.t(0), a.t(1, "indices"), a.opt_i(2, "dim"))),
    FORM("masked_fill", mask_filled(a, false)),
    FORM("masked_fill_", mask_filled(a, true)),
    FORM("masked_scatter", masked_scatter(a.t(0), a.t(1), a.t(2))),
    FORM("masked_scatter_", a.y().masked_scatter_(a.t(1), a.t(2))),
    FORM("masked_select", masked_select(a.t(0), a.t(1))),
    FORM("where", chosen(a)),
    UNARY(argwhere),
    FORM("nonzero", a.b(1000, "as_tuple") ? Out(where(a.t(0))) : Out(nonzero(a.t(0)))),
    FORM("fill_", a.y().fill_(a.number(1, "value"))),
    FORM("zero_", a.y().zero_()),
    FORM("nn.functional.one_hot", one_hot(a.t(0), a.i(1, "num_classes", -1))),
});

}  // namespace
}  // namespace rw::test
