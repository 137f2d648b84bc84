#include <algorithm>
#include <optional>
#include <utility>

#include <rewind/autograd/traced.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/view_parts.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/wide.h>

// Tensor's views: the same memory under other sizes and strides. Gradients go back through views
// as well, or through `embed` where a view leaves elements out.

namespace rw {

using namespace detail;

int detail::cut_dim(const char* op, const Tensor& x, int64_t dim) {
  check_defined(op, x);
  check<ShapeError>(x.dim() > 0, "{}: a tensor of rank 0 has no dimension to take apart", op);
  return normalize_dim(dim, x.dim(), op);
}

namespace {

// --- Sizes --------------------------------------------------------------------------------------

// `shape` with -1 replaced by what makes it hold `numel` elements.
Shape infer_size(const char* op, Shape shape, const Shape& from) {
  const int64_t numel = from.numel();
  int64_t* inferred = nullptr;
  int64_t known = 1;
  bool fits = true;
  for (int64_t& n : shape) {
    if (n == -1) {
      check<ShapeError>(!inferred, "{}: only one size can be -1, got {}", op, shape);
      inferred = &n;
    } else {
      fits &= n >= 0 && !__builtin_mul_overflow(known, n, &known);
    }
  }
  if (inferred && fits) {
    fits = known > 0 && numel % known == 0;
    if (fits) *inferred = numel / known;
  } else {
    fits &= known == numel;
  }
  check<ShapeError>(fits, "{}: shape {} holds {} elements, which do not make {}", op, from, numel,
                    shape);
  return shape;
}

// Strides that show the elements of x, in the same order, as `shape`; none when a dimension of
// `shape` would have to span dimensions of x that memory does not walk evenly.
std::optional<Strides> view_strides(const Tensor& x, const Shape& shape) {
  if (x.numel() == 0 || x.dim() == 0) return contiguous_strides(shape);
  Strides out = shape;
  int v = shape.rank() - 1;
  int64_t step = x.strides().back(), run = 1, covered = 1;
  for (int d = x.dim() - 1; d >= 0; --d) {
    run *= x.shape()[d];
    const bool goes_on = d > 0 && (x.shape()[d - 1] == 1 || x.strides()[d - 1] == run * step);
    if (goes_on) continue;
    for (; v >= 0 && (covered < run || shape[v] == 1); --v) {
      out[v] = covered * step;
      covered *= shape[v];
    }
    if (covered != run) return std::nullopt;
    if (d > 0) step = x.strides()[d - 1];
    run = covered = 1;
  }
  return out;
}

}  // namespace

Tensor detail::view_of(const Tensor& x, const Shape& shape, const Strides& strides,
                       int64_t offset) {
  Tensor view = make_view(x, shape, strides, offset);
  const TensorImpl& from = *x.impl();
  if (is_grad_enabled()) view.impl()->base = from.is_view ? from.base : x.ref();
  if (is_grad_enabled() && from.is_view && from.node) view.impl()->taken_of = x.ref();
  view.impl()->is_piece = from.is_piece;
  return view;
}

namespace {

// One of several views that share a node.
Tensor piece_of(const Tensor& x, const Shape& shape, const Strides& strides, int64_t offset) {
  Tensor piece = view_of(x, shape, strides, offset);
  piece.impl()->is_piece = true;
  return piece;
}

// A view that keeps all elements and their order.
Tensor view_with(const char* name, const Tensor& x, const Shape& shape, const Strides& strides) {
  const profile_scope scope(name);
  return record(name, view_of(x, shape, strides, x.impl()->offset), {x},
                [shape = x.shape()](const Tensor& g, Needs) -> Grads { return g.reshape(shape); });
}

// --- Taking the gradient back -------------------------------------------------------------------

// Gradients of pieces that were cut from `shape`; zeros where none arrived.
template <class PieceShape>
std::vector<Tensor> fill_in(std::span<const Tensor> grads, DType dtype, PieceShape piece_shape) {
  std::vector<Tensor> all(grads.begin(), grads.end());
  for (size_t i = 0; i < all.size(); ++i)
    if (!all[i].defined()) all[i] = zeros(piece_shape(i), dtype);
  return all;
}

}  // namespace

// --- Other sizes --------------------------------------------------------------------------------

Tensor Tensor::view(const Shape& wanted) const {
  check_defined("view", *this);
  const Shape sizes = infer_size("view", wanted, shape());
  const auto strides = view_strides(*this, sizes);
  check<ShapeError>(strides.has_value(),
                    "view: shape {} with strides {} can't be seen as {} without a copy; use "
                    "reshape()",
                    shape(), this->strides(), sizes);
  return view_with("view", *this, sizes, *strides);
}

Tensor Tensor::reshape(const Shape& wanted) const {
  check_defined("reshape", *this);
  const Shape sizes = infer_size("reshape", wanted, shape());
  if (const auto strides = view_strides(*this, sizes))
    return view_with("reshape", *this, sizes, *strides);
  const profile_scope scope("reshape");
  Tensor out = make_tensor(sizes, dtype());
  copy_into(make_view(out, shape(), contiguous_strides(shape()), 0), *this);
  const bool channels_last = is_contiguous(MemoryFormat::channels_last);
  return record("reshape", out, {*this},
                [shape = shape(), channels_last](const Tensor& g, Needs) -> Grads {
                  const Tensor back = g.reshape(shape);
                  return channels_last ? back.contiguous(MemoryFormat::channels_last) : back;
                });
}

Tensor Tensor::flatten(int64_t start_dim, int64_t end_dim) const {
  check_defined("flatten", *this);
  const int start = normalize_dim(start_dim, dim(), "flatten");
  const int end = normalize_dim(end_dim, dim(), "flatten");
  check<ShapeError>(start <= end, "flatten: dimension {} comes after dimension {} of shape {}",
                    start_dim, end_dim, shape());
  if (dim() == 0) return reshape({1});
  Shape sizes;
  for (int d = 0; d < dim(); ++d) {
    if (d <= start || d > end)
      sizes.push_back(shape()[d]);
    else
      sizes[start] = to_size("flatten", Wide{sizes[start]} * shape()[d], "a dimension");
  }
  return reshape(sizes);
}

Tensor Tensor::unflatten(int64_t dim, const Shape& sizes) const {
  const int d = cut_dim("unflatten", *this, dim);
  const Shape inner = infer_size("unflatten", sizes, shape()[d]);
  Shape outer = shape();
  outer.erase(d);
  for (int i = 0; i < inner.rank(); ++i) outer.insert(d + i, inner[i]);
  return view(outer);
}

Tensor Tensor::squeeze() const {
  check_defined("squeeze", *this);
  Shape sizes, steps;
  for (int d = 0; d < dim(); ++d) {
    if (shape()[d] == 1) continue;
    sizes.push_back(shape()[d]);
    steps.push_back(strides()[d]);
  }
  return view_with("squeeze", *this, sizes, steps);
}

Tensor Tensor::squeeze(int64_t dim) const {
  check_defined("squeeze", *this);
  const int d = normalize_dim(dim, this->dim(), "squeeze");
  Shape sizes = shape(), steps = strides();
  if (d < this->dim() && sizes[d] == 1) {
    sizes.erase(d);
    steps.erase(d);
  }
  return view_with("squeeze", *this, sizes, steps);
}

Tensor Tensor::unsqueeze(int64_t dim) const {
  check_defined("unsqueeze", *this);
  const int d = normalize_dim(dim, this->dim() + 1, "unsqueeze");
  Shape sizes = shape(), steps = strides();
  steps.insert(d, d < this->dim() ? sizes[d] * steps[d] : 1);
  sizes.insert(d, 1);
  return view_with("unsqueeze", *this, sizes, steps);
}

// --- Other order --------------------------------------------------------------------------------

Tensor Tensor::transpose(int64_t dim0, int64_t dim1) const {
  const profile_scope scope("transpose");
  check_defined("transpose", *this);
  const int a = normalize_dim(dim0, dim(), "transpose");
  const int b = normalize_dim(dim1, dim(), "transpose");
  Shape sizes = shape(), steps = strides();
  std::swap(sizes[a], sizes[b]);
  std::swap(steps[a], steps[b]);
  return traced("transpose",
                record("transpose", view_of(*this, sizes, steps, impl_->offset), {*this},
                       [a, b](const Tensor& g, Needs) -> Grads { return g.transpose(a, b); }),
                {*this}, [=] {
                  return Attributes{{"a", a}, {"b", b}};
                });
}

Tensor Tensor::t() const {
  check_defined("t", *this);
  check<ShapeError>(dim() <= 2, "t: expected at most 2 dimensions, got shape {}", shape());
  return transpose(0, dim() < 2 ? 0 : 1);
}

Tensor Tensor::mT() const {
  check_defined("mT", *this);
  check<ShapeError>(dim() >= 2, "mT: expected at least 2 dimensions, got shape {}", shape());
  return transpose(-2, -1);
}

Tensor Tensor::permute(const Dims& dims) const {
  const profile_scope scope("permute");
  check_defined("permute", *this);
  check<ShapeError>(dims.rank() == dim(), "permute: expected {} dimensions for shape {}, got {}",
                    dim(), shape(), dims);
  Shape sizes = dims, steps = dims;
  Dims inverse = Dims::filled(dim(), -1);
  for (int i = 0; i < dim(); ++i) {
    const int d = normalize_dim(dims[i], dim(), "permute");
    check<ShapeError>(inverse[d] < 0, "permute: dimension {} appears twice in {}", d, dims);
    inverse[d] = i;
    sizes[i] = shape()[d];
    steps[i] = strides()[d];
  }
  return traced("permute",
                record("permute", view_of(*this, sizes, steps, impl_->offset), {*this},
                       [inverse](const Tensor& g, Needs) -> Grads { return g.permute(inverse); }),
                {*this}, [&] {
                  return Attributes{{"inverse", inverse}};
                });
}

// The gradient is summed over the dimensions that were expanded by the engine, as for any op that
// broadcasts.
Tensor Tensor::expand(const Shape& wanted) const {
  const profile_scope scope("expand");
  check_defined("expand", *this);
  const int extra = wanted.rank() - dim();
  check<ShapeError>(extra >= 0, "expand: shape {} has more dimensions than {}", shape(), wanted);
  Shape sizes = wanted;
  Strides steps = Strides::filled(wanted.rank(), 0);
  for (int d = 0; d < wanted.rank(); ++d) {
    const int64_t own = d < extra ? 1 : shape()[d - extra];
    if (sizes[d] == -1 && d >= extra) sizes[d] = own;
    check<ShapeError>(sizes[d] >= 0 && (sizes[d] == own || own == 1),
                      "expand: shape {} does not expand to {} (dimension {})", shape(), wanted, d);
    if (d >= extra && sizes[d] == own) steps[d] = strides()[d - extra];
  }
  static_cast<void>(contiguous_strides(sizes));  // throws where no copy could have them
  return record("expand", view_of(*this, sizes, steps, impl_->offset), {*this},
                [](const Tensor& g, Needs) -> Grads { return g; });
}

Tensor Tensor::expand_as(const Tensor& other) const {
  check_defined("expand_as", *this, other);
  return expand(other.shape());
}

// --- Parts --------------------------------------------------------------------------------------

Selection Tensor::select(int64_t dim, int64_t index) const {
  const profile_scope scope("select");
  const int d = cut_dim("select", *this, dim);
  const int64_t size = shape()[d];
  check<IndexError>(-size <= index && index < size,
                    "select: index {} is out of range for dimension {} of shape {}", index, d,
                    shape());
  const int64_t i = index < 0 ? index + size : index;
  Shape sizes = shape(), steps = strides();
  sizes.erase(d);
  steps.erase(d);
  Tensor view = view_of(*this, sizes, steps, impl_->offset + i * strides()[d]);
  return Selection(traced("select",
                          record("select", std::move(view), {*this},
                                 [shape = shape(), d, i](const Tensor& g, Needs) -> Grads {
                                   return embed("select_backward", g, shape,
                                                [d, i](const Tensor& x) { return x.select(d, i); });
                                 }),
                          {*this}, [=] {
                            return Attributes{{"dim", d}, {"index", i}};
                          }));
}

Selection Tensor::slice(int64_t dim, int64_t start, int64_t stop, int64_t step) const {
  const profile_scope scope("slice");
  const int d = cut_dim("slice", *this, dim);
  check(step > 0, "slice: expected a step > 0, got {}", step);
  const int64_t size = shape()[d];
  const auto clamped = [size](int64_t i) {
    return std::clamp<int64_t>(i < 0 ? i + size : i, 0, size);
  };
  const int64_t first = clamped(start), last = std::max(first, clamped(stop));
  Shape sizes = shape(), steps = strides();
  sizes[d] = (last - first) / step + ((last - first) % step != 0);
  if (sizes[d] > 1) steps[d] *= step;
  Tensor view = view_of(*this, sizes, steps, impl_->offset + first * strides()[d]);
  return Selection(
      traced("slice",
             record("slice", std::move(view), {*this},
                    [shape = shape(), d, first, last, step](const Tensor& g, Needs) -> Grads {
                      return embed("slice_backward", g, shape,
                                   [=](const Tensor& x) { return x.slice(d, first, last, step); });
                    }),
             {*this}, [=] {
               return Attributes{{"dim", d}, {"start", first}, {"stop", last}, {"step", step}};
             }));
}

Selection Tensor::narrow(int64_t dim, int64_t start, int64_t length) const {
  const int d = cut_dim("narrow", *this, dim);
  const int64_t size = shape()[d], first = start < 0 ? start + size : start;
  check<IndexError>(0 <= first && first <= size && 0 <= length && length <= size - first,
                    "narrow: {} elements from {} on exceed dimension {} of shape {}", length, start,
                    d, shape());
  return slice(d, first, first + length);
}

Tensor Tensor::diagonal(int64_t offset, int64_t dim1, int64_t dim2) const {
  const profile_scope scope("diagonal");
  check_defined("diagonal", *this);
  check<ShapeError>(dim() >= 2, "diagonal: expected at least 2 dimensions, got shape {}", shape());
  const int a = normalize_dim(dim1, dim(), "diagonal"), b = normalize_dim(dim2, dim(), "diagonal");
  check<ShapeError>(a != b, "diagonal: expected two different dimensions, got {} and {}", dim1,
                    dim2);
  const int64_t rows = shape()[a], columns = shape()[b];
  const int64_t down = std::clamp<int64_t>(offset, -rows, 0) * -1;
  const int64_t right = std::clamp<int64_t>(offset, 0, columns);
  Shape sizes = shape(), steps = strides();
  for (const int d : {std::max(a, b), std::min(a, b)}) {
    sizes.erase(d);
    steps.erase(d);
  }
  sizes.push_back(std::min(rows - down, columns - right));
  steps.push_back(strides()[a] + strides()[b]);
  // An empty diagonal starts nowhere.
  const int64_t start = sizes.back() ? down * strides()[a] + right * strides()[b] : 0;
  return record("diagonal", view_of(*this, sizes, steps, impl_->offset + start), {*this},
                [shape = shape(), offset, a, b](const Tensor& g, Needs) -> Grads {
                  return embed("diagonal_backward", g, shape,
                               [=](const Tensor& x) { return x.diagonal(offset, a, b); });
                });
}

// Each piece is a tensor of its own. More of them than this are a mistake, which would take all
// memory before it shows.
void check_pieces(const char* op, const Tensor& x, int64_t pieces) {
  constexpr int64_t most = 1 << 24;
  check<ShapeError>(pieces <= most, "{}: {} pieces of a tensor of shape {} are more than {}", op,
                    pieces, x.shape(), most);
}

// One node for all pieces, whose gradients are joined again: linear in the whole.
std::vector<Tensor> Tensor::split(const std::vector<int64_t>& sizes, int64_t dim) const {
  const profile_scope scope("split");
  const int d = cut_dim("split", *this, dim);
  Wide total = 0;
  for (const int64_t n : sizes) {
    check<ShapeError>(n >= 0, "split: a piece can't have size {}", n);
    total += n;
  }
  check<ShapeError>(!sizes.empty() && total == shape()[d],
                    "split: the sizes add up to {}, dimension {} of shape {} has {}", total, d,
                    shape(), shape()[d]);
  std::vector<Tensor> pieces;
  pieces.reserve(sizes.size());
  Shape piece = shape();
  int64_t offset = impl_->offset;
  for (const int64_t n : sizes) {
    piece[d] = n;
    pieces.push_back(piece_of(*this, piece, strides(), offset));
    offset += n * strides()[d];
  }
  pieces = record(
      "split", std::move(pieces), {*this},
      [shape = shape(), dtype = dtype(), sizes, d](std::span<const Tensor> grads, Needs) -> Grads {
        return cat(fill_in(grads, dtype,
                           [&](size_t i) {
                             Shape s = shape;
                             s[d] = sizes[i];
                             return s;
                           }),
                   d);
      });
  enter("split", {*this}, pieces, [&] { return Attributes{{"dim", d}, {"sizes", sizes}}; });
  return pieces;
}

std::vector<Tensor> Tensor::split(int64_t size, int64_t dim) const {
  const int d = cut_dim("split", *this, dim);
  const int64_t n = shape()[d];
  check<ShapeError>(size > 0 || (size == 0 && n == 0), "split: expected a size > 0, got {}", size);
  if (size > 0) check_pieces("split", *this, n / size);
  std::vector<int64_t> sizes;
  for (int64_t left = n; left > 0; left -= size) sizes.push_back(std::min(size, left));
  if (n == 0) sizes.push_back(0);
  return split(sizes, d);
}

std::vector<Tensor> Tensor::chunk(int64_t chunks, int64_t dim) const {
  const int d = cut_dim("chunk", *this, dim);
  check<ShapeError>(chunks > 0, "chunk: expected chunks > 0, got {}", chunks);
  const int64_t n = shape()[d];
  if (n == 0) check_pieces("chunk", *this, chunks);
  if (n == 0) return split(std::vector<int64_t>(static_cast<size_t>(chunks), 0), d);
  return split(n / chunks + (n % chunks != 0), d);
}

std::vector<Tensor> Tensor::unbind(int64_t dim) const {
  const profile_scope scope("unbind");
  const int d = cut_dim("unbind", *this, dim);
  Shape piece = shape(), steps = strides();
  piece.erase(d);
  steps.erase(d);
  check_pieces("unbind", *this, shape()[d]);
  std::vector<Tensor> pieces;
  pieces.reserve(static_cast<size_t>(shape()[d]));
  for (int64_t i = 0; i < shape()[d]; ++i)
    pieces.push_back(piece_of(*this, piece, steps, impl_->offset + i * strides()[d]));
  pieces = record("unbind", std::move(pieces), {*this},
                  [piece, dtype = dtype(), d](std::span<const Tensor> grads, Needs) -> Grads {
                    return stack(fill_in(grads, dtype, [&](size_t) { return piece; }), d);
                  });
  enter("unbind", {*this}, pieces, [d] { return Attributes{{"dim", d}}; });
  return pieces;
}

}  // namespace rw
