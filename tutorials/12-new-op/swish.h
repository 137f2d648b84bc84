#pragma once

#include <rewind/rewind.h>

/// x / (1 + exp(-beta x)) (Ramachandran, Zoph and Le, "Searching for activation functions", 2017),
/// written in three ways. x and beta are floating and broadcast.
rw::Tensor composed_swish(const rw::Tensor& x, const rw::Tensor& beta);
rw::Tensor swish(const rw::Tensor& x, const rw::Tensor& beta);
rw::Tensor fast_swish(const rw::Tensor& x, const rw::Tensor& beta);
using Op = rw::Tensor (*)(const rw::Tensor& x, const rw::Tensor& beta);

/// A layer that learns its beta, which begins with 1.
struct Swish : rw::nn::Module {
  rw::nn::Parameter beta = parameter("beta", rw::ones({}));
  rw::Tensor forward(const rw::Tensor& x) override { return fast_swish(x, beta); }
};
