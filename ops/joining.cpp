#include <rewind/ops/joining.h>

#include <algorithm>
#include <utility>

#include <rewind/autograd/record.h>
#include <rewind/autograd/traced.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/rearranging.h>
#include <rewind/tensor/wide.h>

namespace rw {

using namespace detail;

namespace {

DType common_dtype(const std::vector<Tensor>& tensors) {
  DType dtype = tensors[0].dtype();
  for (const Tensor& t : tensors) dtype = promote_types(dtype, t.dtype());
  return dtype;
}

// A tensor whose memory order the result takes: row-major unless all are channels-last.
const Tensor& order_of(const std::vector<Tensor>& tensors) {
  const Tensor* channels_last = &tensors[0];
  for (const Tensor& t : tensors) {
    if (!t.is_contiguous(MemoryFormat::channels_last)) return t;
    if (!t.is_contiguous()) channels_last = &t;
  }
  return *channels_last;
}

bool fits(const Shape& a, const Shape& b, int but) {
  if (a.rank() != b.rank()) return false;
  for (int d = 0; d < a.rank(); ++d)
    if (d != but && a[d] != b[d]) return false;
  return true;
}

bool is_empty_vector(const Tensor& t) { return t.shape() == Shape{0}; }

// Without the empty vectors, which say nothing of the result's rank where there is another tensor.
std::vector<Tensor> without_empty_vectors(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> rest;
  for (const Tensor& t : tensors)
    if (!is_empty_vector(t)) rest.push_back(t);
  return rest;
}

}  // namespace

Tensor cat(const std::vector<Tensor>& tensors, int64_t dim) {
  const profile_scope scope("cat");
  check_all_defined("cat", tensors);
  if (std::any_of(tensors.begin(), tensors.end(), is_empty_vector))
    if (const std::vector<Tensor> rest = without_empty_vectors(tensors); !rest.empty()) {
      const DType dtype = common_dtype(tensors);
      return cat(rest, dim).to(dtype);
    }
  Shape shape = tensors[0].shape();
  check<ShapeError>(shape.rank() > 0, "cat: tensors of rank 0 have no dimension; use stack()");
  const int d = normalize_dim(dim, shape.rank(), "cat");
  std::vector<int64_t> sizes;
  sizes.reserve(tensors.size());
  shape[d] = 0;
  for (const Tensor& t : tensors) {
    check<ShapeError>(fits(t.shape(), shape, d),
                      "cat: tensor {} of shape {} does not fit the first one, of shape {}, in all "
                      "dimensions but {}",
                      sizes.size(), t.shape(), tensors[0].shape(), d);
    sizes.push_back(t.shape()[d]);
    shape[d] = to_size("cat", Wide{shape[d]} + sizes.back(), "a dimension");
  }
  const Tensor out = empty_in_order_of(order_of(tensors), shape, common_dtype(tensors));
  int64_t offset = 0;
  for (const Tensor& t : tensors) {
    copy_into(make_view(out, t.shape(), out.strides(), offset), t);
    offset += t.shape()[d] * out.strides()[d];
  }
  return traced("cat",
                record("cat", out, tensors,
                       [sizes = std::move(sizes), d](const Tensor& g, Needs) -> Grads {
                         return g.split(sizes, d);
                       }),
                tensors, [d] {
                  return Attributes{{"dim", d}};
                });
}

Tensor stack(const std::vector<Tensor>& tensors, int64_t dim) {
  const profile_scope scope("stack");
  check_all_defined("stack", tensors);
  const Shape& piece = tensors[0].shape();
  const int d = normalize_dim(dim, piece.rank() + 1, "stack");
  for (size_t i = 0; i < tensors.size(); ++i)
    check<ShapeError>(tensors[i].shape() == piece,
                      "stack: tensor {} has shape {}, the first one {}", i, tensors[i].shape(),
                      piece);
  Shape shape = piece;
  shape.insert(d, static_cast<int64_t>(tensors.size()));
  const Tensor out = make_tensor(shape, common_dtype(tensors));
  Strides strides = out.strides();
  strides.erase(d);
  for (size_t i = 0; i < tensors.size(); ++i)
    copy_into(make_view(out, piece, strides, static_cast<int64_t>(i) * out.strides()[d]),
              tensors[i]);
  return traced(
      "stack",
      record("stack", out, tensors, [d](const Tensor& g, Needs) -> Grads { return g.unbind(d); }),
      tensors, [d] {
        return Attributes{{"dim", d}};
      });
}

// --- By other names -----------------------------------------------------------------------------

Tensor concat(const std::vector<Tensor>& tensors, int64_t dim) { return cat(tensors, dim); }
Tensor concatenate(const std::vector<Tensor>& tensors, int64_t dim) { return cat(tensors, dim); }

Tensor hstack(const std::vector<Tensor>& tensors) {
  check_all_defined("hstack", tensors);
  const std::vector<Tensor> all = atleast_1d(tensors);
  return cat(all, all[0].dim() == 1 ? 0 : 1);
}

Tensor vstack(const std::vector<Tensor>& tensors) {
  check_all_defined("vstack", tensors);
  return cat(atleast_2d(tensors), 0);
}

Tensor row_stack(const std::vector<Tensor>& tensors) { return vstack(tensors); }

Tensor dstack(const std::vector<Tensor>& tensors) {
  check_all_defined("dstack", tensors);
  return cat(atleast_3d(tensors), 2);
}

Tensor column_stack(const std::vector<Tensor>& tensors) {
  check_all_defined("column_stack", tensors);
  std::vector<Tensor> columns;
  columns.reserve(tensors.size());
  for (const Tensor& t : tensors) columns.push_back(t.dim() <= 1 ? t.reshape({t.numel(), 1}) : t);
  return cat(columns, 1);
}

}  // namespace rw
