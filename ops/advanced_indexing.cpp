#include <rewind/ops/elementwise.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/kernels/indexing.h>
#include <rewind/tensor/factories.h>

// x.index({...}), by PyTorch's rules: numbers, slices, Ellipsis and None make a view; then index
// tensors, broadcast against each other, pick from the dimensions where they stand. Their
// dimensions come in place of those if they stand side by side, in front otherwise.

namespace rw {

using namespace detail;

namespace {

// The view, and the index tensors by its dimensions.
struct Parsed {
  Tensor x;
  std::vector<Tensor> indices;  // int64; undefined where the whole dimension is wanted
};

// Dimensions of x that an entry stands for.
int consumed(const Index& entry) {
  if (entry.kind == Index::Kind::ellipsis || entry.kind == Index::Kind::none) return 0;
  if (entry.kind != Index::Kind::tensor) return 1;
  check(entry.tensor->defined(), "index: an index tensor is undefined");
  const DType dtype = entry.tensor->dtype();
  check<DTypeError>(dtype == int64 || dtype == boolean,
                    "index: expected an int64 tensor or a bool mask, got {}", dtype);
  return dtype == boolean ? entry.tensor->dim() : 1;
}

// Joins the dimensions from `d` on that a mask covers into one, and says which of it are wanted.
Tensor positions_of(const Tensor& mask, int d, Tensor& x) {
  if (mask.dim() == 0) {
    x = x.unsqueeze(d);
  } else {
    for (int i = 0; i < mask.dim(); ++i)
      check<IndexError>(mask.shape()[i] == x.shape()[d + i],
                        "index: a mask of shape {} does not fit shape {} at dimension {}",
                        mask.shape(), x.shape(), d + i);
    x = x.flatten(d, d + mask.dim() - 1);
  }
  return nonzero_positions(mask);
}

Parsed parse(const Tensor& whole, std::initializer_list<Index> entries) {
  int used = 0, ellipses = 0;
  for (const Index& e : entries) {
    used += consumed(e);
    ellipses += e.kind == Index::Kind::ellipsis;
  }
  check<IndexError>(used <= whole.dim(), "index: {} indices for shape {}", used, whole.shape());
  check<IndexError>(ellipses <= 1, "index: only one Ellipsis can stand in an index");
  Parsed p{whole, {}};
  int d = 0;
  const auto skip = [&](int n) {
    d += n;
    p.indices.resize(static_cast<size_t>(d));
  };
  for (const Index& e : entries) {
    switch (e.kind) {
      case Index::Kind::integer:
        p.x = p.x.select(d, e.integer);
        break;
      case Index::Kind::slice:
        p.x = p.x.slice(d, e.slice.start, e.slice.stop, e.slice.step);
        skip(1);
        break;
      case Index::Kind::ellipsis:
        skip(whole.dim() - used);
        break;
      case Index::Kind::none:
        p.x = p.x.unsqueeze(d);
        skip(1);
        break;
      case Index::Kind::tensor: {
        const Tensor& t = *e.tensor;
        p.indices.push_back(t.dtype() == boolean ? positions_of(t, d, p.x) : t);
        ++d;
        break;
      }
    }
  }
  p.indices.resize(static_cast<size_t>(p.x.dim()));
  return p;
}

// Where index tensors stand: from `first` to `last`, without gaps if `adjacent`.
struct Place {
  int first = -1, last = -1, count = 0;
  bool adjacent() const { return last - first + 1 == count; }
};

Place place_of(const std::vector<Tensor>& indices) {
  Place p;
  for (int d = 0; d < static_cast<int>(indices.size()); ++d) {
    if (!indices[static_cast<size_t>(d)].defined()) continue;
    if (p.count++ == 0) p.first = d;
    p.last = d;
  }
  return p;
}

// Moves the indexed dimensions of x to the front.
void bring_forward(Parsed& p) {
  Dims order;
  std::vector<Tensor> indices;
  for (const bool indexed : {true, false})
    for (int d = 0; d < p.x.dim(); ++d) {
      const Tensor& index = p.indices[static_cast<size_t>(d)];
      if (index.defined() != indexed) continue;
      order.push_back(d);
      indices.push_back(index);
    }
  p.x = p.x.permute(order);
  p.indices = indices;
}

// One index into the indexed dimensions, joined.
Tensor joined_index(const Parsed& p, Place place) {
  Shape shape;
  for (const Tensor& t : p.indices)
    if (t.defined()) shape = broadcast_shapes(shape, t.shape(), "index");
  const Tensor joined = zeros(shape, int64);
  for (int d = place.first; d <= place.last; ++d) {
    const Tensor& t = p.indices[static_cast<size_t>(d)];
    const int64_t size = p.x.shape()[d];
    if (const auto bad = kernels::out_of_range(t.shape(), operand(t, t.shape()), -size, size))
      fail<IndexError>("index: index {} is out of range for dimension {} of shape {}", *bad, d,
                       p.x.shape());
    kernels::append_index(shape, size, operand(t, shape), operand(joined, shape));
  }
  return joined;
}

}  // namespace

Tensor Tensor::index(std::initializer_list<Index> indices) const {
  check_defined("index", *this);
  Parsed p = parse(*this, indices);
  Place place = place_of(p.indices);
  if (place.count == 0) return p.x;
  if (!place.adjacent()) {
    bring_forward(p);
    place = {0, place.count - 1, place.count};
  }
  const Tensor joined = joined_index(p, place);
  if (place.count > 1) p.x = p.x.flatten(place.first, place.last);
  if (joined.dim() == 1) return p.x.index_select(place.first, joined);
  return p.x.index_select(place.first, joined.flatten()).unflatten(place.first, joined.shape());
}

}  // namespace rw
