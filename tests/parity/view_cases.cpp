#include "cases.h"

namespace rw::test {
namespace {

Tensors squared(const Tensors& all) {
  Tensors squares;
  for (const Tensor& t : all) squares.push_back(t.square());
  return squares;
}

}  // namespace

static Cases view_cases() {
  return {
      {"reshape",
       [](In x) {
         return x.reshape({4, -1}).square();
       }},
      {"flatten", [](In x) { return x.flatten(1).square(); }},
      {"unflatten",
       [](In x) {
         return x.unflatten(-1, {2, 2}).square();
       }},
      {"transpose", [](In x) { return x.transpose(0, -1).square(); }},
      {"t", [](In x) { return x.t().square(); }},
      {"permute",
       [](In x) {
         return x.permute({2, 0, 1}).square();
       }},
      {"permute_reshape",
       [](In x) {
         return x.permute({2, 0, 1}).reshape({8, 3}).square();
       }},
      {"expand",
       [](In x) {
         return x.expand({2, 3, -1}).square();
       }},
      {"squeeze", [](In x) { return x.squeeze().square(); }},
      {"squeeze_dim", [](In x) { return x.squeeze(2).square(); }},
      {"unsqueeze", [](In x) { return x.unsqueeze(-2).square(); }},
      {"select", [](In x) { return x.select(1, -1).square(); }},
      {"slice", [](In x) { return x.slice(1, 1).slice(2, 0, 4, 2).square(); }},
      {"slice_beyond", [](In x) { return x.slice(1, -2, 100).square(); }},
      {"narrow", [](In x) { return x.narrow(2, 1, 2).square(); }},
      {"split", [](In x) { return squared(x.split(3, 2)); }},
      {"split_sizes",
       [](In x) {
         return squared(x.split({1, 3}, -1));
       }},
      {"chunk", [](In x) { return squared(x.chunk(3, -1)); }},
      {"unbind", [](In x) { return squared(x.unbind(1)); }},
      {"diagonal", [](In x) { return x.diagonal().square(); }},
      {"diagonal_dims", [](In x) { return x.diagonal(1, 1, 2).square(); }},
      {"cat",
       [](In a, In b) {
         return cat({a, b}).square();
       }},
      {"cat_dim",
       [](In a, In b, In c) {
         return cat({a, b, c}, -1).square();
       }},
      {"cat_of_int_and_double",
       [](In a, In b) {
         return cat({a, b});
       }},
      {"stack",
       [](In a, In b) {
         return stack({a, b}).square();
       }},
      {"stack_last",
       [](In a, In b) {
         return stack({a, b}, -1).square();
       }},
      {"to_float32_and_back", [](In x) { return x.square().to(float32).to(float64); }},
      {"double_to_int", [](In x) { return x.to(int64); }},
  };
}

static const Family view_family(view_cases);

}  // namespace rw::test
