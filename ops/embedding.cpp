#include <rewind/ops/embedding.h>

#include <rewind/autograd/record.h>
#include <rewind/autograd/sparse_grad.h>
#include <rewind/autograd/traced.h>
#include <rewind/ops/embedding_parts.h>
#include <rewind/ops/index_parts.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/searching.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/tensor/factories.h>

namespace rw {

using namespace detail;

void detail::check_table(const char* op, const Tensor& input, const Tensor& weight,
                         std::optional<int64_t> padding_idx) {
  check_defined(op, input, weight, "weight");
  check<DTypeError>(input.dtype() == int64 || input.dtype() == int32,
                    "{}: expected int32 or int64 indices, got {}", op, input.dtype());
  check<ShapeError>(weight.dim() == 2, "{}: expected a matrix of weights, got shape {}", op,
                    weight.shape());
  const int64_t rows = weight.shape()[0], padding = padding_idx.value_or(0);
  check<IndexError>(!padding_idx || (-rows <= padding && padding < rows),
                    "{}: padding_idx {} is out of range for {} rows", op, padding, rows);
}

void detail::check_sparse(const char* op, const Tensor& weight, bool by_frequency) {
  check(!by_frequency, "{}: expected scale_grad_by_freq = false with sparse = true", op);
  check<AutogradError>(weight.is_leaf(),
                       "{}: expected a leaf as the weight with sparse = true, got a result of '{}'",
                       op, weight.grad_fn());
}

// Brings the rows at these indices to the length `most` where they are longer.
void detail::shorten_rows(const Tensor& weight, const Tensor& index, double most,
                          double norm_type) {
  const no_grad guard;
  const Tensor used = unique(index).output, rows = weight.index_select(0, used);
  const Tensor norms = linalg::vector_norm(rows, norm_type, {1}, true);
  const Tensor scale = where(gt(norms, most), most / (norms + 1e-7), 1);
  Tensor changed = weight;
  changed.index_copy_(0, used, rows * scale);
}

namespace {

// The sum of the gradients of a row at each of the indices, which are a vector as g's rows are.
Tensor rows_gradient(const Tensor& g, const Tensor& index, int64_t rows, int64_t padding,
                     bool by_frequency) {
  Tensor share = g;
  if (by_frequency) {
    const Tensor counts = bincount(index, {}, rows).index_select(0, index);
    share = g / counts.to(g.dtype()).unsqueeze(1);
  }
  const Shape shape = {rows, g.shape()[1]};
  Tensor sums =
      scatter_checked("index_add", zeros(shape, g.dtype()), 0, repeated(index, shape, 0), share);
  if (padding >= 0) sums.select(0, padding).zero_();
  return sums;
}

// The gradients of these rows of `weight`, but of the padding row.
SparseRows each_gradient(const Tensor& g, const Tensor& index, int64_t rows, int64_t padding) {
  if (padding < 0) return {index, g, rows};
  const Tensor kept = nonzero_positions(ne(index, padding));
  return {index.index_select(0, kept), g.index_select(0, kept), rows};
}

}  // namespace

Tensor embedding(const Tensor& input, const Tensor& weight, const EmbeddingFuncOptions& options) {
  const profile_scope scope("embedding");
  check_table("embedding", input, weight, options.padding_idx);
  check<DTypeError>(!options.max_norm || weight.is_floating_point(),
                    "embedding: expected floating weights to shorten, got {}", weight.dtype());
  const int64_t rows = weight.shape()[0];
  int64_t padding = options.padding_idx.value_or(-1);
  if (options.padding_idx && padding < 0) padding += rows;
  const Tensor index = index_argument("embedding", input.reshape(-1));
  check_index("embedding", index, rows);
  if (options.sparse) check_sparse("embedding", weight, options.scale_grad_by_freq);
  if (options.max_norm) shorten_rows(weight, index, *options.max_norm, options.norm_type);

  Shape shape = input.shape();
  shape.push_back(weight.shape()[1]);
  const auto pick = [&] {
    return gather_checked("embedding", weight, 0, repeated(index, weight.shape(), 0))
        .reshape(shape);
  };
  const bool by_frequency = options.scale_grad_by_freq, sparse = options.sparse;
  if (padding < 0 && !by_frequency && !sparse)
    return detail::traced("embedding", pick(), {input, weight});
  const Tensor picked = [&] {
    const no_grad guard;
    return pick();
  }();
  const Tensor result = record(
      "embedding", picked, {weight},
      [index = save(index), rows, padding, by_frequency, sparse](const Tensor& g, Needs) -> Grads {
        const Tensor at = index.get();
        const Tensor flat = g.reshape({at.numel(), g.shape().back()});
        if (sparse) {
          give_rows(each_gradient(flat, at, rows, padding));
          return Tensor();
        }
        return rows_gradient(flat, at, rows, padding, by_frequency);
      });
  return detail::traced("embedding", result, {input, weight});
}

}  // namespace rw
