#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

Rows factories() {
  const Kind e = Kind::elements;
  return {
      {"zeros_like", e, all, 1, flat, [](In t) { return lib::zeros_like(t[0]); }},
      {"ones_like", e, all, 1, flat, [](In t) { return lib::ones_like(t[0]); }},
      {"full_like", e, all, 1, flat, [](In t) { return lib::full_like(t[0], 1); }},
      {"rand_like", e, floating, 1, flat, [](In t) { return lib::rand_like(t[0]); }},
      {"randn_like", e, floating, 1, flat, [](In t) { return lib::randn_like(t[0]); }},
      {"arange", Kind::once, integers, 1, flat, [](In t) { return lib::arange(t[0].numel()); }},
      {"randperm", Kind::once, integers, 1, flat, [](In t) { return lib::randperm(t[0].numel()); }},
  };
}

const Family family(factories);

}  // namespace
}  // namespace bench
