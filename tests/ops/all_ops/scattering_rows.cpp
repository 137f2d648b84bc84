#include "table.h"

namespace rw::test {

static Rows scattering_rows() {
  const Tensor x = normal({3, 4}), src = normal({3, 4}), number = normal({});
  const Tensor some = distinct({3, 4}), others = distinct({3, 4}, 0.1);
  // Each place at most once: which of several values stays is not defined.
  const Tensor once = from<int64_t>({{0, 2, 1, 2}, {2, 0, 0, 1}});
  const Tensor often = from<int64_t>({{0, 2, 1, 2}, {2, 2, 0, 0}});
  const Tensor order = from<int64_t>({2, 0}), again = from<int64_t>({2, 0, 2});
  const Tensor back = from<int64_t>({-1, 0}), single = from<int64_t>({3, 0, 2}).unsqueeze(1);
  const Tensor places = from<int64_t>({{3, -1}, {0, 5}});
  const Tensor mask = from<double>({{1, 0, 0, 1}, {0, 0, 1, 1}, {1, 0, 0, 0}}) > 0;
  const auto reduced = [=](Reduce reduce, bool include_self = true) {
    return
        [=](In a, In b) { return scatter_reduce(a, 0, often, b, reduce, include_self).square(); };
  };
  const auto by_slices = [=](Reduce reduce, bool include_self = true) {
    return [=](In a, In b) { return index_reduce(a, 0, again, b, reduce, include_self).square(); };
  };
  const Ties kink = Ties::kink;
  return {
      {"scatter", [=](In a, In b) { return scatter(a, 0, once, b).square(); }, {x, src}},
      {"scatter, last dim",
       [=](In a, In b) { return scatter(a, -1, single, b).square(); },
       {x, src}},
      {"scatter, a number", [=](In a) { return scatter(a, 0, often, 1.5).square(); }, {x}},
      {"scatter, added",
       [=](In a, In b) { return scatter(a, 0, often, b, Reduce::sum).square(); },
       {x, src}},
      {"scatter, times a number",
       [=](In a) { return scatter(a, 0, often, 2, Reduce::prod).square(); },
       {x}},
      {"scatter_reduce, sum", reduced(Reduce::sum), {x, src}},
      {"scatter_reduce, sum of others", reduced(Reduce::sum, false), {x, src}},
      {"scatter_reduce, prod", reduced(Reduce::prod), {some, others}},
      {"scatter_reduce, prod of others", reduced(Reduce::prod, false), {some, others}},
      {"scatter_reduce, mean", reduced(Reduce::mean), {x, src}},
      {"scatter_reduce, mean of others", reduced(Reduce::mean, false), {x, src}},
      {"scatter_reduce, amax", reduced(Reduce::amax), {some, others}, kink},
      {"scatter_reduce, amin of others", reduced(Reduce::amin, false), {some, others}, kink},
      {"index_fill", [=](In a) { return index_fill(a, -1, back, 1.5).square(); }, {x}},
      {"index_fill, a tensor",
       [=](In a, In b) { return index_fill(a, 0, order, b).square(); },
       {x, number}},
      {"index_copy",
       [=](In a, In b) { return index_copy(a, 0, order, b).square(); },
       {x, normal({2, 4})}},
      {"index_copy, last dim",
       [=](In a, In b) { return index_copy(a, -1, order, b).square(); },
       {x, normal({3, 2})}},
      {"index_reduce, prod", by_slices(Reduce::prod), {some, others}},
      {"index_reduce, mean of others", by_slices(Reduce::mean, false), {x, src}},
      {"index_reduce, amax of others", by_slices(Reduce::amax, false), {some, others}, kink},
      {"index_reduce, amin", by_slices(Reduce::amin), {some, others}, kink},
      {"take", [=](In a) { return take(a, places).square(); }, {x}},
      {"take_along_dim", [=](In a) { return take_along_dim(a, single, 1).square(); }, {x}},
      {"take_along_dim, flattened", [=](In a) { return take_along_dim(a, often).square(); }, {x}},
      {"put",
       [=](In a, In b) {
         return put(a, from<int64_t>({{3, -2}, {0, 5}}), b).square();
       },
       {x, normal({2, 2})}},
      {"put, added",
       [=](In a, In b) { return put(a, places, b, true).square(); },
       {x, normal({2, 2})}},
      {"masked_scatter",
       [=](In a, In b) { return masked_scatter(a, mask, b).square(); },
       {x, normal({6})}},
      {"masked_fill, a tensor",
       [=](In a, In b) { return masked_fill(a, mask, b).square(); },
       {x, number}},
      {"where, places",
       [](In a) {
         const Tensors at = where(a > 0);
         return a.index({at[0], at[1]}).square();
       },
       {distinct({3, 4})}},
      {"index_add, times a number",
       [=](In a, In b) { return index_add(a, 0, again, b, 1.5).square(); },
       {x, src}},
  };
}

static const Family scattering_family(scattering_rows,
                                      {{"gives the places of elements", {"argwhere"}}});

}  // namespace rw::test
