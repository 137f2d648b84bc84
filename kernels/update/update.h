#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// One parameter's part in a step: `n` adjacent elements of everything.
struct Update {
  void* param;  // of `dtype`, as the gradient
  const void* grad;
  std::array<void*, 3> slots{};     // the state, of compute_dtype(dtype); null where there is none
  const void* options;              // of the optimizer
  std::array<double, 4> numbers{};  // that the optimizer made of them for this step
  int64_t n;
  DType dtype;
  bool is_first = false;   // whether the state was made for this step
  double* sums = nullptr;  // of sum_all: two numbers that the rule adds to
};

/// A rule on elements [begin, end) of float32 or float64.
using UpdateRule = void (*)(const Update&, int64_t begin, int64_t end);

/// All updates, in one parallel pass over their elements. Parameters and gradients of reduced types
/// pass through float32 in small pieces.
void update_all(const std::vector<Update>& updates, UpdateRule rule);

/// The same for a rule that adds to the sums: what these are for each update, whatever the number
/// of threads.
std::vector<std::array<double, 2>> sum_all(const std::vector<Update>& updates, UpdateRule rule);

}  // namespace rw::kernels
