#include <rewind/onednn/matmul_primitive.h>

#include <algorithm>

#include <rewind/onednn/runtime.h>
#include <rewind/tensor/per_thread.h>

namespace rw::onednn {
namespace {

Shape with_matrix(Shape batch, int64_t rows, int64_t columns) {
  batch.push_back(rows);
  batch.push_back(columns);
  return batch;
}

// The operand as oneDNN knows it: a repeated matrix has a batch of one, and strides that mean
// nothing are chosen so that it sees dense rows or columns.
dnnl::memory::desc describe_matrices(DType dtype, Shape shape, Strides strides) {
  const int r = shape.rank() - 2, c = r + 1;
  if (shape[r] == 1) strides[r] = strides[c] == 1 ? shape[c] : 1;
  if (shape[c] == 1) strides[c] = strides[r] == 1 ? shape[r] : 1;
  int64_t extent = std::max(shape[r] * strides[r], shape[c] * strides[c]);
  for (int d = r - 1; d >= 0; --d) {
    if (strides[d] == 0) shape[d] = 1;
    if (shape[d] == 1) strides[d] = extent;
    extent = std::max(extent, shape[d] * strides[d]);
  }
  return describe(dtype, shape, strides);
}

Primitive make(DType dtype, const MatmulSizes& s, const Matrices& a, const Matrices& b,
               const Matrices& c, const MatmulOptions& options) {
  const auto a_desc = describe_matrices(dtype, with_matrix(s.batch, s.m, s.k), a.strides);
  const auto b_desc = describe_matrices(dtype, with_matrix(s.batch, s.k, s.n), b.strides);
  const auto c_desc = describe_matrices(dtype, with_matrix(s.batch, s.m, s.n), c.strides);
  const Shape bias_shape = with_matrix(Shape::filled(s.batch.rank(), 1), 1, s.n);
  const auto bias_desc = describe(dtype, bias_shape, contiguous_strides(bias_shape));

  dnnl::primitive_attr attr = attributes();
  if (options.accumulate) {
    dnnl::post_ops sum;
    sum.append_sum();
    attr.set_post_ops(sum);
  }
  const Primitive::Argument in_a{DNNL_ARG_SRC, a_desc}, in_b{DNNL_ARG_WEIGHTS, b_desc},
      out{DNNL_ARG_DST, c_desc};
  if (!options.bias)
    return {primitive_desc<dnnl::matmul>(attr, a_desc, b_desc, c_desc), {in_a, in_b, out}};
  return {primitive_desc<dnnl::matmul>(attr, a_desc, b_desc, bias_desc, c_desc),
          {in_a, in_b, out, {DNNL_ARG_BIAS, bias_desc}}};
}

}  // namespace

bool takes_matrix(int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride) {
  if (rows == 1 || columns == 1)
    return (columns == 1 ? row_stride : column_stride) > 0 || rows * columns == 1;
  return (column_stride == 1 && row_stride >= columns) ||
         (row_stride == 1 && column_stride >= rows);
}

bool takes_batch(const Shape& batch, const Strides& a, const Strides& b) {
  for (int d = 0; d < batch.rank(); ++d)
    if (batch[d] > 1 && a[d] == 0 && b[d] == 0) return false;
  return true;
}

namespace {
struct Products {
  Cache<Primitive> primitives;
};
}  // namespace

void matmul(DType dtype, const MatmulSizes& sizes, const Matrices& a, const Matrices& b,
            const Matrices& c, const MatmulOptions& options) {
  Cache<Primitive>& cache = detail::per_thread<Products>().primitives;
  const Threads threads(sizes.batch.numel() * sizes.m * sizes.n * sizes.k);
  Key key{threads.count(),
          static_cast<int64_t>(dtype),
          options.bias != nullptr,
          options.accumulate,
          sizes.m,
          sizes.n,
          sizes.k};
  key.add(sizes.batch);
  key.add(a.strides);
  key.add(b.strides);
  key.add(c.strides);
  Primitive& product = cache.get(key, [&] {
    return or_explain([&] { return make(dtype, sizes, a, b, c, options); },
                      [&] {
                        return fmt::format("matmul of {} and {}",
                                           with_matrix(sizes.batch, sizes.m, sizes.k),
                                           with_matrix(sizes.batch, sizes.k, sizes.n));
                      });
  });
  if (options.bias)
    product.run({a.data, b.data, c.data, options.bias});
  else
    product.run({a.data, b.data, c.data});
}

}  // namespace rw::onednn
