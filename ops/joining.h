#pragma once

#include <vector>

#include <rewind/tensor/tensor.h>

// Putting tensors together and taking them apart; see also Tensor's views split, chunk, unbind.

#pragma GCC visibility push(default)

namespace rw {

///@{
/// Tensors one after another along `dim`; their other sizes agree, dtypes are promoted. As in
/// PyTorch, empty vectors (of shape [0]) may stand among tensors of any rank.
Tensor cat(const std::vector<Tensor>& tensors, int64_t dim = 0);
Tensor concat(const std::vector<Tensor>& tensors, int64_t dim = 0);
Tensor concatenate(const std::vector<Tensor>& tensors, int64_t dim = 0);
///@}
/// Tensors of one shape along a new dimension.
Tensor stack(const std::vector<Tensor>& tensors, int64_t dim = 0);
///@{
/// Side by side (dimension 1, or 0 of vectors), one below the other (dimension 0), or one behind
/// the other (dimension 2), after atleast_1d, atleast_2d and atleast_3d.
Tensor hstack(const std::vector<Tensor>& tensors);
Tensor vstack(const std::vector<Tensor>& tensors);
Tensor row_stack(const std::vector<Tensor>& tensors);
Tensor dstack(const std::vector<Tensor>& tensors);
///@}
/// Vectors as columns beside matrices.
Tensor column_stack(const std::vector<Tensor>& tensors);

///@{
/// Views: so many pieces along `dim`, the first ones larger by one where it does not divide; or
/// pieces that end and begin at these places, by the rules of slices. Either may be given as a
/// tensor of int64.
std::vector<Tensor> tensor_split(const Tensor& x, int64_t sections, int64_t dim = 0);
std::vector<Tensor> tensor_split(const Tensor& x, const std::vector<int64_t>& indices,
                                 int64_t dim = 0);
std::vector<Tensor> tensor_split(const Tensor& x, const Tensor& indices_or_sections,
                                 int64_t dim = 0);
///@}
///@{
/// tensor_split along dimension 1 (0 of a vector), 0 and 2. A number of pieces has to divide the
/// size.
std::vector<Tensor> hsplit(const Tensor& x, int64_t sections);
std::vector<Tensor> hsplit(const Tensor& x, const std::vector<int64_t>& indices);
std::vector<Tensor> vsplit(const Tensor& x, int64_t sections);
std::vector<Tensor> vsplit(const Tensor& x, const std::vector<int64_t>& indices);
std::vector<Tensor> dsplit(const Tensor& x, int64_t sections);
std::vector<Tensor> dsplit(const Tensor& x, const std::vector<int64_t>& indices);
///@}

}  // namespace rw

#pragma GCC visibility pop
