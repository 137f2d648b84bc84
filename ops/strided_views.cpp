#include <algorithm>

#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/rearranging.h>
#include <rewind/ops/view_parts.h>
#include <rewind/tensor/overlap.h>
#include <rewind/tensor/wide.h>

// Views that may show one element several times: unfold and as_strided. Their adjoints add up.

namespace rw {

using namespace detail;

// --- Windows ------------------------------------------------------------------------------------

namespace {

// sums[where window i looks] += g[window i], all windows at once for each place in a window, or
// window by window where these are fewer.
void add_windows(const Tensor& sums, const Tensor& g, int d, int64_t size, int64_t step) {
  const int64_t windows = g.shape()[d];
  if (size <= windows) {
    for (int64_t k = 0; k < size; ++k) {
      const Tensor to = sums.slice(d, k, k + (windows - 1) * step + 1, step);
      add_to(to, g.select(-1, k), to);
    }
  } else {
    for (int64_t i = 0; i < windows; ++i) {
      const Tensor to = sums.narrow(d, i * step, size);
      add_to(to, movedim(g.select(d, i), -1, d), to);
    }
  }
}

// The adjoint of unfold. What overlaps is added up in the compute dtype and rounded once.
Tensor fold_windows(const Tensor& g, const Shape& shape, int d, int64_t size, int64_t step) {
  const auto windows_of = [=](const Tensor& x) { return unfold(x, d, size, step); };
  if (step >= size) return embed("unfold_backward", g, shape, windows_of);
  const profile_scope scope("unfold_backward");
  const Tensor out = [&] {
    const no_grad guard;
    const DType wide = compute_dtype(g.dtype());
    const Tensor sums = zeros(shape, wide);
    add_windows(sums, g.to(wide), d, size, step);
    return sums.to(g.dtype());
  }();
  return record("unfold_backward", out, {g},
                [=](const Tensor& gg, Needs) -> Grads { return windows_of(gg); });
}

}  // namespace

Tensor unfold(const Tensor& x, int64_t dim, int64_t size, int64_t step) {
  const profile_scope scope("unfold");
  check_defined("unfold", x);
  const int d = normalize_dim(dim, x.dim(), "unfold");
  const int64_t n = x.dim() == 0 ? 1 : x.shape()[d];
  check<ShapeError>(0 <= size && size <= n,
                    "unfold: windows of {} elements do not fit into the {} of dimension {} of "
                    "shape {}",
                    size, n, d, x.shape());
  check(step > 0, "unfold: expected a step > 0, got {}", step);
  if (x.dim() == 0) return x.reshape(1).narrow(0, 0, size);
  Shape sizes = x.shape();
  Strides strides = x.strides();
  sizes[d] = (n - size) / step + 1;
  sizes.push_back(size);
  strides.push_back(strides[d]);
  if (sizes[d] > 1) strides[d] *= step;
  return record("unfold", view_of(x, sizes, strides, x.impl()->offset), {x},
                [shape = x.shape(), d, size, step](const Tensor& g, Needs) -> Grads {
                  return fold_windows(g, shape, d, size, step);
                });
}

// --- Any strides --------------------------------------------------------------------------------

namespace {

// Elements in memory, counted from the start of the storage.
struct Geometry {
  Shape shape;
  Strides strides;
  int64_t offset;

