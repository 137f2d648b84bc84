#include <rewind/ops/rearranging.h>

#include <algorithm>
#include <utility>

#include <rewind/autograd/traced.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/wide.h>

namespace rw {

using namespace detail;

namespace {

// Copies elements of one dtype between places that the strides give, which may be negative.
void copy_elements(DType dtype, const Shape& shape, const kernels::Operand& x,
                   const kernels::Operand& y) {
  if (shape.numel() > 0) kernels::copy(dtype, dtype, shape, x, y);
}

char* element_of(const Tensor& t, int64_t offset) {
  return static_cast<char*>(t.raw_data()) + offset * static_cast<int64_t>(t.itemsize());
}

}  // namespace

// --- Other order --------------------------------------------------------------------------------

Tensor flip(const Tensor& x, const Dims& dims) {
  const profile_scope scope("flip");
  check_defined("flip", x);
  Strides backwards = x.strides();
  Dims seen = Dims::filled(std::max(x.dim(), 1), 0);
  int64_t first = 0;
  for (const int64_t dim : dims) {
    const int d = normalize_dim(dim, x.dim(), "flip");
    check<ShapeError>(seen[d]++ == 0, "flip: dimension {} appears twice in {}", d, dims);
    if (d >= x.dim()) continue;
    first += (x.shape()[d] - 1) * backwards[d];
    backwards[d] = -backwards[d];
  }
  const Tensor out = make_tensor(x.shape(), dense_strides_like(x), x.dtype());
  if (x.numel() > 0)
    copy_elements(x.dtype(), x.shape(), {element_of(x, first), backwards},
                  operand(out, out.shape()));
  return traced(
      "flip",
      record("flip", out, {x}, [dims](const Tensor& g, Needs) -> Grads { return flip(g, dims); }),
      {x}, [&] {
        return Attributes{{"dims", dims}};
      });
}

Tensor fliplr(const Tensor& x) {
  check_defined("fliplr", x);
  check<ShapeError>(x.dim() >= 2, "fliplr: expected at least 2 dimensions, got shape {}",
                    x.shape());
  return flip(x, 1);
}

Tensor flipud(const Tensor& x) {
  check_defined("flipud", x);
  check<ShapeError>(x.dim() >= 1, "flipud: expected at least 1 dimension, got shape {}", x.shape());
  return flip(x, 0);
}

namespace {

// How far each dimension is moved on, within its size.
Shape places_to_move(const Tensor& x, const Shape& shifts, const Dims& dims) {
  Shape moves = Shape::filled(x.dim(), 0);
  for (int i = 0; i < dims.rank(); ++i) {
    const int d = normalize_dim(dims[i], x.dim(), "roll");
    if (d >= x.dim() || x.shape()[d] == 0) continue;
    const int64_t n = x.shape()[d], move = (shifts[i] % n + n) % n;
    moves[d] = (moves[d] + move) % n;
  }
  return moves;
}

// Copies the blocks that dimensions from d on are cut into where their ends meet.
void copy_rolled(const Tensor& x, const Tensor& out, const Shape& moves, Shape block, int64_t from,
                 int64_t to, int d) {
  while (d < x.dim() && moves[d] == 0) ++d;
  if (d == x.dim())
    return copy_elements(x.dtype(), block, {element_of(x, from), x.strides()},
                         {element_of(out, to), out.strides()});
  const int64_t n = x.shape()[d], move = moves[d];
  block[d] = n - move;
  copy_rolled(x, out, moves, block, from, to + move * out.strides()[d], d + 1);
  block[d] = move;
  copy_rolled(x, out, moves, block, from + (n - move) * x.strides()[d], to, d + 1);
}

}  // namespace

Tensor roll(const Tensor& x, const Shape& shifts, const Dims& dims) {
  const profile_scope scope("roll");
  check_defined("roll", x);
  check<ShapeError>(shifts.rank() > 0, "roll: expected at least one shift");
  if (dims.empty() && shifts.rank() == 1) return roll(x.flatten(), shifts, 0).view(x.shape());
  check<ShapeError>(x.dim() > 0 || dims.empty(), "roll: a tensor of rank 0 has no dimension {}",
                    dims);
  check<ShapeError>(shifts.rank() == dims.rank(),
                    "roll: expected as many shifts as dimensions, got {} and {}", shifts, dims);
  const Shape moves = places_to_move(x, shifts, dims);
  const Tensor out = make_tensor(x.shape(), dense_strides_like(x), x.dtype());
  if (x.numel() > 0) copy_rolled(x, out, moves, x.shape(), 0, 0, 0);
  const auto pullback = [moves](const Tensor& g, Needs) -> Grads {
    Shape back = moves, all = moves;
    for (int d = 0; d < moves.rank(); ++d) {
      back[d] = -moves[d];
      all[d] = d;
    }
    return moves.empty() ? g : roll(g, back, all);
  };
  return traced("roll", record("roll", out, {x}, pullback), {x}, [&] {
    return Attributes{{"moves", moves}};
  });
}

Tensor rot90(const Tensor& x, int64_t k, const Dims& dims) {
  check_defined("rot90", x);
  check<ShapeError>(dims.rank() == 2, "rot90: expected two dimensions, got {}", dims);
  check<ShapeError>(x.dim() >= 2, "rot90: expected at least 2 dimensions, got shape {}", x.shape());
  const int a = normalize_dim(dims[0], x.dim(), "rot90");
  const int b = normalize_dim(dims[1], x.dim(), "rot90");
  check<ShapeError>(a != b, "rot90: expected two different dimensions, got {}", dims);
  switch ((k % 4 + 4) % 4) {
    case 1:
      return flip(x, b).transpose(a, b);
    case 2:
      return flip(x, {a, b});
    case 3:
      return flip(x, a).transpose(a, b);
    default:
      return x.clone(MemoryFormat::contiguous);
  }
}

Tensor movedim(const Tensor& x, const Dims& source, const Dims& destination) {
  check_defined("movedim", x);
  check<ShapeError>(source.rank() == destination.rank(),
                    "movedim: expected as many sources as destinations, got {} and {}", source,
                    destination);
  Dims order = Dims::filled(x.dim(), -1), taken = Dims::filled(std::max(x.dim(), 1), 0);
  for (int i = 0; i < source.rank(); ++i) {
    const int from = normalize_dim(source[i], x.dim(), "movedim");
    const int to = normalize_dim(destination[i], x.dim(), "movedim");
    if (x.dim() == 0) continue;
    check<ShapeError>(taken[from]++ == 0, "movedim: source {} appears twice in {}", from, source);
    check<ShapeError>(order[to] < 0, "movedim: destination {} appears twice in {}", to,
                      destination);
    order[to] = from;
  }
  int next = 0;
  for (int64_t& place : order) {
    if (place >= 0) continue;
    while (taken[next]) ++next;
    place = next++;
  }
  return x.permute(order);
}

Tensor moveaxis(const Tensor& x, const Dims& source, const Dims& destination) {
  return movedim(x, source, destination);
}
Tensor swapaxes(const Tensor& x, int64_t dim0, int64_t dim1) { return x.transpose(dim0, dim1); }
Tensor swapdims(const Tensor& x, int64_t dim0, int64_t dim1) { return x.transpose(dim0, dim1); }

// --- Repeated -----------------------------------------------------------------------------------

namespace {

// x in a new tensor of a shape that has two dimensions for each that is repeated: how often, and
// its own.
struct Repeated {
  Shape result;      // as it is asked for
  Shape split;       // the same, taken apart
  Strides strides;   // of x in `split`: 0 where it is repeated
  Dims repeated;     // dimensions of `split` that x does not have
  bool fits = true;  // `split` has no more dimensions than there can be

