#include <rewind/ops/indexing.h>

#include <algorithm>
#include <limits>

#include <rewind/autograd/inplace.h>
#include <rewind/autograd/traced.h>
#include <rewind/kernels/index/indexing_kernel.h>
#include <rewind/kernels/index/nonzero.h>
#include <rewind/ops/index_parts.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/scatter_parts.h>
#include <rewind/tensor/factories.h>

namespace rw {

using namespace detail;

void detail::put_slices(Tensor& x, int d, const Tensor& vector, const Tensor& values,
                        bool accumulate) {
  check_inplace("index_put_", x, {x, values});
  const Tensor index = repeated(vector, x.shape(), d);
  const bool shared = values.impl()->storage == x.impl()->storage;
  const Tensor source = shared ? values.clone() : values;
  if (accumulate) {
    const no_grad guard;
    const Tensor sums = add_at(x, d, index, source);
    if (!sums.is_same(x)) copy_into(x, sums);
  } else {
    put_at(x, d, index, source);
  }
  record_inplace("index_put_", x, {x, source},
                 [d, index = save(index), accumulate](Tensor g, Needs needs) -> Grads {
                   const Tensor at = index.get();
                   const Tensor of_values =
                       needs[1] ? gather_checked("gather", g, d, at) : Tensor();
                   if (needs[0] && !accumulate) g = cleared(std::move(g), d, at);
                   return {g, of_values};
                 });
}

namespace {

Tensor with_sums(const char* op, const Tensor& x, const Places& p) {
  const Tensor y = scatter_checked(op, with_dimension(x), p.d, p.index, p.src);
  return x.dim() == 0 ? y.reshape({}) : y;
}

}  // namespace

// --- By index -----------------------------------------------------------------------------------

Tensor gather(const Tensor& x, int64_t dim, const Tensor& at) {
  const int d = checked_dim("gather", x, dim);
  const Tensor index = index_argument("gather", at);
  if (x.dim() == 0 || index.dim() == 0)
    return gather(with_dimension(x), d, with_dimension(index)).reshape(index.shape());
  // An empty index may have any rank, as in PyTorch.
  if (index.numel() == 0 && index.dim() != x.dim())
    return x.reshape(-1).narrow(0, 0, 0).reshape(index.shape());
  check<ShapeError>(covers(x, index, d),
                    "gather: expected an index of rank {} and no larger than the input, {}, but "
                    "along dimension {}; got {}",
                    x.dim(), x.shape(), d, index.shape());
  check_index("gather", index, x.shape()[d]);
  return traced("gather", gather_checked("gather", x, d, index), {x, at}, [d] {
    return Attributes{{"dim", d}};
  });
}

// Positions of src beyond the index are left out, and get no gradient.
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  check_defined("scatter_add", x);
  return with_sums("scatter_add", x, places_of("scatter_add", x, dim, index, &src));
}

Tensor index_select(const Tensor& x, int64_t dim, const Tensor& at) {
  const int d = checked_dim("index_select", x, dim);
  const Tensor index = index_argument("index_select", at);
  if (index.dim() == 0) return index_select(x, d, with_dimension(index));
  if (x.dim() == 0) {
    check<ShapeError>(index.numel() == 1,
                      "index_select: expected one index into a tensor of rank 0, got {}",
                      index.numel());
    return index_select(with_dimension(x), d, index).reshape({});
  }
  check<ShapeError>(index.dim() == 1, "index_select: expected a vector of indices, got shape {}",
                    index.shape());
  check_index("index_select", index, x.shape()[d]);
  return traced("index_select", gather_checked("index_select", x, d, repeated(index, x.shape(), d)),
                {x, at}, [d] {
                  return Attributes{{"dim", d}};
                });
}

Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                 Scalar alpha) {
  check_defined("index_add", x, source, "source");
  const Tensor scaled = times_alpha(source, alpha);
  return with_sums("index_add", x, slices_of("index_add", x, dim, index, &scaled));
}

Tensor one_hot(const Tensor& classes_of, int64_t classes) {
  const profile_scope scope("one_hot");
  const Tensor index = index_argument("one_hot", classes_of);
  if (classes == -1) {
    check(index.numel() > 0, "one_hot: no index to count the classes by");
    check_index("one_hot", index, std::numeric_limits<int64_t>::max());
    return one_hot(index, amax(index).item<int64_t>() + 1);
  }
  check(classes > 0, "one_hot: expected classes > 0, got {}", classes);
  check_index("one_hot", index, classes);
  Shape shape = index.shape();
  shape.push_back(1);
  const Tensor column = index.unsqueeze(-1);
  shape[index.dim()] = classes;
  return add_at(zeros(shape, int64), index.dim(), column, ones(column.shape(), int64));
}

// --- By mask ------------------------------------------------------------------------------------

