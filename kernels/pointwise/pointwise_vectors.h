#pragma once

#include <cstdint>

#include <rewind/kernels/pointwise/pointwise_kernel.h>

namespace rw::kernels {

/// Vector code, chosen at run time for the machine. Contiguous memory; `a_step` and `b_step` are 1,
/// or 0 where the operand is one value for all.
void unary_run(UnaryOp op, Parameters p, const float* x, float* y, int64_t n);
void unary_run(UnaryOp op, Parameters p, const double* x, double* y, int64_t n);
void binary_run(BinaryOp op, Parameters p, const float* a, int a_step, const float* b, int b_step,
                float* y, int64_t n);
void binary_run(BinaryOp op, Parameters p, const double* a, int a_step, const double* b, int b_step,
                double* y, int64_t n);

}  // namespace rw::kernels
