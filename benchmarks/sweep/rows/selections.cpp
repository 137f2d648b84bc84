#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

Rows selections() {
  const Kind e = Kind::elements;
  const auto rows = [](In t) { return some_indices(t[0].size(0), t[0].size(0)); };
  return {
      {"cat, 0", e, all, 2, smooth,
       [](In t) {
         return cat(Tensors{t[0], t[1].expand_as(t[0])}, 0);
       }},
      {"cat, 1", e, all, 2, smooth,
       [](In t) {
         return cat(Tensors{t[0], t[1].expand_as(t[0])}, 1);
       }},
      {"stack", e, all, 2, smooth,
       [](In t) {
         return stack(Tensors{t[0], t[1].expand_as(t[0])}, 0);
       }},
      {"index_select", e, all, 1, smooth, [=](In t) { return index_select(t[0], 0, rows(t)); }},
      {"index_select, 1", e, all, 1, smooth,
       [](In t) { return index_select(t[0], 1, some_indices(t[0].size(1), t[0].size(1))); }},
      {"index_add", e, numbers, 2, smooth, [=](In t) { return index_add(t[0], 0, rows(t), t[1]); }},
      {"gather", e, all, 1, smooth, [](In t) { return gather(t[0], 0, t[0].to(i64) % 2); }},
      {"scatter_add", e, numbers, 2, smooth,
       [](In t) { return scatter_add(t[0], 0, t[0].to(i64) % 2, t[1]); }},
      {"masked_fill", e, numbers, 1, smooth, [](In t) { return masked_fill(t[0], t[0] > 1, 0); }},
      {"masked_select", e, numbers, 1, smooth, [](In t) { return masked_select(t[0], t[0] > 1); }},
      {"one_hot", Kind::products, integers, 1, flat, [](In t) { return one_hot(t[0].to(i64), 4); }},
      {"nonzero", e, all, 1, flat, [](In t) { return nonzero(t[0]); }},
      {"tril", e, all, 1, smooth, [](In t) { return tril(t[0]); }},
      {"triu", e, all, 1, smooth, [](In t) { return triu(t[0]); }},
      {"pad, constant", Kind::images, numbers, 1, smooth,
       [](In t) { return padded(t[0], "constant"); }},
      {"pad, reflect", Kind::images, floating, 1, smooth,
       [](In t) { return padded(t[0], "reflect"); }},
      {"pad, replicate", Kind::images, floating, 1, smooth,
       [](In t) { return padded(t[0], "replicate"); }},
      {"pad, circular", Kind::images, floating, 1, smooth,
       [](In t) { return padded(t[0], "circular"); }},
  };
}

const Family family(selections);

}  // namespace
}  // namespace bench
