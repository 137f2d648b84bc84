#pragma once

#include <cstdint>
#include <vector>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// One parameter's part in a step of Adafactor: `matrices` row-major matrices one after another,
/// all float32 or all float64. The mean squares by rows are [matrices, rows], those by columns
/// [matrices, columns].
struct AdafactorUpdate {
  void* param = nullptr;
  const void* grad = nullptr;
  void* row_var = nullptr;
  void* col_var = nullptr;
  int64_t matrices = 0, rows = 0, columns = 0;
  DType dtype;
  bool maximize;
  double share;          // of the new squares in the means
  double eps1, eps2, d;  // as in the options
  double keep;           // what the parameter is multiplied with
  double rate;           // the step size of a parameter whose root mean square is 1
};

/// All updates: small parameters side by side on several threads, each while it lies in the cache
/// of one, and large ones one after another.
void adafactor_step(const std::vector<AdafactorUpdate>& updates);

}  // namespace rw::kernels
