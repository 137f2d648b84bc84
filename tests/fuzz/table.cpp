#include "../ops/all_ops/table.h"

#include "op.h"

namespace rw::fuzz {
namespace {

void append(Ops& all, const Ops& more) { all.insert(all.end(), more.begin(), more.end()); }

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

bool is_random(const std::string& function) {
  return function == "Tensor::uniform_" || function == "Tensor::normal_" ||
         function == "Tensor::bernoulli_";
}

}  // namespace

Ops rows_of_all_ops() {
  Ops ops;
  for (const test::Rows& family :
       {test::pointwise_rows(), test::in_place_rows(), test::view_rows(), test::selection_rows(),
        test::reduction_rows(), test::product_rows(), test::network_rows(), test::loss_rows()})
    for (const test::Row& row : family) {
      if (!takes(row, float32) || !takes(row, bfloat16)) continue;
      const unsigned rule =
          saturates | onednn | by_strides | (is_random(row.op()) ? random : plain);
      ops.push_back({row.name, rule, [row](Draw& d) {
                       if (!d.floating()) d.dtype = float32;
                       Tensors in;
                       for (const Tensor& x : row.inputs)
                         in.push_back(x.detach().to(d.dtype).to(float64));
                       return Call(in, row.function);
                     }});
    }
  return ops;
}

Ops generated_ops() {
  Ops ops;
  for (const Ops& family :
       {pointwise_ops(), in_place_ops(), view_ops(), selection_ops(), reduction_ops(),
        product_ops(), window_ops(), norm_ops(), loss_ops(), factory_ops()})
    append(ops, family);
  return ops;
}

const Op& drawn_op(Source& source) {
  static const Ops generated = generated_ops(), rows = rows_of_all_ops(), graphs = chains();
  const double u = source.unit();
  const Ops& ops = u < 0.75 ? generated : u < 0.85 ? rows : graphs;
  return ops[static_cast<size_t>(source.below(std::ssize(ops)))];
}

}  // namespace rw::fuzz
