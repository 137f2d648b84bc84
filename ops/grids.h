#pragma once

#include <vector>

#include <rewind/tensor/factories.h>
#include <rewind/tensor/tensor.h>

// Grids and lists of the combinations of values.

#pragma GCC visibility push(default)

namespace rw {

/// Which dimension of a grid belongs to the first vector.
enum class Indexing : uint8_t {
  ij,  ///< the first, as rows of a matrix
  xy   ///< the second, as x of a picture
};
/// The coordinates of the points of a grid along these vectors (or numbers), of one dtype: for each
/// a view of the grid's shape.
std::vector<Tensor> meshgrid(const std::vector<Tensor>& tensors, Indexing indexing = Indexing::ij);
/// A row for each way to take one element of each vector, the last changing first. Of one vector
/// that vector.
Tensor cartesian_prod(const std::vector<Tensor>& tensors);
/// A row for each way to take r elements of a vector in their order, with_replacement the same ones
/// several times.
Tensor combinations(const Tensor& x, int64_t r = 2, bool with_replacement = false);
/// `steps` powers of `base`, whose exponents go evenly from `start` to `end`, both included.
Tensor logspace(double start, double end, int64_t steps, double base = 10,
                const TensorOptions& options = {});

}  // namespace rw

#pragma GCC visibility pop
