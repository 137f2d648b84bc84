#include <rewind/kernels/reduce/reduce_plan.h>

namespace rw::kernels {

ReducePlan make_plan(const ReduceInput& in, const Strides& out_strides) {
  int order[Shape::max_rank];
  int rank = 0;
  for (int i = 0; i < in.shape.rank(); ++i)
    if (in.shape[i] != 1) order[rank++] = i;
  // Memory order, repeated elements (stride 0) outermost.
  std::stable_sort(order, order + rank, [&](int a, int b) {
    const int64_t s = in.strides[a], t = in.strides[b];
    return s != t && (s == 0 || (t != 0 && s > t));
  });
  ReducePlan plan;
  plan.times = 1;
  for (int k = 0; k < rank; ++k) {
    const int i = order[k];
    if ((in.reduced >> i & 1) == 0)
      plan.kept.push({in.shape[i], in.strides[i], out_strides[i]});
    else if (in.strides[i] == 0 && in.shape[i] > 0)
      plan.times *= in.shape[i];
    else
      plan.reduced.push({in.shape[i], in.strides[i], 0});
  }
  const bool along = plan.reduced.rank > 0 && (in.reduced >> order[rank - 1] & 1) != 0;
  const bool is_short = along && plan.reduced.inner().size <= short_row &&
                        plan.reduced.inner().stride == 1 && plan.kept.rank > 0;
  plan.way = is_short ? Way::short_rows : along ? Way::along_rows : Way::across_rows;
  return plan;
}

}  // namespace rw::kernels
