#include <algorithm>

#include "case.h"

namespace rw::fuzz {
namespace {

// Failures that wait to be mended: function (or all), kind, and what arguments or message hold.
// To be empty.
struct Known {
  const char* function;
  const char* kind;
  const char* text;
};
const std::vector<Known> known = {
    // Results in bool that are not written.
    {"", "order", "bool,"},
    {"", "threads", "bool,"},
    // Rank 0 and a single element.
    {"", "backward throws", "a tensor of rank 0 has no dimension to index"},
    {"prod", "backward throws", ""},
    {"Tensor::prod", "backward throws", ""},
    // Sizes that are too large.
    {"conv2d", "error", "could not create a descriptor"},
    // Digits of 1 + erf(x) for negative x.
    {"gelu", "value", ""},
    {"gelu", "gradient", ""},
    // What is left of silu where its exponential underflows.
    {"silu", "value", "wide"},
    // Squares beyond the range of float32.
    {"batch_norm", "value", "special"},
    {"batch_norm", "gradient", "special"},
    {"layer_norm", "value", "special"},
    {"layer_norm", "gradient", "special"},
    {"group_norm", "value", "special"},
    {"group_norm", "gradient", "special"},
    {"instance_norm", "value", "special"},
    {"instance_norm", "gradient", "special"},
    {"Tensor::std", "gradient", "special"},
    {"max_pool2d", "exception", "vector::_M_default_append"},
    {"max_pool2d_with_indices", "exception", "vector::_M_default_append"},
    // Digits of large logits.
    {"log_softmax", "value", "wide"},
    {"Tensor::log_softmax", "value", "wide"},
    {"log_softmax", "gradient", "special"},
    {"Tensor::log_softmax", "gradient", "special"},
    {"cross_entropy", "gradient", "special"},
    {"logsumexp", "gradient", "special"},
    {"Tensor::logsumexp", "gradient", "special"},
    {"std", "gradient", "special"},
};

// Ops that hang or crash on extreme attributes. To be empty.
const std::vector<std::string> left_out = {"adaptive_avg_pool2d", "avg_pool2d"};

}  // namespace

bool is_known(const Verdict& v) {
  const std::string function = v.op.substr(0, v.op.find(','));
  return std::any_of(known.begin(), known.end(), [&](const Known& k) {
    return (function == k.function || !*k.function) && v.failure->kind == k.kind &&
           (v.arguments + v.failure->what).find(k.text) != std::string::npos;
  });
}

bool is_left_out(const std::string& function, bool wild) {
  return wild && std::find(left_out.begin(), left_out.end(), function) != left_out.end();
}

}  // namespace rw::fuzz