  Repeated(const Tensor& x, const Shape& repeats) {
    const int extra = repeats.rank() - x.dim();
    for (int d = 0; d < repeats.rank(); ++d) {
      const int64_t n = d < extra ? 1 : x.shape()[d - extra];
      result.push_back(to_size("repeat", Wide{n} * repeats[d], "a dimension"));
      if (repeats[d] != 1) add(repeats[d], 0, true);
      if (n != 1 || repeats[d] == 1) add(n, d < extra ? 0 : x.strides()[d - extra], false);
    }
  }

 private:
  void add(int64_t size, int64_t stride, bool again) {
    fits &= split.rank() < Shape::max_rank;
    if (!fits) return;
    if (again) repeated.push_back(split.rank());
    split.push_back(size);
    strides.push_back(stride);
  }
};

// One dimension after the other, as rows of a matrix: with all at once there are too many.
Tensor repeated_by_dims(const Tensor& x, const Shape& repeats) {
  Shape shape = x.shape();
  while (shape.rank() < repeats.rank()) shape.insert(0, 1);
  Tensor y = x;
  for (int d = 0; d < shape.rank(); ++d) {
    if (repeats[d] == 1) continue;
    int64_t outer = 1, inner = 1;
    for (int k = 0; k < shape.rank(); ++k) (k < d ? outer : inner) *= shape[k];
    shape[d] *= repeats[d];
    y = repeat(y.reshape({outer, inner}), {1, repeats[d]}).reshape(shape);
  }
  return y.reshape(shape);
}

}  // namespace

// The gradient is the sum over all places that an element was repeated to.
Tensor repeat(const Tensor& x, const Shape& repeats) {
  const profile_scope scope("repeat");
  check_defined("repeat", x);
  check<ShapeError>(repeats.rank() >= x.dim(),
                    "repeat: expected a number for each dimension of shape {}, got {}", x.shape(),
                    repeats);
  for (const int64_t n : repeats)
    check<ShapeError>(n >= 0, "repeat: a dimension can't be repeated {} times, as in {}", n,
                      repeats);
  const Repeated r(x, repeats);
  check_allocatable("repeat", r.result, x.dtype());
  if (!r.fits) return repeated_by_dims(x, repeats);
  const Tensor out = make_tensor(r.result, x.dtype());
  copy_elements(x.dtype(), r.split, {x.raw_data(), r.strides},
                {out.raw_data(), contiguous_strides(r.split)});
  return record(
      "repeat", out, {x},
      [shape = x.shape(), split = r.split, repeated = r.repeated](const Tensor& g, Needs) -> Grads {
        const Tensor all = g.reshape(split);
        return (repeated.empty() ? all : sum(all, repeated)).reshape(shape);
      });
}

Tensor tile(const Tensor& x, const Shape& reps) {
  check_defined("tile", x);
  Shape repeats = reps;
  while (repeats.rank() < x.dim()) repeats.insert(0, 1);
  return repeat(x, repeats);
}

Tensor repeat_interleave(const Tensor& x, int64_t repeats, std::optional<int64_t> dim) {
  const profile_scope scope("repeat_interleave");
  check_defined("repeat_interleave", x);
  check(repeats >= 0, "repeat_interleave: expected repeats >= 0, got {}", repeats);
  if (!dim || x.dim() == 0) {
    if (dim) normalize_dim(*dim, 0, "repeat_interleave");
    const Tensor flat = x.flatten();
    return repeat_interleave(flat, repeats, 0);
  }
  const int d = normalize_dim(*dim, x.dim(), "repeat_interleave");
  Shape shape = x.shape(), split = x.shape();
  Strides strides = x.strides();
  shape[d] = to_size("repeat_interleave", Wide{shape[d]} * repeats, "a dimension");
  if (x.dim() == Shape::max_rank) {  // two of the other dimensions as one
    const bool front = d >= 2;
    return repeat_interleave(front ? x.flatten(0, 1) : x.flatten(-2, -1), repeats,
                             front ? d - 1 : d)
        .reshape(shape);
  }
  check_allocatable("repeat_interleave", shape, x.dtype());
  split.insert(d + 1, repeats);
  strides.insert(d + 1, 0);
  const Tensor out = make_tensor(shape, x.dtype());
  copy_elements(x.dtype(), split, {x.raw_data(), strides},
                {out.raw_data(), contiguous_strides(split)});
  return record("repeat_interleave", out, {x}, [split, d](const Tensor& g, Needs) -> Grads {
    return sum(g.reshape(split), d + 1);
  });
}

namespace {

// 0 counts[0] times, 1 counts[1] times, …
Tensor numbers_repeated(const Tensor& counts) {
  const Tensor dense = counts.to(int64).contiguous();
  const auto* count = static_cast<const int64_t*>(dense.raw_data());
  Wide total = 0;
  for (int64_t i = 0; i < dense.numel(); ++i) {
    check(count[i] >= 0, "repeat_interleave: expected repeats >= 0, got {}", count[i]);
    total += count[i];
  }
  const Shape shape = to_size("repeat_interleave", total, "a result");
  check_allocatable("repeat_interleave", shape, int64);
  Tensor out = empty(shape, int64);
  auto* to = out.data<int64_t>();
  for (int64_t i = 0; i < dense.numel(); ++i) to = std::fill_n(to, count[i], i);
  return out;
}

void check_repeats(const Tensor& repeats) {
  check(repeats.defined(), "repeat_interleave: the repeats are undefined");
  check<DTypeError>(repeats.dtype() == int64 || repeats.dtype() == int32,
                    "repeat_interleave: expected repeats of int64 or int32, got {}",
                    repeats.dtype());
  check<ShapeError>(repeats.dim() <= 1,
                    "repeat_interleave: expected repeats as a vector, got shape {}",
                    repeats.shape());
}

}  // namespace

Tensor repeat_interleave(const Tensor& repeats) {
  const profile_scope scope("repeat_interleave");
  check_repeats(repeats);
  check<ShapeError>(repeats.dim() == 1,
                    "repeat_interleave: expected repeats as a vector, got shape {}",
                    repeats.shape());
  return numbers_repeated(repeats).to(repeats.dtype());
}

Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, std::optional<int64_t> dim) {
  check_defined("repeat_interleave", x);
  check_repeats(repeats);
  const Tensor along = dim && x.dim() > 0 ? x : x.flatten();
  const int d =
      normalize_dim(dim.value_or(0), x.dim() == 0 || !dim ? 1 : x.dim(), "repeat_interleave");
  if (repeats.numel() == 1) return repeat_interleave(along, repeats.item<int64_t>(), d);
  check<ShapeError>(repeats.dim() == 1 && repeats.numel() == along.shape()[d],
                    "repeat_interleave: expected a number for each of {} slices along dimension "
                    "{}, got {}",
                    along.shape()[d], d, repeats.numel());
  return index_select(along, d, numbers_repeated(repeats));
}

