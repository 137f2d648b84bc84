#pragma once

#include <concepts>
#include <initializer_list>
#include <type_traits>
#include <vector>

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/record.h>

#pragma GCC visibility push(default)

namespace rw {

/// What may be asked for by name: `grad({loss}, {x}, {.create_graph = true})`.
struct GradOptions {
  /// Weighs the outputs; may be left out for those of one element.
  std::vector<Tensor> grad_outputs = {};
  /// Leaves the graph for another pass; so does create_graph.
  bool retain_graph = false;
  /// Puts the gradients on the tape, for second derivatives.
  bool create_graph = false;
  /// Gives an undefined gradient for an input that the outputs do not depend on, in place of an
  /// error.
  bool allow_unused = false;
};

///@{
/// Gradients of `outputs` with respect to `inputs`, returned and not stored. `grad_outputs` weighs
/// the outputs (may be left out for one-element ones). Throws AutogradError for an input that the
/// outputs do not depend on, unless allow_unused (then its gradient is undefined).
std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const GradOptions& options);
/// Templates, or named options in braces might be taken for tensors.
template <class T = Tensor>
std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         std::initializer_list<std::type_identity_t<T>> grad_outputs = {},
                         bool retain_graph = false, bool create_graph = false,
                         bool allow_unused = false) {
  return grad(outputs, inputs, GradOptions{grad_outputs, retain_graph, create_graph, allow_unused});
}
template <std::same_as<std::vector<Tensor>> V>
std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const V& grad_outputs, bool retain_graph = false,
                         bool create_graph = false, bool allow_unused = false) {
  return grad(outputs, inputs, GradOptions{grad_outputs, retain_graph, create_graph, allow_unused});
}
///@}

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
/// out = a + b, all of one shape and dtype, off the tape.
void add_to(const Tensor& a, const Tensor& b, const Tensor& out);
/// Whether `t` is the only handle to all of its memory, so that nobody sees it change.
bool only_ours(const Tensor& t);
/// In a pullback: what has gathered already of the gradient of the node's only input, if it may be
/// changed and is of this shape; undefined otherwise. The pullback adds its own to it and returns
/// it as the gradient, so that many small parts of one large tensor need not each be brought to its
/// size.
Tensor take_gathered(const Shape& shape);
}  // namespace detail

}  // namespace rw

#pragma GCC visibility pop
