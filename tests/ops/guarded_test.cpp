// Every op over memory that ends where its tensors do: reading or writing beside them is an error.

#include <boost/test/unit_test.hpp>

#include <rewind/tensor/guarded_memory.h>
#include <rewind/tensor/parallel.h>

#include "all_ops/table.h"

using namespace rw;
using namespace rw::test;

namespace {

Tensor row_major(const Tensor& x) { return x.clone(MemoryFormat::contiguous); }
Tensor column_major(const Tensor& x) {
  Dims dims = x.shape();
  for (int i = 0; i < dims.rank(); ++i) dims[i] = dims.rank() - 1 - i;
  return x.permute(dims).contiguous().permute(dims);
}
Tensor channels_last(const Tensor& x) {
  return x.dim() == 4 || x.dim() == 5 ? x.contiguous(MemoryFormat::channels_last) : x.clone();
}
Tensor with_gaps(const Tensor& x) { return stack({x, x}, -1).select(-1, 1); }

// Forward and backward; whether the op takes the dtype and the memory order.
bool run(const Row& row, DType dtype, Tensor (*arrange)(const Tensor&)) {
  Tensors inputs, active, gradients;
  for (const Tensor& x : row.inputs) {
    Tensor in = arrange(x.detach().to(dtype)).detach();
    if (in.is_floating_point()) in.requires_grad_();
    inputs.push_back(in);
  }
  try {
    for (const Tensor& y : row.function(inputs))
      if (y.requires_grad()) {
        active.push_back(y);
        gradients.push_back(arrange(ones_like(y)));
      }
    if (active.empty()) return true;
    Tensors leaves;
    for (const Tensor& in : inputs)
      if (in.requires_grad()) leaves.push_back(in);
    grad(active, leaves, gradients, false, false, true);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_op_reads_or_writes_beside_its_tensors) {
  const Rows rows = all_rows();
  const int threads = get_num_threads();
  set_num_threads(1);
  detail::guard_memory(0x7b);
  for (const Row& row : rows) {
    BOOST_TEST_INFO_SCOPE(row.name);
    BOOST_TEST_CHECKPOINT(row.name);
    const int64_t before = detail::damaged_blocks();
    int runs = 0;
    for (const auto arrange : {row_major, column_major, channels_last, with_gaps})
      for (const DType dtype : {float32, float64, bfloat16, float16, int64, int32, uint8, boolean})
        runs += run(row, dtype, arrange);
    BOOST_TEST(runs > 0, row.name << " did not run once");
    BOOST_TEST(detail::damaged_blocks() == before, row.name << " writes beside its memory");
  }
  set_num_threads(threads);
}
