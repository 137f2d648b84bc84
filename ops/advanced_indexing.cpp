#include <span>

#include <rewind/autograd/inplace.h>
#include <rewind/kernels/index/indexing_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/scattering.h>
#include <rewind/tensor/factories.h>

// x.index({...}) and x.index_put_({...}, values), by PyTorch's rules: numbers, slices, Ellipsis and
// None make a view; then index tensors, broadcast against each other, pick from the dimensions
// where they stand. Their dimensions come in place of those if they stand side by side, in front
// otherwise.

namespace rw {

using namespace detail;

namespace {

// The view, and the index tensors by its dimensions.
struct Parsed {
  Tensor x;
  std::vector<Tensor> indices;  // int64; undefined where the whole dimension is wanted
};

// Dimensions of x that an entry stands for.
int consumed(const char* op, const Index& entry) {
  if (entry.kind == Index::Kind::ellipsis || entry.kind == Index::Kind::none) return 0;
  if (entry.kind != Index::Kind::tensor) return 1;
  check(entry.tensor->defined(), "{}: an index tensor is undefined", op);
  const DType dtype = entry.tensor->dtype();
  check<DTypeError>(dtype == boolean || (is_integer(dtype) && dtype != uint8),
                    "{}: expected signed integers or a bool mask, got {}", op, dtype);
  return dtype == boolean ? entry.tensor->dim() : 1;
}

// Joins the dimensions from `d` on that a mask covers into one, and says which of it are wanted.
Tensor positions_of(const char* op, const Tensor& mask, int d, Tensor& x) {
  if (mask.dim() == 0) {
    x = x.unsqueeze(d);
  } else {
    for (int i = 0; i < mask.dim(); ++i)
      check<IndexError>(mask.shape()[i] == x.shape()[d + i],
                        "{}: a mask of shape {} does not fit shape {} at dimension {}", op,
                        mask.shape(), x.shape(), d + i);
    x = x.flatten(d, d + mask.dim() - 1);
  }
  return nonzero_positions(mask);
}

Parsed parse(const char* op, const Tensor& whole, std::span<const Index> entries) {
  int used = 0, ellipses = 0;
  for (const Index& e : entries) {
    used += consumed(op, e);
    ellipses += e.kind == Index::Kind::ellipsis;
  }
  check<IndexError>(used <= whole.dim(), "{}: {} indices for shape {}", op, used, whole.shape());
  check<IndexError>(ellipses <= 1, "{}: only one Ellipsis can stand in an index", op);
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
        if (t.dtype() != boolean && t.dim() == 0) {
          p.x = p.x.select(d, t.item<int64_t>());
          break;
        }
        p.indices.push_back(t.dtype() == boolean ? positions_of(op, t, d, p.x) : t.to(int64));
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
Tensor joined_index(const char* op, const Parsed& p, Place place) {
  Shape shape;
  for (const Tensor& t : p.indices)
    if (t.defined()) shape = broadcast_shapes(shape, t.shape(), op);
  Tensor joined = zeros(shape, int64);
  for (int d = place.first; d <= place.last; ++d) {
    const Tensor& t = p.indices[static_cast<size_t>(d)];
    const int64_t size = p.x.shape()[d];
    if (const auto bad = kernels::out_of_range(t.shape(), operand(t, t.shape()), -size, size))
      fail<IndexError>("{}: index {} is out of range for dimension {} of shape {}", op, *bad, d,
                       p.x.shape());
    kernels::append_index(shape, size, operand(t, shape), operand(joined, shape));
  }
  return joined;
}

// What an index picks: from dimension `d` of x, at an index of any rank; all of x where that is
// undefined.
struct Picked {
  Tensor view;  // x before dimensions were joined, for which memory may have to be copied
  Tensor x;
  int d = 0;
  Tensor index;

  Shape shape() const {
    Shape s = x.shape();
    if (!index.defined()) return s;
    s.erase(d);
    for (int i = 0; i < index.dim(); ++i) s.insert(d + i, index.shape()[i]);
    return s;
  }
};

Picked pick(const char* op, const Tensor& whole, std::span<const Index> entries) {
  Parsed p = parse(op, whole, entries);
  Place place = place_of(p.indices);
  if (place.count == 0) return {p.x, p.x, 0, {}};
  if (!place.adjacent()) {
    bring_forward(p);
    place = {0, place.count - 1, place.count};
  }
  const Tensor joined = joined_index(op, p, place);
  const Tensor rows = place.count > 1 ? p.x.flatten(place.first, place.last) : p.x;
  return {p.x, rows, place.first, joined};
}

void put_values(const char* op, Tensor& x, std::span<const Index> indices, const Tensor& values,
                bool accumulate) {
  const profile_scope scope(op);
  check_defined(op, x, values, "tensor of values");
  check<DTypeError>(values.dtype() == x.dtype(), "{}: expected values of {}, got {}", op, x.dtype(),
                    values.dtype());
  check_inplace(op, x, {x, values});
  Picked s = pick(op, x, indices);
  const Shape picked = s.shape();
  check<ShapeError>(broadcast_shapes(picked, values.shape(), op) == picked,
                    "{}: values of shape {} do not broadcast to the shape indexed, {}", op,
                    values.shape(), picked);
  const auto shares_memory = [](const Tensor& a, const Tensor& b) {
    return a.impl()->storage == b.impl()->storage;
  };
  // A mask over dimensions that memory does not let be joined made a copy of them.
  if (!shares_memory(s.view, x)) {
    Tensor joinable = x.clone(MemoryFormat::contiguous);
    put_values(op, joinable, indices, values, accumulate);
    x.copy_(joinable);
    return;
  }
  if (!s.index.defined()) {
    accumulate ? s.view.add_(values) : s.view.copy_(values);
    return;
  }
  Shape rows = s.x.shape();
  rows[s.d] = s.index.numel();
  put_slices(s.x, s.d, s.index.flatten(), values.expand(picked).reshape(rows), accumulate);
  if (!shares_memory(s.x, x)) s.view.copy_(s.x.reshape(s.view.shape()));
}

Ref<IndexedPlace> place_in(const Tensor& whole, std::initializer_list<Index> indices) {
  auto place = Ref<IndexedPlace>::adopt(new IndexedPlace);
  place->whole = whole;
  place->tensors.reserve(indices.size());  // which are pointed to
  for (const Index& i : indices) {
    place->indices.push_back(i);
    if (i.kind != Index::Kind::tensor) continue;
    place->tensors.push_back(*i.tensor);
    place->indices.back().tensor = &place->tensors.back();
  }
  return place;
}

}  // namespace

Selection Tensor::index(std::initializer_list<Index> indices) const {
  check_defined("index", *this);
  const Picked s = pick("index", *this, indices);
  if (!s.index.defined()) return Selection(s.x);
  Tensor elements = s.x.index_select(s.d, s.index.flatten());
  if (s.index.dim() != 1) elements = elements.unflatten(s.d, s.index.shape());
  return {std::move(elements), place_in(*this, indices)};
}

Tensor& Tensor::index_put_(std::initializer_list<Index> indices, const Tensor& values,
                           bool accumulate) {
  put_values("index_put_", *this, indices, values, accumulate);
  return *this;
}

Tensor& Tensor::index_put_(std::initializer_list<Index> indices, Scalar value, bool accumulate) {
  check_defined("index_put_", *this);
  return index_put_(indices, full({}, value, dtype()), accumulate);
}

Tensor index_put(const Tensor& x, std::initializer_list<Index> indices, const Tensor& values,
                 bool accumulate) {
  check_defined("index_put", x, values, "tensor of values");
  Tensor changed = x.clone();
  put_values("index_put", changed, indices, values, accumulate);
  return changed;
}

// --- Assigning to a selection -------------------------------------------------------------------

void Selection::write(const Tensor& values) {
  check_defined("copy_", *this, values, "source");
  // As in Python, sizes of 1 in front that the selection does not have do not count.
  Tensor fitting = values;
  while (fitting.dim() > dim() && fitting.shape()[0] == 1) fitting = fitting.select(0, 0);
  if (place_)
    put_values("index_put_", place_->whole, place_->indices, fitting.to(dtype()), false);
  else
    copy_(fitting);
}

// Elements of a copy were changed: writes them to where they come from.
void Selection::put_back() {
  if (place_) put_values("index_put_", place_->whole, place_->indices, *this, false);
}

void Selection::operator=(Scalar value) && {
  if (place_)
    write(full({}, value, dtype()));
  else
    fill_(value);
}
void Selection::operator+=(const Tensor& other) && {
  add_(other);
  put_back();
}
void Selection::operator+=(Scalar other) && {
  add_(other);
  put_back();
}
void Selection::operator-=(const Tensor& other) && {
  sub_(other);
  put_back();
}
void Selection::operator-=(Scalar other) && {
  sub_(other);
  put_back();
}
void Selection::operator*=(const Tensor& other) && {
  mul_(other);
  put_back();
}
void Selection::operator*=(Scalar other) && {
  mul_(other);
  put_back();
}
void Selection::operator/=(const Tensor& other) && {
  div_(other);
  put_back();
}
void Selection::operator/=(Scalar other) && {
  div_(other);
  put_back();
}

}  // namespace rw
