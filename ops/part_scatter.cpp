#include <rewind/ops/rearranging.h>
#include <rewind/ops/view_parts.h>

// Copies with a part replaced, the part being what a view shows.

namespace rw {

using namespace detail;

namespace {

// x with src where `view` looks. The gradient of x is zero there.
template <class View>
Tensor with_part_replaced(const char* op, const Tensor& x, const Tensor& src, View view) {
  const profile_scope scope(op);
  check_defined(op, x, src, "source");
  const Tensor out = [&] {
    const no_grad guard;
    return x.clone();
  }();
  const Tensor part = view(out);
  check<ShapeError>(part.shape() == src.shape(),
                    "{}: expected a source of shape {} for the input {}, got {}", op, part.shape(),
                    x.shape(), src.shape());
  copy_into(part, src);
  return record(op, out, {x, src},
                [op, view, shape = src.shape()](const Tensor& g, Needs needs) -> Grads {
                  Tensor of_x;
                  if (needs[0])
                    of_x = with_part_replaced(op, g, zeros({}, g.dtype()).expand(shape), view);
                  return {of_x, needs[1] ? view(g) : Tensor()};
                });
}

}  // namespace

Tensor select_scatter(const Tensor& x, const Tensor& src, int64_t dim, int64_t index) {
  return with_part_replaced("select_scatter", x, src,
                            [=](const Tensor& t) -> Tensor { return t.select(dim, index); });
}

Tensor slice_scatter(const Tensor& x, const Tensor& src, int64_t dim, int64_t start, int64_t stop,
                     int64_t step) {
  return with_part_replaced("slice_scatter", x, src, [=](const Tensor& t) -> Tensor {
    return t.slice(dim, start, stop, step);
  });
}

Tensor diagonal_scatter(const Tensor& x, const Tensor& src, int64_t offset, int64_t dim1,
                        int64_t dim2) {
  return with_part_replaced("diagonal_scatter", x, src,
                            [=](const Tensor& t) { return t.diagonal(offset, dim1, dim2); });
}

}  // namespace rw
