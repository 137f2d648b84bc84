#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

Rows reductions() {
  const Kind e = Kind::elements;
  const auto first = [](auto pair) { return std::get<0>(pair); };
  return {
      {"sum", e, all, 1, smooth, [](In t) { return t[0].sum(); }},
      {"sum, 0", e, all, 1, smooth, [](In t) { return t[0].sum(0); }},
      {"sum, -1", e, all, 1, smooth, [](In t) { return t[0].sum(-1); }},
      {"mean", e, floating, 1, smooth, [](In t) { return t[0].mean(); }},
      {"mean, 0", e, floating, 1, smooth, [](In t) { return t[0].mean(0); }},
      {"mean, -1", e, floating, 1, smooth, [](In t) { return t[0].mean(-1); }},
      {"var, 0", e, floating, 1, smooth, [](In t) { return t[0].var(0); }},
      {"var, -1", e, floating, 1, smooth, [](In t) { return t[0].var(-1); }},
      {"std, -1", e, floating, 1, smooth, [](In t) { return t[0].std(-1); }},
      {"prod", e, numbers, 1, flat, [](In t) { return t[0].prod(); }},
      {"prod, 0", e, numbers, 1, flat, [](In t) { return t[0].prod(0); }},
      {"prod, -1", e, numbers, 1, flat, [](In t) { return t[0].prod(-1); }},
      {"amax, 0", e, all, 1, smooth, [](In t) { return t[0].amax(0); }},
      {"amin, -1", e, all, 1, smooth, [](In t) { return t[0].amin(-1); }},
      {"max, 0", e, all, 1, smooth, [=](In t) { return first(t[0].max(0)); }},
      {"min, -1", e, all, 1, smooth, [=](In t) { return first(t[0].min(-1)); }},
      {"argmax", e, numbers, 1, flat, [](In t) { return argmax(t[0]); }},
      {"argmax, 0", e, numbers, 1, flat, [](In t) { return argmax(t[0], 0); }},
      {"argmin, -1", e, numbers, 1, flat, [](In t) { return argmin(t[0], -1); }},
      {"any", e, all, 1, flat, [](In t) { return any(t[0]); }},
      {"any, 0", e, all, 1, flat, [](In t) { return any(t[0], 0); }},
      {"all, -1", e, all, 1, flat, [](In t) { return lib::all(t[0], -1); }},
      {"logsumexp, 0", e, floating, 1, smooth, [](In t) { return logsumexp(t[0], 0); }},
      {"logsumexp, -1", e, floating, 1, smooth, [](In t) { return logsumexp(t[0], -1); }},
      {"cumsum, -1", e, all, 1, smooth, [](In t) { return t[0].cumsum(-1); }},
      {"cumsum, 0", e, all, 1, smooth, [](In t) { return t[0].cumsum(0); }},
      {"softmax, -1", e, floating, 1, smooth, [](In t) { return softmax(t[0], -1); }},
      {"softmax, 0", e, floating, 1, smooth, [](In t) { return softmax(t[0], 0); }},
      {"log_softmax, -1", e, floating, 1, smooth, [](In t) { return log_softmax(t[0], -1); }},
      {"sum, of images", Kind::images, all, 1, smooth,
       [](In t) {
         return sum_of(t[0], {0, 2, 3});
       }},
      {"sum, of channels", Kind::images, all, 1, smooth, [](In t) { return t[0].sum(1); }},
  };
}

const Family family(reductions);

}  // namespace
}  // namespace bench
