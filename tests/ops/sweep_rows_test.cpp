// Every op has a row in the sweep of the benchmarks, and each row stays within its memory.

#include <fstream>
#include <iterator>
#include <set>

#include <rewind/tensor/guarded_memory.h>
#include <rewind/tensor/parallel.h>

#include "../../benchmarks/sweep/rows.h"
#include "../check.h"
#include "all_ops/declarations.h"
#include "all_ops/table.h"

namespace {

std::set<std::string> functions() {
  std::set<std::string> names;
  std::ifstream list(REWIND_PUBLIC_HEADERS);
  for (std::string path; std::getline(list, path);) {
    std::ifstream file(path);
    const std::string header{std::istreambuf_iterator<char>(file), {}};
    for (const std::string& name : rw::test::functions_returning_tensors(header))
      if (name.find("::") == std::string::npos && !name.starts_with("operator")) names.insert(name);
  }
  return names;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_function_is_swept) {
  std::set<std::string> missing = functions();
  BOOST_TEST_REQUIRE(missing.contains("conv2d"));
  for (const rw::test::Exemption& e : rw::test::all_exemptions())
    if (const std::string_view reason = e.reason;
        reason == "makes a tensor of no other" || reason.starts_with("is the member") ||
        reason == "is from, by another name" || reason == "is the tape itself" ||
        reason == "is a gradient, which has none itself")
      for (const std::string& name : e.functions) missing.erase(name);
  // What runs other functions, or is rare.
  for (const char* name : {"checkpoint",
                           "relu_",
                           "relu6_",
                           "hardtanh_",
                           "hardsigmoid_",
                           "hardswish_",
                           "leaky_relu_",
                           "rrelu_",
                           "threshold_",
                           "elu_",
                           "celu_",
                           "selu_",
                           "silu_",
                           "mish_",
                           "dropout_",
                           "dropout1d_",
                           "dropout2d_",
                           "dropout3d_",
                           "alpha_dropout_",
                           "feature_alpha_dropout_",
                           "orgqr",
                           "ormqr",
                           "geqrf",
                           "svd_lowrank",
                           "pca_lowrank",
                           "ldl_factor",
                           "ldl_factor_ex",
                           "ldl_solve",
                           "polar",
                           "matrix_sqrth",
                           "linear_cross_entropy",
                           "native_layer_norm",
                           "native_group_norm",
                           "native_batch_norm",
                           "native_dropout",
                           "native_dropout_backward",
                           "max_pool2d_with_indices_backward",
                           "fill",
                           "nonzero_static",
                           "unravel_index",
                           "isreal",
                           "angle",
                           "conj",
                           "conj_physical",
                           "real",
                           "resolve_conj",
                           "resolve_neg"})
    missing.erase(name);
  for (const bench::Row& row : bench::all_rows())
    missing.erase(row.name.substr(0, row.name.find(',')));
  for (const std::string& name : missing)
    BOOST_ERROR(name << " has no row: add one to benchmarks/sweep/rows.cpp");
}

namespace {

// Sizes that vectors and blocks do not divide.
rw::Shape shape_for(bench::Kind kind, int order) {
  if (kind == bench::Kind::images || order == 1) return {2, 8, 6, 10};
  return kind == bench::Kind::products ? rw::Shape{20, 20} : rw::Shape{36, 44};
}

rw::Tensor input(const bench::Row& row, rw::DType dtype, int order) {
  const rw::Shape shape = shape_for(row.kind, order);
  const rw::Tensor x = (rw::rand(shape) * 2 + 0.5).to(dtype);
  if (order == 1) return x.contiguous(rw::MemoryFormat::channels_last);
  if (order == 2) return x.transpose(-1, -2).contiguous().transpose(-1, -2);
  return order == 3 ? rw::stack({x, x}, -1).select(-1, 0) : x;
}

// Whether the row takes the dtype and the memory order.
bool run(const bench::Row& row, rw::DType dtype, int order) {
  try {
    bench::Tensors in;
    for (int i = 0; i < row.inputs; ++i) {
      in.push_back(input(row, dtype, order).detach());
      if (row.has_gradient && is_floating(dtype)) in.back().requires_grad_();
    }
    const rw::Tensor y = row.f(in);
    if (y.requires_grad()) y.backward(ones_like(y));
    return true;
  } catch (const rw::Error&) {
    return false;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_row_reads_or_writes_beside_its_tensors) {
  const int threads = rw::get_num_threads();
  rw::set_num_threads(1);
  rw::detail::guard_memory(0x7b);
  for (const bench::Row& row : bench::all_rows()) {
    BOOST_TEST_CHECKPOINT(row.name);
    const int64_t before = rw::detail::damaged_blocks();
    int runs = 0;
    for (int order = 0; order < 4; ++order)
      for (const rw::DType dtype : {rw::float32, rw::float64, rw::bfloat16, rw::float16, rw::int64,
                                    rw::int32, rw::uint8, rw::boolean})
        runs += run(row, dtype, order);
    BOOST_TEST(runs > 0, row.name << " did not run once");
    BOOST_TEST(rw::detail::damaged_blocks() == before, row.name << " writes beside its memory");
  }
  rw::set_num_threads(threads);
}
