#include <rewind/ops/indexing.h>

#include <algorithm>
#include <limits>

#include <rewind/autograd/autograd.h>
#include <rewind/autograd/inplace.h>
#include <rewind/kernels/index/add_rows.h>
#include <rewind/kernels/index/indexing_kernel.h>
#include <rewind/kernels/index/nonzero.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/factories.h>

namespace rw {

using namespace detail;

namespace {

void check_index(const char* op, const Tensor& index, int64_t size) {
  const auto bad = kernels::out_of_range(index.shape(), operand(index, index.shape()), 0, size);
  if (bad) fail<IndexError>("{}: index {} is not in [0, {})", op, *bad, size);
}

// The dimension of x that a tensor indexes.
int indexed_dim(const char* op, const Tensor& x, int64_t dim) {
  check_defined(op, x);
  return normalize_dim(dim, x.dim(), op);
}

// An index as the kernels take it.
Tensor index_argument(const char* op, const Tensor& index) {
  check(index.defined(), "{}: the index is undefined", op);
  check<DTypeError>(is_integer(index.dtype()), "{}: expected an index of integers, got {}", op,
                    index.dtype());
  return index.to(int64);
}

void check_source(const char* op, const Tensor& x, const Tensor& src) {
  check(src.defined(), "{}: the source is undefined", op);
  check<DTypeError>(src.dtype() == x.dtype(), "{}: expected a source of {}, as the input, got {}",
                    op, x.dtype(), src.dtype());
  check<DTypeError>(x.dtype() != boolean, "{}: bool can't be added up", op);
}

// Whether `index` is no larger than `x` but along `d`.
bool covers(const Tensor& x, const Tensor& index, int d) {
  if (index.dim() != x.dim()) return false;
  for (int i = 0; i < x.dim(); ++i)
    if (i != d && index.shape()[i] > x.shape()[i]) return false;
  return true;
}

// A vector of indices along `d`, repeated over the other dimensions of `shape`.
Tensor repeated(const Tensor& index, Shape shape, int d) {
  shape[d] = index.shape()[0];
  Strides strides = Strides::filled(shape.rank(), 0);
  strides[d] = index.strides()[0];
  return make_view(index, shape, strides, index.impl()->offset);
}

// A tensor of rank 0 counts as one of a single dimension.
Tensor with_dimension(const Tensor& t) { return t.dim() > 0 ? t : t.reshape(1); }

Tensor gather_checked(const char* op, const Tensor& x, int d, const Tensor& index);

using kernels::addends;

// Whether an index is one vector for all other dimensions.
bool is_vector(const Tensor& index, int d) {
  for (int i = 0; i < index.dim(); ++i)
    if (i != d && index.shape()[i] > 1 && index.strides()[i] != 0) return false;
  return true;
}

// y[…index…] += src in the dtype of all three.
void add_in_place(const Tensor& y, int d, const Tensor& index, const Tensor& src) {
  kernels::scatter_add(y.dtype(), index.shape(), d, operand(src, src.shape()),
                       operand(index, index.shape()), operand(y, y.shape()));
}

Tensor add_in(DType wide, const Tensor& y, int d, const Tensor& index, const Tensor& src) {
  const Tensor sums = y.to(wide);
  add_in_place(sums, d, index, src.to(wide));
  return sums.to(y.dtype());
}

void put_at(const Tensor& y, int d, const Tensor& index, const Tensor& src);

// The same for float32 where the index is a vector: places that it names very often are summed up
// in float64 beside.
Tensor add_to_crowds(const Tensor& y, int d, const Tensor& index, const Tensor& src) {
  const kernels::Crowds crowds = kernels::crowds(static_cast<const int64_t*>(index.raw_data()),
                                                 index.shape()[d], index.strides()[d], addends);
  if (crowds.places.empty()) {
    add_in_place(y, d, index, src);
    return y;
  }
  const auto along = [&](const std::vector<int64_t>& v, const Shape& shape) {
    return repeated(from(v), shape, d);
  };
  const Tensor places = along(crowds.places, index.shape());
  const Tensor before = gather_checked("gather", y, d, places);
  add_in_place(y, d, index, src);
  const Tensor members = gather_checked("gather", src, d, along(crowds.members, src.shape()));
  put_at(y, d, places,
         add_in(float64, before, d, along(crowds.place_of_member, members.shape()), members));
  return y;
}

// Whether an index along `d` moves whole rows of `shape` that are long enough to be worth adding up
// by place.
bool moves_rows(const Shape& shape, int d, const Tensor& index) {
  int64_t inner = 1;
  for (int i = 0; i < shape.rank(); ++i) {
    if (i != d && index.shape()[i] != shape[i]) return false;
    if (i > d) inner *= shape[i];
  }
  return inner >= 16 && is_vector(index, d);
}

// The same for rows of a reduced type, rounded once.
void add_rows(const Tensor& y, int d, const Tensor& index, const Tensor& src) {
  const Tensor rows = y.contiguous(), from = src.expand(index.shape()).contiguous();
  int64_t outer = 1, inner = 1;
  for (int i = 0; i < y.dim(); ++i)
    if (i != d) (i < d ? outer : inner) *= y.shape()[i];
  kernels::add_rows(y.dtype(), outer, index.shape()[d], y.shape()[d], inner,
                    static_cast<const int64_t*>(index.raw_data()), index.strides()[d],
                    from.raw_data(), rows.raw_data());
  if (!rows.is_same(y)) copy_into(y, rows);
}

// y[…index…] += src, y being a fresh tensor. Those of reduced types are kept in float32, those of
// many float32 numbers in float64.
Tensor add_at(const Tensor& y, int d, const Tensor& index, const Tensor& src) {
  if (const DType dtype = y.dtype(); is_reduced_floating(dtype)) {
    if (!moves_rows(y.shape(), d, index))
      return add_at(y.to(float32), d, index, src.to(float32)).to(dtype);
    add_rows(y, d, index, src);
    return y;
  }
  if (y.dtype() == float32 && index.shape()[d] > addends) {
    if (is_vector(index, d)) return add_to_crowds(y, d, index, src);
    if (kernels::may_crowd(index.shape(), d, operand(index, index.shape()), addends))
      return add_in(float64, y, d, index, src);
  }
  add_in_place(y, d, index, src);
  return y;
}

// The adjoint of gather, in its pullback: zeros of `shape`, or what has gathered, with g added
// where the index points.
Tensor scatter_back(const char* op, const Tensor& g, const Shape& shape, int d,
                    const Tensor& index) {
  const profile_scope scope(op);
  if (compute_dtype(g.dtype()) == g.dtype())
    if (const Tensor gathered = take_gathered(shape); gathered.defined())
      return add_at(gathered, d, index, g);
  const Tensor out = [&] {
    no_grad guard;
    const DType dtype = moves_rows(shape, d, index) ? g.dtype() : compute_dtype(g.dtype());
    const Tensor sums = zeros_like(empty_in_order_of(g, shape, dtype));
    return add_at(sums, d, index, g.to(dtype)).to(g.dtype());
  }();
  return record(op, out, {g}, [d, index = save(index)](const Tensor& gg, Needs) -> Grads {
    return gather_checked("gather", gg, d, index.get());
  });
}

Tensor gather_checked(const char* op, const Tensor& x, int d, const Tensor& index) {
  const profile_scope scope(op);
  const Tensor out = empty_in_order_of(x, index.shape(), x.dtype());
  kernels::gather(x.dtype(), index.shape(), d, operand(x, x.shape()), operand(index, index.shape()),
                  operand(out, out.shape()));
  return record(op, out, {x},
                [shape = x.shape(), d, index = save(index)](const Tensor& g, Needs) -> Grads {
                  return scatter_back("gather_backward", g, shape, d, index.get());
                });
}

// x + src at the index, with x's and src's gradients.
Tensor scatter_checked(const char* op, const Tensor& x, int d, const Tensor& index,
                       const Tensor& src) {
  const profile_scope scope(op);
  const Tensor out = [&] {
    no_grad guard;
    return add_at(x.clone(), d, index, src);
  }();
  return record(op, out, {x, src}, [d, index = save(index)](const Tensor& g, Needs needs) -> Grads {
    return {g, needs[1] ? gather_checked("gather", g, d, index.get()) : Tensor()};
  });
}

void put_at(const Tensor& y, int d, const Tensor& index, const Tensor& src) {
  kernels::scatter(y.dtype(), index.shape(), d, operand(src, index.shape()),
                   operand(index, index.shape()), operand(y, y.shape()));
}

// x with zeros where the index points, in its memory where nobody else sees it.
Tensor cleared(Tensor x, int d, const Tensor& index) {
  const profile_scope scope("index_put_backward");
  if (!is_recorded(x) && only_ours(x)) {
    put_at(x, d, index, zeros({}, x.dtype()));
    return x;
  }
  const Tensor out = empty_like(x);
  copy_into(out, x);
  put_at(out, d, index, zeros({}, x.dtype()));
  return record("index_put_backward", out, {x},
                [d, index = save(index)](const Tensor& g, Needs) -> Grads {
                  return cleared(g, d, index.get());
                });
}

}  // namespace

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

// --- By index -----------------------------------------------------------------------------------

Tensor gather(const Tensor& x, int64_t dim, const Tensor& at) {
  const int d = indexed_dim("gather", x, dim);
  const Tensor index = index_argument("gather", at);
  if (x.dim() == 0 || index.dim() == 0)
    return gather(with_dimension(x), d, with_dimension(index)).reshape(index.shape());
  check<ShapeError>(covers(x, index, d),
                    "gather: expected an index of rank {} and no larger than the input, {}, but "
                    "along dimension {}; got {}",
                    x.dim(), x.shape(), d, index.shape());
  check_index("gather", index, x.shape()[d]);
  return gather_checked("gather", x, d, index);
}

// Positions of src beyond the index are left out, and get no gradient.
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& at, const Tensor& src) {
  const int d = indexed_dim("scatter_add", x, dim);
  const Tensor index = index_argument("scatter_add", at);
  check_source("scatter_add", x, src);
  if (x.dim() == 0 || index.dim() == 0 || src.dim() == 0)
    return scatter_add(with_dimension(x), d, with_dimension(index), with_dimension(src))
        .reshape(x.shape());
  check<ShapeError>(covers(x, index, d) && covers(src, index, -1),
                    "scatter_add: expected an index of rank {}, no larger than the source, {}, nor "
                    "than the input, {}, but along dimension {}; got {}",
                    x.dim(), src.shape(), x.shape(), d, index.shape());
  check_index("scatter_add", index, x.shape()[d]);
  Tensor used = src;
  for (int i = 0; i < x.dim(); ++i)
    if (used.shape()[i] != index.shape()[i]) used = used.narrow(i, 0, index.shape()[i]);
  return scatter_checked("scatter_add", x, d, index, used);
}

