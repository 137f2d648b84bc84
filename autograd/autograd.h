#pragma once

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/record.h>

#pragma GCC visibility push(default)

namespace rw {

/// Gradients of `outputs` with respect to `inputs`, returned and not stored. `grad_outputs` weighs
/// the outputs (may be left out for one-element ones). Throws AutogradError for an input that the
/// outputs do not depend on, unless allow_unused (then its gradient is undefined).
std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& grad_outputs = {}, bool retain_graph = false,
                         bool create_graph = false, bool allow_unused = false);

/// Gradients of all outputs together into the leaves' `grad()`; see Tensor::backward.
void backward(const std::vector<Tensor>& outputs, const std::vector<Tensor>& grad_outputs = {},
              bool retain_graph = false, bool create_graph = false);

namespace detail {
/// `g` summed over the dimensions that broadcasting `shape` added, and converted to `dtype`.
/// Differentiable.
Tensor reduce_to(const Tensor& g, const Shape& shape, DType dtype);
/// Adds `g`, of the same shape and dtype, to `sum`. Differentiable; in the memory of `sum` where
/// nobody else can see it.
void accumulate(Tensor& sum, const Tensor& g);
}  // namespace detail

}  // namespace rw

#pragma GCC visibility pop
