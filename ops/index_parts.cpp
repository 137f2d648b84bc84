#include <rewind/ops/index_parts.h>

#include <rewind/autograd/autograd.h>
#include <rewind/kernels/index/add_rows.h>
#include <rewind/kernels/index/indexing_kernel.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/overlap.h>

namespace rw {

using namespace detail;

void detail::check_index(const char* op, const Tensor& index, int64_t size) {
  const auto bad = kernels::out_of_range(index.shape(), operand(index, index.shape()), 0, size);
  if (bad) fail<IndexError>("{}: index {} is not in [0, {})", op, *bad, size);
}

Tensor detail::index_argument(const char* op, const Tensor& index) {
  check(index.defined(), "{}: the index is undefined", op);
  check<DTypeError>(is_integer(index.dtype()), "{}: expected an index of integers, got {}", op,
                    index.dtype());
  return index.to(int64);
}

Tensor detail::wrapped_index(const char* op, const Tensor& index, int64_t size) {
  const auto bad = kernels::out_of_range(index.shape(), operand(index, index.shape()), -size, size);
  if (bad) fail<IndexError>("{}: index {} is not in [-{}, {})", op, *bad, size, size);
  const Tensor wrapped = zeros(index.shape(), int64);
  kernels::append_index(index.shape(), size, operand(index, index.shape()),
                        operand(wrapped, index.shape()));
  return wrapped;
}

bool detail::covers(const Tensor& x, const Tensor& index, int d) {
  if (index.dim() != x.dim()) return false;
  for (int i = 0; i < x.dim(); ++i)
    if (i != d && index.shape()[i] > x.shape()[i]) return false;
  return true;
}

Tensor detail::repeated(const Tensor& index, Shape shape, int d) {
  shape[d] = index.shape()[0];
  Strides strides = Strides::filled(shape.rank(), 0);
  strides[d] = index.strides()[0];
  return make_view(index, shape, strides, index.impl()->offset);
}

Tensor detail::with_dimension(const Tensor& t) { return t.dim() > 0 ? t : t.reshape(1); }

namespace {

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

}  // namespace

Tensor detail::add_at(const Tensor& y, int d, const Tensor& index, const Tensor& src) {
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

Tensor detail::scatter_back(const char* op, const Tensor& g, const Shape& shape, int d,
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

Tensor detail::gather_checked(const char* op, const Tensor& x, int d, const Tensor& index) {
  const profile_scope scope(op);
  const Tensor out = empty_in_order_of(x, index.shape(), x.dtype());
  kernels::gather(x.dtype(), index.shape(), d, operand(x, x.shape()), operand(index, index.shape()),
                  operand(out, out.shape()));
  return record(op, out, {x},
                [shape = x.shape(), d, index = save(index)](const Tensor& g, Needs) -> Grads {
                  return scatter_back("gather_backward", g, shape, d, index.get());
                });
}

Tensor detail::scatter_checked(const char* op, const Tensor& x, int d, const Tensor& index,
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

// The kernel walks in the order of src: one of repeated rows is laid out first.
void detail::put_at(const Tensor& y, int d, const Tensor& index, const Tensor& src) {
  if (src.numel() > 1 && may_overlap(src.shape(), src.strides()))
    return put_at(y, d, index, src.detach().contiguous());
  kernels::scatter(y.dtype(), index.shape(), d, operand(src, index.shape()),
                   operand(index, index.shape()), operand(y, y.shape()));
}

Tensor detail::cleared(Tensor x, int d, const Tensor& index) {
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

}  // namespace rw