Tensor index_select(const Tensor& x, int64_t dim, const Tensor& at) {
  const int d = indexed_dim("index_select", x, dim);
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
  return gather_checked("index_select", x, d, repeated(index, x.shape(), d));
}

Tensor index_add(const Tensor& x, int64_t dim, const Tensor& at, const Tensor& src) {
  const int d = indexed_dim("index_add", x, dim);
  const Tensor index = index_argument("index_add", at);
  check_source("index_add", x, src);
  if (x.dim() == 0 || index.dim() == 0 || src.dim() == 0)
    return index_add(with_dimension(x), d, with_dimension(index), with_dimension(src))
        .reshape(x.shape());
  check<ShapeError>(index.dim() == 1, "index_add: expected a vector of indices, got shape {}",
                    index.shape());
  const Tensor everywhere = repeated(index, x.shape(), d);
  check<ShapeError>(src.shape() == everywhere.shape(),
                    "index_add: expected a source of shape {} for the input {} and {} indices "
                    "along dimension {}, got {}",
                    everywhere.shape(), x.shape(), index.shape()[0], d, src.shape());
  check_index("index_add", index, x.shape()[d]);
  return scatter_checked("index_add", x, d, everywhere, src);
}

Tensor one_hot(const Tensor& classes_of, int64_t classes) {
  const profile_scope scope("one_hot");
  const Tensor index = index_argument("one_hot", classes_of);
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
  return record("masked_fill", out, {x}, [mask = save(mask)](const Tensor& g, Needs) -> Grads {
    return masked_fill(g, mask.get(), 0);
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

}  // namespace detail

Tensor masked_select(const Tensor& x, const Tensor& mask) {
  check_mask("masked_select", x, mask);
  const Shape shape = broadcast_shapes(x.shape(), mask.shape(), "masked_select");
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
  return band("tril", x, std::numeric_limits<int64_t>::min(), diagonal);
}
Tensor triu(const Tensor& x, int64_t diagonal) {
  return band("triu", x, diagonal, std::numeric_limits<int64_t>::max());
}

}  // namespace rw