// --- Other sizes --------------------------------------------------------------------------------

Tensor ravel(const Tensor& x) {
  check_defined("ravel", x);
  return x.reshape(-1);
}

Tensor squeeze(const Tensor& x, const Dims& dims) {
  check_defined("squeeze", x);
  Dims chosen = Dims::filled(std::max(x.dim(), 1), 0);
  for (const int64_t dim : dims) {
    const int d = normalize_dim(dim, x.dim(), "squeeze");
    check<ShapeError>(chosen[d]++ == 0, "squeeze: dimension {} appears twice in {}", d, dims);
  }
  Tensor y = x;
  for (int d = x.dim() - 1; d >= 0; --d)
    if (chosen[d] && x.shape()[d] == 1) y = y.squeeze(d);
  return y.is_same(x) ? x.view(x.shape()) : y;
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  check_defined("broadcast_to", x);
  return x.expand(shape);
}

std::vector<Tensor> broadcast_tensors(const std::vector<Tensor>& tensors) {
  Shape shape;
  for (size_t i = 0; i < tensors.size(); ++i) {
    check(tensors[i].defined(), "broadcast_tensors: tensor {} is undefined", i);
    shape = broadcast_shapes(shape, tensors[i].shape(), "broadcast_tensors");
  }
  std::vector<Tensor> expanded;
  expanded.reserve(tensors.size());
  for (const Tensor& t : tensors) expanded.push_back(t.expand(shape));
  return expanded;
}

