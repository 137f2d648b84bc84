#include "../ops/all_ops/table.h"

#include "op.h"

namespace rw::fuzz {
namespace {

// Rows that hold float64 tensors themselves only take such.
bool takes(const test::Row& row, DType dtype) {
  Tensors in;
  for (const Tensor& x : row.inputs) in.push_back(x.detach().to(dtype));
  try {
    row.function(in);
    return true;
  } catch (const DTypeError&) {
    return false;
  }
}

unsigned rule_of(const std::string& function) {
  if (function == "Tensor::uniform_" || function == "Tensor::normal_" ||
      function == "Tensor::bernoulli_" || function == "gumbel_softmax" ||
      function.ends_with("_lowrank"))
    return random;
  unsigned difference = function == "tanhshrink" ? near_one : plain;
  // Coordinates that move together change no quotient of differences, and a bias of all keys no
  // weight.
  if (function == "gradient" || function == "multi_head_attention_forward") difference = cancelling;
  return saturates | onednn | difference | (function == "dropout" ? by_memory : by_strides);
}

}  // namespace

Ops rows_of_all_ops() {
  Ops ops;
  for (const test::Row& row : test::all_rows()) {
    if (!takes(row, float32)) continue;
    const bool takes_reduced = takes(row, bfloat16);
    // Those that do not are factorizations: what counts is the greatest element of a matrix.
    const unsigned rule = rule_of(row.op()) | (takes_reduced ? plain : near_one);
    // Of two numbers: their gradients are nothing.
    if (row.op().ends_with("_norm") && row.op() != "matrix_norm") continue;
    ops.push_back({row.name, rule, [row, takes_reduced](Draw& d) {
                     if (!d.floating() || !takes_reduced) d.dtype = float32;
                     Tensors in;
                     for (const Tensor& x : row.inputs)
                       in.push_back(x.detach().to(d.dtype).to(float64));
                     Call call(in, row.function);
                     if (!takes_reduced) call.one = 8;
                     return call;
                   }});
  }
  return ops;
}

namespace {

// Those with more paths of their own come more often.
struct Family {
  Ops ops;
  double share;
};

const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {pointwise_ops(), 17}, {in_place_ops(), 6},     {assignment_ops(), 4}, {view_ops(), 8},
      {selection_ops(), 8},  {reduction_ops(), 12},   {product_ops(), 7},    {window_ops(), 10},
      {norm_ops(), 5},       {loss_ops(), 5},         {factory_ops(), 5},    {special_ops(), 3},
      {form_ops(), 2},       {rows_of_all_ops(), 18}, {chains(), 8}};
  return all;
}

}  // namespace

std::vector<std::string> fuzzed_functions() {
  std::vector<std::string> names;
  for (const Family& f : families())
    for (const Op& op : f.ops) names.push_back(op.function());
  return names;
}

const Op& drawn_op(Source& source) {
  double u = source.unit() * 115;
  const Family* family = families().data();
  while (u >= family->share) u -= family++->share;
  return family->ops[static_cast<size_t>(source.below(std::ssize(family->ops)))];
}

}  // namespace rw::fuzz