  // The place behind the last element.
  Wide end() const {
    Wide last = offset;
    for (int d = 0; d < shape.rank(); ++d) {
      if (shape[d] == 0) return offset;
      last += Wide{shape[d] - 1} * strides[d];
    }
    return last + 1;
  }
  // Whether two elements may lie in one place.
  bool overlaps() const { return may_overlap(shape, strides); }
  Geometry moved(int64_t by) const { return {shape, strides, offset + by}; }
  Tensor of(const Tensor& t) const {
    return make_view(t, shape, strides, offset + t.impl()->offset);
  }
};

// The numbers of the places as a vector.
Tensor places(const Geometry& geometry) {
  return geometry.of(arange(static_cast<int64_t>(geometry.end()), int64)).reshape(-1);
}

// A vector of n zeros with g added where the geometry lies, which may be everywhere.
Tensor placed(const Tensor& g, int64_t n, const Geometry& geometry) {
  const profile_scope scope("as_strided_backward");
  const Tensor out = [&] {
    const no_grad guard;
    const bool overlaps = geometry.overlaps();
    Tensor zero = g.numel() == n && !overlaps ? empty(n, g.dtype()) : zeros(n, g.dtype());
    if (g.numel() == 0) return zero;
    if (overlaps) return index_add(zero, 0, places(geometry), g.reshape(-1));
    copy_into(geometry.of(zero), g);
    return zero;
  }();
  return record("as_strided_backward", out, {g}, [geometry](const Tensor& gg, Needs) -> Grads {
    const Tensor dense = gg.contiguous();
    return as_strided(dense, geometry.shape, geometry.strides,
                      geometry.offset + dense.impl()->offset);
  });
}

// The gradient of what lies as `from` by that of what is seen as `seen`. An element that several of
// x share is shared out among them evenly.
Tensor taken_back(const Tensor& g, const Geometry& from, const Geometry& seen) {
  const int64_t low = std::min(from.offset, seen.offset);
  const auto n = static_cast<int64_t>(std::max(from.end(), seen.end())) - low;
  const Geometry own = from.moved(-low);
  Tensor all = placed(g, n, seen.moved(-low));
  if (own.overlaps()) {
    const Tensor at = places(own);
    const Tensor count = index_add(zeros(n, g.dtype()), 0, at, ones(at.shape(), g.dtype()));
    all = all / clamp_min(count, 1);
  }
  return as_strided(all, own.shape, own.strides, own.offset + all.impl()->offset);
}

// Gradients of a base, or of a view that this was taken of, hold their elements alone: what leads
// beyond them is no part of them to the tape.
void forget_what_it_leaves(TensorImpl& view, const Geometry& seen) {
  const auto leaves = [&](const TensorImpl& t) {
    const Geometry whole = {t.shape, t.strides, t.offset};
    return seen.offset < whole.offset || seen.end() > whole.end();
  };
  if (view.taken_of && leaves(*view.taken_of)) view.taken_of = {};
  if (view.base && leaves(*view.base)) view.base = {};
}

// How many elements x's memory holds.
size_t held_by(const Tensor& x) { return x.impl()->storage->bytes() / x.itemsize(); }

// What a view of memory that holds so many elements shows.
Geometry seen_in(const char* op, size_t held, const Shape& size, const Strides& stride,
                 int64_t offset) {
  check<ShapeError>(size.rank() == stride.rank(),
                    "{}: expected as many strides as sizes, got {} and {}", op, stride, size);
  for (int d = 0; d < size.rank(); ++d)
    check<ShapeError>(size[d] >= 0 && stride[d] >= 0,
                      "{}: expected sizes and strides >= 0, got {} and {}", op, size, stride);
  Geometry seen = {size, stride, offset};
  check<ShapeError>(seen.offset >= 0, "{}: expected an offset >= 0, got {}", op, seen.offset);
  check<ShapeError>(seen.end() <= static_cast<Wide>(held),
                    "{}: shape {} with strides {} from {} on leaves the memory of {} elements", op,
                    size, stride, seen.offset, held);
  static_cast<void>(contiguous_strides(size));  // throws where no copy could have them
  for (int d = 0; d < size.rank(); ++d)  // where it means nothing it may be beyond all bounds
    if (size[d] <= 1 || size.numel() == 0)
      seen.strides[d] = std::min(stride[d], static_cast<int64_t>(held));
  return seen;
}

}  // namespace

Tensor as_strided(const Tensor& x, const Shape& size, const Strides& stride,
                  std::optional<int64_t> storage_offset) {
  const profile_scope scope("as_strided");
  check_defined("as_strided", x);
  const Geometry seen =
      seen_in("as_strided", held_by(x), size, stride, storage_offset.value_or(x.impl()->offset));
  const Geometry from = {x.shape(), x.strides(), x.impl()->offset};
  Tensor view = view_of(x, size, seen.strides, seen.offset);
  forget_what_it_leaves(*view.impl(), seen);
  return record("as_strided", std::move(view), {x}, [from, seen](const Tensor& g, Needs) -> Grads {
    return taken_back(g, from, seen);
  });
}

Tensor as_strided_scatter(const Tensor& x, const Tensor& src, const Shape& size,
                          const Strides& stride, std::optional<int64_t> storage_offset) {
  const char* const op = "as_strided_scatter";
  const profile_scope scope(op);
  check_defined(op, x, src, "source");
  // What shares elements is taken as a contiguous copy of it.
  const bool shares = may_overlap(x.shape(), x.strides());
  const Geometry own = shares ? Geometry{x.shape(), contiguous_strides(x.shape()), 0}
                              : Geometry{x.shape(), x.strides(), x.impl()->offset};
  const size_t held = shares ? static_cast<size_t>(x.numel()) : held_by(x);
  const Geometry seen = seen_in(op, held, size, stride, storage_offset.value_or(x.impl()->offset));
  check<ShapeError>(!seen.overlaps(), "{}: shape {} with strides {} shows elements several times",
                    op, size, stride);
  check<ShapeError>(src.shape() == size, "{}: expected a source of shape {}, got {}", op, size,
                    src.shape());
  const int64_t low = std::min(own.offset, seen.offset);
  const auto n = static_cast<int64_t>(std::max(own.end(), seen.end())) - low;
  const Tensor all = placed(x, n, own.moved(-low));
  const auto part_of_all = [&](const Geometry& part) {
    return as_strided(all, part.shape, part.strides, part.offset - low + all.impl()->offset);
  };
  part_of_all(seen).copy_(src);
  return part_of_all(own);
}

}  // namespace rw
