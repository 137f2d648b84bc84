#include <rewind/ops/scattering.h>

#include <utility>

#include <rewind/autograd/inplace.h>
#include <rewind/ops/index_parts.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/scatter_parts.h>
#include <rewind/tensor/factories.h>

namespace rw {

using namespace detail;

// --- Arguments ----------------------------------------------------------------------------------

void detail::check_values(const char* op, const Tensor& x, const Tensor& src) {
  check(src.defined(), "{}: the source is undefined", op);
  check<DTypeError>(src.dtype() == x.dtype(), "{}: expected a source of {}, as the input, got {}",
                    op, x.dtype(), src.dtype());
}

// An empty index, which may have any shape, names nothing.
Places detail::places_of(const char* op, const Tensor& x, int64_t dim, const Tensor& at,
                         const Tensor* src) {
  Places p;
  p.d = checked_dim(op, x, dim);
  p.index = index_argument(op, at);
  if (src) check_values(op, x, *src);
  if (p.index.numel() == 0) {
    p.index = empty(Shape::filled(std::max(x.dim(), 1), 0), int64);
    p.src = src ? src->reshape(-1).narrow(0, 0, 0).view(p.index.shape())
                : empty(p.index.shape(), x.dtype());
    return p;
  }
  p.index = with_dimension(p.index);
  const Tensor ranked = with_dimension(x);
  if (src) p.src = with_dimension(*src);
  check<ShapeError>(covers(ranked, p.index, p.d) && (!src || covers(p.src, p.index, -1)),
                    "{}: expected an index of rank {}, no larger than the source, {}, nor than the "
                    "input, {}, but along dimension {}; got {}",
                    op, x.dim(), src ? src->shape() : at.shape(), x.shape(), p.d, at.shape());
  check_index(op, p.index, ranked.shape()[p.d]);
  for (int i = 0; src && i < p.index.dim(); ++i)
    if (p.src.shape()[i] != p.index.shape()[i]) p.src = p.src.narrow(i, 0, p.index.shape()[i]);
  return p;
}

Places detail::slices_of(const char* op, const Tensor& x, int64_t dim, const Tensor& at,
                         const Tensor* source, bool wraps) {
  Places p;
  p.d = checked_dim(op, x, dim);
  const Tensor given = index_argument(op, at);
  check<ShapeError>(given.dim() <= 1, "{}: expected a vector of indices, got shape {}", op,
                    given.shape());
  if (source) check_values(op, x, *source);
  const Tensor ranked = with_dimension(x), vector = with_dimension(given);
  const int64_t size = ranked.shape()[p.d];
  p.index = repeated(wraps ? wrapped_index(op, vector, size) : vector, ranked.shape(), p.d);
  if (source) {
    p.src = with_dimension(*source);
    check<ShapeError>(p.src.shape() == p.index.shape(),
                      "{}: expected a source of shape {} for the input {} and {} indices along "
                      "dimension {}, got {}",
                      op, p.index.shape(), x.shape(), vector.numel(), p.d, source->shape());
  }
  if (!wraps) check_index(op, vector, size);
  return p;
}

// A number of another category makes it another dtype, which is refused; but of truth values it
// says by an integer whether they count.
Tensor detail::times_alpha(const Tensor& source, Scalar alpha) {
  if (alpha.to_double() == 1) return source;
  const Tensor y = mul(source, alpha);
  return source.dtype() == boolean && is_integer(y.dtype()) ? y.to(boolean) : y;
}

// --- Copies -------------------------------------------------------------------------------------

namespace {

// The gradients of what was replaced, and of what replaced it.
Grads put_gradients(Tensor g, Needs needs, int d, const Tensor& index) {
  const Tensor of_values = needs[1] ? gather_checked("gather", g, d, index) : Tensor();
  return {needs[0] ? cleared(std::move(g), d, index) : Tensor(), of_values};
}

}  // namespace

Tensor detail::with_values(const char* op, const Tensor& x, int d, const Tensor& index,
                           const Tensor& src) {
  const profile_scope scope(op);
  if (x.dim() == 0) return with_values(op, x.reshape(1), d, index, src).reshape({});
  const Tensor out = [&] {
    const no_grad guard;
    return x.clone();
  }();
  put_at(out, d, index, src);
  return record(op, out, {x, src}, [d, index = save(index)](Tensor g, Needs needs) -> Grads {
    return put_gradients(std::move(g), needs, d, index.get());
  });
}

namespace {

Tensor with_values(const char* op, const Tensor& x, const Places& p) {
  return detail::with_values(op, x, p.d, p.index, p.src);
}

// A tensor of rank 0 as a value for x.
Tensor single_value(const char* op, const Tensor& x, const Tensor& value) {
  check(value.defined(), "{}: the value is undefined", op);
  check<ShapeError>(value.dim() == 0, "{}: expected a value of rank 0, got shape {}", op,
                    value.shape());
  return value.to(x.dtype());
}

void check_reduce(Reduce reduce) {
  check(reduce == Reduce::sum || reduce == Reduce::prod,
        "scatter: expected Reduce::sum or Reduce::prod; the others are for scatter_reduce");
}

}  // namespace

Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  return with_values("scatter", x, places_of("scatter", x, dim, index, &src));
}

Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, Scalar value) {
  const Places p = places_of("scatter", x, dim, index, nullptr);
  return with_values("scatter", x, p.d, p.index, number("scatter", value, x.dtype()));
}

Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
               Reduce reduce) {
  check_reduce(reduce);
  return scatter_reduce(x, dim, index, src, reduce);
}

Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, Scalar value, Reduce reduce) {
  check_reduce(reduce);
  check_defined("scatter", x);
  check(index.defined(), "scatter: the index is undefined");
  return scatter_reduce(x, dim, index, number("scatter", value, x.dtype()).expand(index.shape()),
                        reduce);
}

Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, Scalar value) {
  const Places p = slices_of("index_fill", x, dim, index, nullptr, true);
  return with_values("index_fill", x, p.d, p.index, number("index_fill", value, x.dtype()));
}

Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value) {
  const Places p = slices_of("index_fill", x, dim, index, nullptr, true);
  return with_values("index_fill", x, p.d, p.index, single_value("index_fill", x, value));
}

Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  return with_values("index_copy", x, slices_of("index_copy", x, dim, index, &source));
}

Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value) {
  check_defined("masked_fill", x);
  check(mask.defined(), "masked_fill: the mask is undefined");
  check<DTypeError>(mask.dtype() == boolean, "masked_fill: expected a bool mask, got {}",
                    mask.dtype());
  return where(mask, single_value("masked_fill", x, value), x);
}

