#include <rewind/io/onnx_operators.h>
#include <rewind/ops/embedding.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/scan.h>
#include <rewind/ops/scattering.h>
#include <rewind/ops/sorting.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::onnx {

namespace {

Shape joined(const Ints& a, const Ints& b, const Ints& c = {}) {
  Ints all = a;
  all.insert(all.end(), b.begin(), b.end());
  all.insert(all.end(), c.begin(), c.end());
  return Shape(all);
}
Ints part(const Tensor& t, int64_t first, int64_t last) {
  const Shape& shape = t.shape();
  return {shape.begin() + first, shape.begin() + last};
}

// The index's dimensions take the place of the axis. Rows of a matrix are an embedding.
Step gather_of(Node& n) {
  return [axis = n.integer("axis", 0)](Arguments& in) {
    const Tensor& x = in[0];
    const int64_t d = axis_in(axis, x.dim());
    const Tensor i = positive_indices(in[1], x.size(d));
    if (d == 0 && x.dim() == 2 && is_floating(x.dtype())) return embedding(i, x);
    return index_select(x, d, i.reshape({-1}))
        .reshape(joined(part(x, 0, d), sizes_of(i), part(x, d + 1, x.dim())));
  };
}

Step gather_elements(Node& n) {
  return [axis = n.integer("axis", 0)](Arguments& in) {
    const int64_t d = axis_in(axis, in[0].dim());
    return gather(in[0], d, positive_indices(in[1], in[0].size(d)));
  };
}

std::optional<Reduce> reduction_of(Node& n) {
  const std::string name = n.text("reduction", "none");
  if (name == "none") return {};
  if (name == "add") return Reduce::sum;
  if (name == "mul") return Reduce::prod;
  if (name == "max") return Reduce::amax;
  if (name == "min") return Reduce::amin;
  n.refuse("its reduction is '" + name + "'");
}

Step scatter_elements(Node& n) {
  const int64_t axis = n.integer("axis", 0);
  return [axis, reduction = reduction_of(n)](Arguments& in) {
    const int64_t d = axis_in(axis, in[0].dim());
    const Tensor i = positive_indices(in[1], in[0].size(d));
    return reduction ? scatter_reduce(in[0], d, i, in[2], *reduction) : scatter(in[0], d, i, in[2]);
  };
}

// Places that the last dimension of an index names, in the first dimensions of what it indexes
// behind those of the batch: as numbers of rows of a matrix.
struct Places {
  Tensor rows;                  // one number for each
  int64_t indexed, first_left;  // how many rows, and the first dimension that is left
};
Places places_in(const Tensor& x, const Tensor& index, int64_t batch) {
  check<ShapeError>(index.dim() > batch && x.dim() >= batch, "{} dimensions of batch, in shape {}",
                    batch, index.shape());
  check<ShapeError>(part(x, 0, batch) == part(index, 0, batch),
                    "expected an index of the batch of shape {}, got shape {}", x.shape(),
                    index.shape());
  const int64_t named = index.size(-1);
  check<ShapeError>(batch + named <= x.dim(), "expected an index of {} numbers at most, got {}",
                    x.dim() - batch, named);
  const int64_t batches = Shape(part(x, 0, batch)).numel();
  int64_t inside = 1;
  Tensor rows = zeros(Shape(part(index, 0, index.dim() - 1)), {.dtype = int64});
  for (int64_t j = 0; j < named; ++j) {
    const int64_t size = x.size(batch + j);
    const Tensor i = positive_indices(index.select(-1, j), size);
    check<IndexError>(
        i.numel() == 0 || ((i >= 0).all().item<bool>() && (i < size).all().item<bool>()),
        "an index is out of range along axis {} of shape {}", batch + j, x.shape());
    rows = rows * size + i;
    inside *= size;
  }
  if (batches > 0)
    rows = rows.reshape({batches, -1}) + arange(batches, {.dtype = int64}).unsqueeze(1) * inside;
  return {rows.reshape({-1}), batches * inside, batch + named};
}

Step gather_nd(Node& n) {
  const int64_t batch = n.integer("batch_dims", 0);
  if (batch < 0) n.refuse(fmt::format("its batch_dims are {}", batch));
  return [batch](Arguments& in) {
    const Tensor &x = in[0], &index = in[1];
    const Places p = places_in(x, index, batch);
    const Ints left = part(x, p.first_left, x.dim());
    return index_select(x.reshape(joined({p.indexed}, left)), 0, p.rows)
        .reshape(joined(part(index, 0, index.dim() - 1), left));
  };
}

Step scatter_nd(Node& n) {
  return [reduction = reduction_of(n)](Arguments& in) {
    const Tensor& x = in[0];
    const Places p = places_in(x, in[1], 0);
    const Ints left = part(x, p.first_left, x.dim());
    const Tensor rows = x.reshape(joined({p.indexed}, left)),
                 updates = in[2].reshape(joined({p.rows.numel()}, left));
    const Tensor y = !reduction ? index_copy(rows, 0, p.rows, updates)
                     : *reduction == Reduce::sum
                         ? index_add(rows, 0, p.rows, updates)
                         : index_reduce(rows, 0, p.rows, updates, *reduction);
    return y.reshape(x.shape());
  };
}

// Numbers out of range have no place that is on.
Step one_hot_of(Node& n) {
  return [axis = n.integer("axis", -1)](Arguments& in) {
    const auto depth = in[1].reshape({}).item<int64_t>();
    const Tensor& values = in[2];
    const int64_t d = axis_in(axis, in[0].dim() + 1);
    const Tensor i = positive_indices(in[0], depth).unsqueeze(d);
    Shape shape = Shape::filled(i.dim(), 1);
    shape[static_cast<int>(d)] = depth;
    const Tensor is_on = i == arange(depth, {.dtype = int64}).reshape(shape);
    return where(is_on, values.select(0, 1), values.select(0, 0));
  };
}

Step non_zero(Node&) {
  return [](Arguments& in) { return nonzero(in[0]).t(); };
}

Step trilu(Node& n) {
  const bool upper = n.integer("upper", 1) != 0;
  return [=](Arguments& in) {
    const int64_t k = in.has(1) ? in[1].reshape({}).item<int64_t>() : 0;
    return upper ? triu(in[0], k) : tril(in[0], k);
  };
}

// The place of the first extreme, or of the last one.
auto place_of(Tensor (*find)(const Tensor&, std::optional<int64_t>, bool)) {
  return [find](Node& n) -> Step {
    const int64_t axis = n.integer("axis", 0);
    const bool keep = n.integer("keepdims", 1) != 0, last = n.integer("select_last_index", 0) != 0;
    return [=](Arguments& in) {
      const Tensor& x = in[0];
      return last ? x.size(axis) - 1 - find(x.flip({axis}), axis, keep) : find(x, axis, keep);
    };
  };
}

Step top_k(Node& n) {
  const int64_t axis = n.integer("axis", -1);
  const bool largest = n.integer("largest", 1) != 0, sorted = n.integer("sorted", 1) != 0;
  return [=](Arguments& in) {
    const auto k = in[1].reshape({}).item<int64_t>();
    auto [values, places] = topk(in[0], k, axis, largest, sorted);
    return Tensors{values, places};
  };
}

// Sums of what stands before, which may leave out the element itself, from either end.
Step cum_sum(Node& n) {
  const bool exclusive = n.integer("exclusive", 0) != 0, reverse = n.integer("reverse", 0) != 0;
  return [=](Arguments& in) {
    const int64_t axis = axis_in(in[1].reshape({}).item<int64_t>(), in[0].dim());
    Tensor x = reverse ? in[0].flip({axis}) : in[0];
    if (const int64_t size = x.size(axis); exclusive && size > 0)
      x = cat({zeros_like(x.slice(axis, 0, 1)), x.slice(axis, 0, size - 1)}, axis);
    const Tensor y = cumsum(x, axis, x.dtype());
    return reverse ? y.flip({axis}) : y;
  };
}

}  // namespace

const Operators& index_operators() {
  static const Operators operators = {
      {"Gather", {1, 2, gather_of}},
      {"GatherElements", {11, 2, gather_elements}},
      {"GatherND", {11, 2, gather_nd}},
      {"Scatter", {9, 3, scatter_elements}},
      {"ScatterElements", {11, 3, scatter_elements}},
      {"ScatterND", {11, 3, scatter_nd}},
      {"OneHot", {9, 3, one_hot_of}},
      {"NonZero", {9, 1, non_zero}},
      {"Trilu", {14, {1, 2}, trilu}},
      {"ArgMax", {1, 1, place_of(argmax)}},
      {"ArgMin", {1, 1, place_of(argmin)}},
      {"TopK", {10, 2, top_k}},
      {"CumSum", {11, 2, cum_sum}},
  };
  return operators;
}

}  // namespace rw::onnx