namespace {

void check_mask(const char* op, const Tensor& x, const Tensor& mask) {
  check_defined(op, x);
  check(mask.defined(), "{}: the mask is undefined", op);
  check<DTypeError>(mask.dtype() == boolean, "{}: expected a bool mask, got {}", op, mask.dtype());
}

void check_mask_fits(const char* op, const Tensor& x, const Tensor& mask) {
  check_mask(op, x, mask);
  check<ShapeError>(broadcast_shapes(x.shape(), mask.shape(), op) == x.shape(),
                    "{}: a mask of shape {} does not broadcast to the input, {}", op, mask.shape(),
                    x.shape());
}

void fill_where(const char* op, const Tensor& mask, Scalar value, const Tensor& x,
                const Tensor& out) {
  const Tensor filler = number(op, value, x.dtype());
  kernels::where(x.dtype(), x.shape(), operand(mask, x.shape()), operand(filler, x.shape()),
                 operand(x, x.shape()), operand(out, x.shape()));
}

}  // namespace

Tensor masked_fill(const Tensor& x, const Tensor& mask, Scalar value) {
  const profile_scope scope("masked_fill");
  check_mask("masked_fill", x, mask);
  const Shape shape = broadcast_shapes(x.shape(), mask.shape(), "masked_fill");
  if (shape != x.shape()) return masked_fill(x.expand(shape), mask, value);
  const Tensor out = empty_like(x);
  fill_where("masked_fill", mask, value, x, out);
  const Tensor y =
      record("masked_fill", out, {x}, [mask = save(mask)](const Tensor& g, Needs) -> Grads {
        return masked_fill(g, mask.get(), 0);
      });
  return traced("masked_fill", y, {x, mask}, [value] {
    return Attributes{{"value", value.to_double()}};
  });
}

Tensor& Tensor::masked_fill_(const Tensor& mask, Scalar value) {
  const profile_scope scope("masked_fill_");
  check_mask_fits("masked_fill_", *this, mask);
  check_inplace("masked_fill_", *this, {*this});
  const SavedTensor saved_mask = save(mask);
  fill_where("masked_fill_", mask, value, *this, *this);
  return record_inplace("masked_fill_", *this, {*this},
                        [mask = saved_mask](const Tensor& g, Needs) -> Grads {
                          return rw::masked_fill(g, mask.get(), 0);
                        });
}

namespace detail {

Tensor nonzero_positions(const Tensor& x) {
  const Tensor flat = x.detach().contiguous();
  const kernels::NonzeroBits found(flat.dtype(), flat.raw_data(), flat.numel());
  Tensor out = empty(found.count(), int64);
  found.positions(out.data<int64_t>());
  return out;
}

Tensor selected(const Tensor& x, const Tensor& mask) {
  const Tensor from = x.detach().contiguous(), flat = mask.contiguous();
  const kernels::NonzeroBits found(flat.dtype(), flat.raw_data(), flat.numel());
  const Tensor out = make_tensor({found.count()}, x.dtype());
  found.select(x.itemsize(), from.raw_data(), out.raw_data());
  return out;
}

}  // namespace detail

Tensor masked_select(const Tensor& x, const Tensor& mask) {
  check_mask("masked_select", x, mask);
  const Shape shape = broadcast_shapes(x.shape(), mask.shape(), "masked_select");
  if (!is_recorded(x)) {
    const profile_scope scope("masked_select");
    return selected(x.expand(shape), mask.expand(shape));
  }
  return gather_checked("masked_select", x.expand(shape).reshape({-1}), 0,
                        nonzero_positions(mask.expand(shape)));
}

Tensor nonzero(const Tensor& x) {
  const profile_scope scope("nonzero");
  check_defined("nonzero", x);
  const Tensor dense = x.detach().contiguous();
  const kernels::NonzeroBits found(x.dtype(), dense.raw_data(), x.numel());
  Tensor out = empty({found.count(), x.dim()}, int64);
  found.coordinates(x.shape(), out.data<int64_t>());
  return out;
}

// --- Triangles ----------------------------------------------------------------------------------

namespace {

// Keeps the diagonals from `low` to `high` of the last two dims.
Tensor band(const char* op, const Tensor& x, int64_t low, int64_t high) {
  const profile_scope scope(op);
  check_defined(op, x);
  check<ShapeError>(x.dim() >= 2, "{}: expected at least 2 dimensions, got shape {}", op,
                    x.shape());
  const int64_t n = x.shape()[x.dim() - 2], m = x.shape().back();
  low = std::clamp(low, -n, m);
  high = std::clamp(high, -n - 1, m);
  // What has to be copied to be row-major is the result.
  const Tensor in = x.detach().contiguous(),
               out = x.is_contiguous() ? empty(x.shape(), x.dtype()) : in;
  if (x.numel() > 0)
    kernels::copy_band(x.itemsize(), x.numel() / (n * m), n, m, low, high, in.raw_data(),
                       out.raw_data());
  return record(op, out, {x}, [op, low, high](const Tensor& g, Needs) -> Grads {
    return band(op, g, low, high);
  });
}

}  // namespace

Tensor tril(const Tensor& x, int64_t diagonal) {
  return traced("tril", band("tril", x, std::numeric_limits<int64_t>::min(), diagonal), {x}, [=] {
    return Attributes{{"diagonal", diagonal}};
  });
}
Tensor triu(const Tensor& x, int64_t diagonal) {
  return traced("triu", band("triu", x, diagonal, std::numeric_limits<int64_t>::max()), {x}, [=] {
    return Attributes{{"diagonal", diagonal}};
  });
}

}  // namespace rw