// --- In place -----------------------------------------------------------------------------------

namespace {

// Values in memory of their own: their old ones count where they are those of x.
Tensor apart(const Tensor& x, const Tensor& values) {
  return values.impl()->storage == x.impl()->storage ? values.clone() : values;
}

void put_values(const char* op, Tensor& x, int d, const Tensor& index, const Tensor& values) {
  const profile_scope scope(op);
  check_inplace(op, x, {x, values});
  const Tensor src = apart(x, values), at = apart(x, index);
  put_at(with_dimension(x), d, at, src);
  record_inplace(op, x, {x, src}, [d, index = save(at)](Tensor g, Needs needs) -> Grads {
    if (g.dim() > 0) return put_gradients(std::move(g), needs, d, index.get());
    Grads grads = put_gradients(g.reshape(1), needs, d, index.get());
    if (needs[0]) grads[0] = grads[0].reshape({});
    return grads;
  });
}

void add_values(const char* op, Tensor& x, int d, const Tensor& index, const Tensor& values) {
  const profile_scope scope(op);
  check_inplace(op, x, {x, values});
  const Tensor src = apart(x, values), at = apart(x, index), to = with_dimension(x);
  {
    const no_grad guard;
    const Tensor sums = add_at(to, d, at, src);
    if (!sums.is_same(to)) copy_into(to, sums);
  }
  record_inplace(op, x, {x, src}, [d, index = save(at)](const Tensor& g, Needs needs) -> Grads {
    return {g, needs[1] ? gather_checked("gather", with_dimension(g), d, index.get()) : Tensor()};
  });
}

}  // namespace

void detail::scatter_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  const Places p = places_of("scatter_", x, dim, index, &src);
  put_values("scatter_", x, p.d, p.index, p.src);
}

void detail::scatter_in_place(Tensor& x, int64_t dim, const Tensor& index, Scalar value) {
  const Places p = places_of("scatter_", x, dim, index, nullptr);
  put_values("scatter_", x, p.d, p.index, number("scatter_", value, x.dtype()));
}

void detail::scatter_add_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  const Places p = places_of("scatter_add_", x, dim, index, &src);
  add_values("scatter_add_", x, p.d, p.index, p.src);
}

void detail::index_fill_in_place(Tensor& x, int64_t dim, const Tensor& index, Scalar value) {
  const Places p = slices_of("index_fill_", x, dim, index, nullptr, true);
  put_values("index_fill_", x, p.d, p.index, number("index_fill_", value, x.dtype()));
}

void detail::index_fill_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& value) {
  const Places p = slices_of("index_fill_", x, dim, index, nullptr, true);
  put_values("index_fill_", x, p.d, p.index, single_value("index_fill_", x, value));
}

void detail::index_copy_in_place(Tensor& x, int64_t dim, const Tensor& index,
                                 const Tensor& source) {
  const Places p = slices_of("index_copy_", x, dim, index, &source);
  put_values("index_copy_", x, p.d, p.index, p.src);
}

void detail::index_add_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                                Scalar alpha) {
  check_defined("index_add_", x, source, "source");
  const Tensor scaled = times_alpha(source, alpha);
  const Places p = slices_of("index_add_", x, dim, index, &scaled);
  add_values("index_add_", x, p.d, p.index, p.src);
}

namespace {

// What a product, or the greatest of some, keeps for its gradients must outlive the change.
Tensor kept(const char* op, const Tensor& x, const Tensor& src) {
  check_defined(op, x, src, "source");
  return is_recorded(x, src) ? x.clone() : x;
}

}  // namespace

void detail::scatter_reduce_in_place(Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                                     Reduce reduce, bool include_self) {
  x.copy_(scatter_reduce(kept("scatter_reduce_", x, src), dim, index, src, reduce, include_self));
}

void detail::index_reduce_in_place(Tensor& x, int64_t dim, const Tensor& index,
                                   const Tensor& source, Reduce reduce, bool include_self) {
  x.copy_(index_reduce(kept("index_reduce_", x, source), dim, index, source, reduce, include_self));
}

void detail::masked_fill_in_place(Tensor& x, const Tensor& mask, const Tensor& value) {
  x.copy_(masked_fill(x, mask, value));
}

}  // namespace rw
