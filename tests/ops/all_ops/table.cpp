#include "table.h"

#include <rewind/tensor/generator.h>

namespace rw::test {
namespace {

Generator& generator() {
  static Generator gen(7);
  return gen;
}

std::vector<std::pair<Rows (*)(), Exemptions>>& families() {
  static std::vector<std::pair<Rows (*)(), Exemptions>> all;
  return all;
}

Exemptions without_rows() {
  return {
      {"makes a tensor of no other",
       {"arange",        "empty",     "empty_like", "eye",      "from",       "from_blob",
        "from_dlpack",   "full",      "full_like",  "linspace", "ones",       "ones_like",
        "rand",          "rand_like", "randint",    "randn",    "randn_like", "randperm",
        "scalar_tensor", "zeros",     "zeros_like"}},
      {"is from, by another name", {"tensor"}},
      {"gives bool",
       {"all",        "any",         "eq",          "ge",          "gt",         "isfinite",
        "isnan",      "le",          "logical_and", "logical_not", "logical_or", "lt",
        "ne",         "operator!=",  "operator<",   "operator<=",  "operator==", "operator>",
        "operator>=", "Tensor::all", "Tensor::any"}},
      {"is its function, which has rows (tests/ops/members_test.cpp)",
       {"Tensor::add",        "Tensor::bitwise_and", "Tensor::bitwise_not",
        "Tensor::bitwise_or", "Tensor::bitwise_xor", "Tensor::bmm",
        "Tensor::ceil",       "Tensor::clamp_max",   "Tensor::clamp_min",
        "Tensor::div",        "Tensor::eq",          "Tensor::expm1",
        "Tensor::floor",      "Tensor::ge",          "Tensor::gt",
        "Tensor::index_add",  "Tensor::isfinite",    "Tensor::isnan",
        "Tensor::le",         "Tensor::logical_and", "Tensor::logical_not",
        "Tensor::logical_or", "Tensor::lt",          "Tensor::masked_select",
        "Tensor::maximum",    "Tensor::minimum",     "Tensor::mm",
        "Tensor::mul",        "Tensor::ne",          "Tensor::nonzero",
        "Tensor::remainder",  "Tensor::round",       "Tensor::scatter_add",
        "Tensor::sign",       "Tensor::sub",         "Tensor::tril",
        "Tensor::triu",       "Tensor::where"}},
      {"is the member, which has rows (tests/ops/members_test.cpp)",
       {"adjoint", "chunk", "clone", "detach", "flatten", "narrow", "permute", "reshape", "select",
        "reshape_as", "slice", "split", "t", "transpose", "unbind", "view_as", "split_with_sizes",
        "unflatten", "unsqueeze"}},
      {"is transpose", {"Tensor::adjoint", "Tensor::mH", "Tensor::mT"}},
      {"gives indices",
       {"argmax", "argmin", "nonzero", "one_hot", "Tensor::argmax", "Tensor::argmin"}},
      {"gives integers or bool",
       {"bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "operator&", "operator^",
        "operator|", "operator~"}},
      {"replaces the handle", {"Selection::operator=", "Tensor::operator="}},
      {"leaves the tape", {"Tensor::detach"}},
      {"is a list", {"StateDict::at", "StateDict::operator[]"}},
      {"is the tape itself",
       {"grad", "record", "record_inplace", "Grads::operator[]", "LeafNode::grad",
        "Node::grads_for_hooks", "Node::retained_grad", "Node::saved", "SavedTensor::get",
        "Tensor::grad", "Tensor::requires_grad_"}},
      {"is a gradient, which has none itself", {"SparseRows::to_dense"}},
  };
}

}  // namespace

Tensor normal(const Shape& shape) { return randn(shape, float64, generator()).requires_grad_(); }

Tensor positive(const Shape& shape) {
  return (rand(shape, float64, generator()) + 0.5).requires_grad_();
}

Tensor distinct(const Shape& shape, double shift) {
  const int64_t n = shape.numel();
  const Tensor steps = (randperm(n, generator()) - n / 2).to(float64);
  return (steps * 0.313 + (0.1 + shift)).view(shape).requires_grad_();
}

Family::Family(Rows (*rows)(), Exemptions exemptions) {
  families().emplace_back(rows, std::move(exemptions));
}

Rows all_rows() {
  Rows all;
  for (const auto& [rows, exemptions] : families()) {
    generator().manual_seed(7);  // a family's numbers do not depend on others
    for (const Row& row : rows()) all.push_back(row);
  }
  return all;
}

Exemptions all_exemptions() {
  Exemptions all = without_rows();
  for (const auto& [rows, exemptions] : families())
    all.insert(all.end(), exemptions.begin(), exemptions.end());
  return all;
}

}  // namespace rw::test
