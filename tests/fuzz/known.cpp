#include <algorithm>

#include "case.h"

namespace rw::fuzz {
namespace {

// Failures that wait to be mended, by function, kind and a part of the arguments' text. To be
// empty.
struct Known {
  const char* function;
  const char* kind;
  const char* arguments;
};
const std::vector<Known> known = {};

// Ops that hang or crash on extreme attributes. To be empty.
const std::vector<std::string> left_out = {};

}  // namespace

bool is_known(const Verdict& v) {
  const std::string function = v.op.substr(0, v.op.find(','));
  return std::any_of(known.begin(), known.end(), [&](const Known& k) {
    return (function == k.function || !*k.function) && v.failure->kind == k.kind &&
           v.arguments.find(k.arguments) != std::string::npos;
  });
}

bool is_left_out(const std::string& function, bool wild) {
  return wild && std::find(left_out.begin(), left_out.end(), function) != left_out.end();
}

}  // namespace rw::fuzz
