#pragma once
// Private to the library's sources: gradients of rows on their way to leaves.

#include <span>

#include <rewind/tensor/sparse_rows.h>

namespace rw::detail {

/// In a pullback: the gradient of the node's first input, a leaf, by rows, in place of a tensor
/// that it returns. Throws AutogradError where only a tensor would do: in grad(), with
/// create_graph, for hooks of the leaf.
void give_rows(SparseRows rows);

/// All rows of one tensor's gradient one after another, in memory of their own.
SparseRows joined(std::span<const SparseRows> parts);
/// sum += g, in its memory where nobody else can see it.
void add_rows(Tensor& sum, const SparseRows& g);

/// The gradient of a leaf, to be changed in place; of one of rows their values, each row being
/// there once. Undefined where there is none.
Tensor changeable_grad(const Tensor& leaf);

}  // namespace rw::detail
