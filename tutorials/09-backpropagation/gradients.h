#pragma once
// Backward passes in plain loops: each takes what went into a layer, and the gradient g of what
// came out of it. All tensors are float64.

#include <cstdint>
#include <functional>

#include <rewind/tensor/tensor.h>

#include "tutorial.h"

struct Gradients {
  rw::Tensor x, weight, bias;
};

Gradients conv_backward(const rw::Tensor& x, const rw::Tensor& weight, const rw::Tensor& g,
                        int64_t stride, int64_t padding);
rw::Tensor max_pool_backward(const rw::Tensor& x, const rw::Tensor& g, int64_t kernel,
                             int64_t stride);
rw::Tensor avg_pool_backward(const rw::Tensor& x, const rw::Tensor& g, int64_t kernel,
                             int64_t stride);

/// Which numbers are normalized together: channel c of sample n belongs to set `of(n, c)`.
struct Sets {
  int64_t count;
  std::function<int64_t(int64_t n, int64_t c)> of;
};
Gradients norm_backward(const rw::Tensor& x, const rw::Tensor& weight, const rw::Tensor& g,
                        const Sets& sets, double eps = 1e-5);
Sets batch_sets(const rw::Tensor& x);

void check_conv(const Tutorial& tutorial);
void check_pooling(const Tutorial& tutorial);
void check_norm(const Tutorial& tutorial);

/// The greatest absolute difference between two tensors.
double difference(const rw::Tensor& a, const rw::Tensor& b);