Tensor atleast_1d(const Tensor& x) {
  check_defined("atleast_1d", x);
  return x.dim() == 0 ? x.reshape(1) : x;
}
Tensor atleast_2d(const Tensor& x) {
  check_defined("atleast_2d", x);
  if (x.dim() == 0) return x.reshape({1, 1});
  return x.dim() == 1 ? x.unsqueeze(0) : x;
}
Tensor atleast_3d(const Tensor& x) {
  check_defined("atleast_3d", x);
  if (x.dim() == 0) return x.reshape({1, 1, 1});
  if (x.dim() == 1) return x.unsqueeze(0).unsqueeze(-1);
  return x.dim() == 2 ? x.unsqueeze(-1) : x;
}

namespace {

std::vector<Tensor> each(const std::vector<Tensor>& tensors, Tensor (*f)(const Tensor&)) {
  std::vector<Tensor> results;
  results.reserve(tensors.size());
  for (const Tensor& t : tensors) results.push_back(f(t));
  return results;
}

}  // namespace

std::vector<Tensor> atleast_1d(const std::vector<Tensor>& tensors) {
  return each(tensors, atleast_1d);
}
std::vector<Tensor> atleast_2d(const std::vector<Tensor>& tensors) {
  return each(tensors, atleast_2d);
}
std::vector<Tensor> atleast_3d(const std::vector<Tensor>& tensors) {
  return each(tensors, atleast_3d);
}

}  // namespace rw
