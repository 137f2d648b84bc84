#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/tensor/accessor.h>
#include <rewind/tensor/dtype.h>
#include <rewind/tensor/error.h>
#include <rewind/tensor/index.h>
#include <rewind/tensor/options.h>
#include <rewind/tensor/ref.h>
#include <rewind/tensor/shape.h>
#include <rewind/tensor/storage.h>

#pragma GCC visibility push(default)

/// Everything lives in `rw`. `rewind::` works as well, through an alias that is found by
/// using-directive: C's <stdio.h> owns the global name `rewind`, a function.
namespace rw {}
namespace rw_names {
namespace rewind = ::rw;
}
using namespace rw_names;

namespace rw {

/// PyTorch's other names of pointwise functions, each with the one that counts.
#define REWIND_ALIASES(_) \
  _(absolute, abs)        \
  _(arccos, acos)         \
  _(arccosh, acosh)       \
  _(arcsin, asin)         \
  _(arcsinh, asinh)       \
  _(arctan, atan)         \
  _(arctan2, atan2)       \
  _(arctanh, atanh)       \
  _(divide, div)          \
  _(greater, gt)          \
  _(greater_equal, ge)    \
  _(less, lt)             \
  _(less_equal, le)       \
  _(multiply, mul)        \
  _(negative, neg)        \
  _(not_equal, ne)        \
  _(subtract, sub)

class Node;
class Selection;
class Tensor;
struct SparseRows;
enum class Rounding : uint8_t;
enum class Reduce : uint8_t;
struct CovOptions;
struct Histogram;
struct HistogramOptions;
struct QuantileOptions;
struct Unique;
struct UniqueOptions;

/// What a Tensor points to. Ops read it; only views, in-place ops and the tape write it.
struct TensorImpl : RefCounted {
  DType dtype = DType::float32;  ///< of the elements
  bool is_view = false;          ///< shows elements of another tensor
  bool is_piece = false;   ///< one of the views that split or unbind made at once, or a view of one
  Ref<Storage> storage;    ///< the memory, which several tensors may share
  int64_t offset = 0;      ///< of the first element, counted in elements
  Shape shape;             ///< sizes of the dimensions
  Strides strides;         ///< in elements
  uint32_t output_nr = 0;  ///< which output of `node` this is
  std::atomic<uint32_t> view_tape_version{0};  ///< of the storage when this view's node was made
  Node* node = nullptr;                        ///< owned; null when no gradient is required
  Ref<TensorImpl> base;       ///< what a view made in grad mode shows a part of: no view itself
  Ref<TensorImpl> taken_of;   ///< the view on the tape that this view was taken of, if any
  Ref<TensorImpl> copied_of;  ///< what Tensor::view has copied, as its memory allows no view

  /// Frees one that nobody refers to any more; called by Ref.
  static void dispose(TensorImpl* t) noexcept;
  ///@{
  /// Memory from the library's allocator.
  static void* operator new(size_t bytes);
  static void operator delete(void* p, size_t bytes) noexcept;
  ///@}
};

namespace detail {
/// Gives a view with a base its node anew where its data was changed on the tape since.
void follow_base(TensorImpl& view);
[[noreturn, gnu::cold]] void fail_undefined(const char* member);
}  // namespace detail

/// Chooses an output's memory order.
enum class MemoryFormat : uint8_t {
  preserve,      ///< that of the input
  contiguous,    ///< row-major
  channels_last  ///< the channels of a pixel side by side: [N, C, H, W] as [N, H, W, C], or in 3D
};

/// A handle to a strided, typed array of at most sixteen dimensions, which may sit on the tape.
/// Copying the handle shares the data; `clone()` copies it. A default-made Tensor is undefined: all
/// but `defined()` and `is_same()` throw Error for it.
///
/// An op is a member where PyTorch's Tensor has a method of its name, and a function either way.
class Tensor {
 public:
  /// Undefined.
  Tensor() = default;
  /// A handle to what an op has made.
  explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}
  ///@{
  /// Another handle to the same tensor; one that was moved from is undefined.
  Tensor(const Tensor&) = default;
  Tensor(Tensor&&) = default;
  ///@}
  ///@{
  /// Replaces the handle. A temporary can't be assigned to, unless it is a Selection.
  Tensor& operator=(const Tensor&) & = default;
  Tensor& operator=(Tensor&&) & = default;
  ///@}

  // --- What it is -------------------------------------------------------------------------------
  /// Whether there is a tensor behind the handle.
  bool defined() const { return static_cast<bool>(impl_); }
  explicit operator bool() const = delete;
  ///@{
  /// The sizes of its dimensions.
  const Shape& shape() const { return own("shape").shape; }
  const Shape& sizes() const { return own("sizes").shape; }
  ///@}
  /// By how many elements a step along each dimension moves on in memory.
  const Strides& strides() const { return own("strides").strides; }
  ///@{
  /// Size (stride) of a dimension; negative ones count from the end.
  int64_t size(int64_t dim) const;
  int64_t stride(int64_t dim) const;
  ///@}
  /// The number of dimensions.
  int dim() const { return own("dim").shape.rank(); }
  /// The number of elements.
  int64_t numel() const { return own("numel").shape.numel(); }
  /// The type of the elements.
  DType dtype() const { return own("dtype").dtype; }
  ///@{
  /// Bytes of an element.
  size_t itemsize() const { return rw::itemsize(own("itemsize").dtype); }
  size_t element_size() const { return rw::itemsize(own("element_size").dtype); }
  ///@}
  /// Bytes of all elements, whether or not some share memory.
  size_t nbytes() const {
    const TensorImpl& t = own("nbytes");
    return rw::itemsize(t.dtype) * static_cast<size_t>(t.shape.numel());
  }
  /// Whether the dtype is floating, so that there can be a gradient.
  bool is_floating_point() const { return is_floating(own("is_floating_point").dtype); }
  /// Whether the dtype has negative numbers: neither bool nor uint8.
  bool is_signed() const { return own("is_signed").dtype > DType::uint8; }
  /// Whether another tensor has this shape.
  bool is_same_size(const Tensor& other) const { return shape() == other.shape(); }
  /// What factories take for a tensor of this dtype: `zeros({2}, x.options())`.
  TensorOptions options() const { return {own("options").dtype}; }
  /// Whether the elements lie without gaps in row-major order, or in that of channels_last (rank 4
  /// and 5). For `preserve` it is the former.
  bool is_contiguous(MemoryFormat format = MemoryFormat::contiguous) const;
  /// True when it views the very same TensorImpl.
  bool is_same(const Tensor& o) const { return impl_ == o.impl_; }

  // --- Its data ---------------------------------------------------------------------------------
  /// Pointer to the first element; T must be the dtype's C++ type (BFloat16 for bfloat16).
  /// Elements lie by `strides()`: ask for `contiguous()` first where order matters. Nobody can see
  /// what is written through the pointer: saved tensors do not notice, and layouts prepared from
  /// these weights are made anew at every use from now on. `data<const float>()` only reads, and
  /// costs nothing of this.
  template <class T>
  T* data() const {
    expect_dtype("data", dtype_of<std::remove_const_t<T>>);
    if constexpr (!std::is_const_v<T>) impl_->storage->expose();
    return static_cast<T*>(raw_data());
  }
  /// The same by libtorch's name.
  template <class T>
  T* data_ptr() const {
    return data<T>();
  }
  /// Elements by indices: `auto a = t.accessor<float, 2>(); a[i][j] = 1;`. T as for `data()`, or
  /// const for read-only access; N is the rank. Both are checked here, once, and indices nowhere.
  /// Valid as long as the tensor is.
  template <class T, int N>
  TensorAccessor<T, N> accessor() const& {
    using Element = std::remove_const_t<T>;
    expect_dtype("accessor", dtype_of<Element>);
    expect_rank("accessor", N);
    if constexpr (!std::is_const_v<T>) impl_->storage->expose();
    return {static_cast<T*>(raw_data()), impl_->shape.data(), impl_->strides.data()};
  }
  template <class T, int N>
  TensorAccessor<T, N> accessor() && = delete;
  /// For code that counts its changes (Storage::bump_version).
  void* raw_data() const {
    const TensorImpl& t = own("raw_data");
    return static_cast<char*>(t.storage->data()) +
           t.offset * static_cast<int64_t>(rw::itemsize(t.dtype));
  }
  /// The value of a one-element tensor, converted to T. Error where it is an integer that T can't
  /// hold; floating numbers beyond an integer T give its nearest value.
  template <class T = float>
  T item() const {
    const Scalar s = item_scalar();
    return s.is_floating() ? number_cast<T>(s.to_double()) : integer_cast<T>("item", s.to_int64());
  }
  /// The same as a number of its own kind: bool, int64 or float64.
  Scalar item_scalar() const;
  /// Whether the value of a one-element tensor differs from zero.
  bool is_nonzero() const { return item_scalar().to_double() != 0; }
  /// All elements in row-major order, converted to T as by item().
  template <class T = float>
  std::vector<T> to_vector() const;

  ///@{
  /// Copy in another type (itself when the type already fits), in the same memory order.
  /// Differentiable between floating types.
  Tensor to(DType dtype) const;
  Tensor to(const Tensor& other) const { return to(other.own("to").dtype); }
  Tensor type_as(const Tensor& other) const { return to(other.own("type_as").dtype); }
  ///@}
  /// Itself where is_contiguous(format), a copy that is so otherwise. Not for `preserve`.
  Tensor contiguous(MemoryFormat format = MemoryFormat::contiguous) const;
  /// A copy of the elements, on the tape.
  Tensor clone(MemoryFormat format = MemoryFormat::preserve) const;

  // --- The tape ---------------------------------------------------------------------------------
  /// Whether it is on the tape: a leaf that collects gradients, or computed from one.
  bool requires_grad() const {
    TensorImpl& t = own("requires_grad");
    if (t.base) detail::follow_base(t);
    return t.node != nullptr;
  }
  /// Whether no op on the tape made it.
  bool is_leaf() const;
  /// Makes a leaf collect gradients (or stop). Throws DTypeError for types that are not floating,
  /// and AutogradError where the result of an op is to stop: that is what detach() is for.
  Tensor& requires_grad_(bool on = true);
  /// The gradient that backward() left on a leaf (or, after retain_grad, on a result); undefined
  /// until then. Throws AutogradError for one of rows.
  Tensor grad() const;
  /// Replaces the gradient of a leaf by one of its shape and dtype; an undefined tensor drops it.
  /// Throws AutogradError for any other tensor.
  void set_grad(const Tensor& grad) const;
  /// The gradient of a leaf where that is one of rows, as embeddings with sparse = true make them;
  /// undefined where there is none, or a dense one. Its tensors are those of the leaf: to change
  /// the values changes the gradient.
  SparseRows sparse_grad() const;
  /// Replaces the gradient of a leaf by one of rows; an undefined one drops it. Throws
  /// AutogradError for any other tensor, and where shape, dtype or indices do not fit.
  void set_sparse_grad(const SparseRows& grad) const;
  /// Makes a leaf (or a tensor off the tape) hold the data of `t`, whatever its shape and dtype, as
  /// seen by everyone who has a handle to it. A gradient follows in the new dtype, where it fits.
  void set_data(const Tensor& t) const;
  /// Keeps the gradient of a result of an op in `grad()` too; those of several passes add up.
  /// Throws AutogradError for a tensor that requires none.
  void retain_grad() const;
  /// Shares the data, off the tape.
  Tensor detach() const;
  /// Gradients of this with respect to all leaves, added into their `grad()`. `gradient` may be
  /// left out for a one-element tensor. The graph is freed unless retain_graph (default:
  /// create_graph); with create_graph the gradients can be differentiated again.
  void backward(const Tensor& gradient = {}, bool retain_graph = false,
                bool create_graph = false) const;
  /// Name of the op that made it ("" for leaves and constants).
  const char* grad_fn() const;

  // --- Views ------------------------------------------------------------------------------------
  ///@{
  /// The same elements in row-major order under other sizes, of which one may be -1: what is left
  /// for it. Where the strides do not allow it `reshape` copies, and `view` throws: unless an op
  /// has chosen this memory order, as convolutions do (channels last). Then it copies too, and
  /// throws AutogradError once the copy is changed in place, which would not reach this tensor.
  Tensor view(const Shape& shape) const;
  Tensor reshape(const Shape& shape) const;
  ///@}
  /// Joins dimensions start_dim to end_dim into one, by reshape.
  Tensor flatten(int64_t start_dim = 0, int64_t end_dim = -1) const;
  /// Takes a dimension apart into these sizes, of which one may be -1.
  Tensor unflatten(int64_t dim, const Shape& sizes) const;
  /// Swaps two dimensions.
  Tensor transpose(int64_t dim0, int64_t dim1) const;
  /// Swaps the two dims of a matrix; a tensor of rank 0 or 1 stays as it is.
  Tensor t() const;
  ///@{
  /// Swaps the last two dims, of matrices in a batch. Throws ShapeError below rank 2.
  Tensor mT() const;
  Tensor mH() const { return mT(); }
  Tensor adjoint() const { return mT(); }
  ///@}
  /// Dimension i of the result is dimension dims[i] of this; each has to be there once.
  Tensor permute(const Dims& dims) const;
  ///@{
  /// Repeats dimensions of size 1, and new ones in front, without a copy: elements share their
  /// memory. A size of -1 stays what it is. A change in place throws for the result.
  Tensor expand(const Shape& shape) const;
  Tensor expand_as(const Tensor& other) const;
  ///@}
  /// The adjoint of expand: sums over the dimensions along which this shape would repeat. Throws
  /// ShapeError unless it expands to that of this tensor.
  Tensor sum_to_size(const Shape& shape) const;
  ///@{
  /// Without the dimensions of size 1, or without this one if its size is 1.
  Tensor squeeze() const;
  Tensor squeeze(int64_t dim) const;
  ///@}
  /// With a new dimension `dim`, of size 1; a negative number counts from the end of the result.
  Tensor unsqueeze(int64_t dim) const;
  /// What lies at one index of a dimension, which goes away. A negative index counts from the end.
  /// Throws IndexError where it is out of range.
  Selection select(int64_t dim, int64_t index) const;
  /// start:stop:step along a dimension, as in Python: negative numbers count from the end, what is
  /// beyond the ends is cut off. `step` is positive.
  Selection slice(int64_t dim, int64_t start, int64_t stop = Slice::none, int64_t step = 1) const;
  /// `length` places along a dimension from `start` on. Throws IndexError unless all are there.
  Selection narrow(int64_t dim, int64_t start, int64_t length) const;
  ///@{
  /// Pieces of `size` along `dim`, the last one smaller where it does not divide; or of these
  /// sizes, which have to add up to that of the dimension.
  std::vector<Tensor> split(int64_t size, int64_t dim = 0) const;
  std::vector<Tensor> split(const std::vector<int64_t>& sizes, int64_t dim = 0) const;
  ///@}
  /// Pieces of equal size along `dim`, the last one smaller where it does not divide. As their size
  /// is rounded up, there may be fewer than `chunks`.
  std::vector<Tensor> chunk(int64_t chunks, int64_t dim = 0) const;
  /// What lies at each index of a dimension.
  std::vector<Tensor> unbind(int64_t dim = 0) const;
  /// The diagonal that lies `offset` above the main one of two dimensions (below it, where
  /// negative), as the last dimension of the result.
  Tensor diagonal(int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1) const;
  ///@{
  /// The function of this name, with this tensor as its first argument: see ops/rearranging.h.
  Tensor flip(const Dims& dims) const;
  Tensor fliplr() const;
  Tensor flipud() const;
  Tensor roll(const Shape& shifts, const Dims& dims = {}) const;
  Tensor rot90(int64_t k = 1, const Dims& dims = {0, 1}) const;
  Tensor movedim(const Dims& source, const Dims& destination) const;
  Tensor moveaxis(const Dims& source, const Dims& destination) const;
  Tensor swapaxes(int64_t dim0, int64_t dim1) const;
  Tensor swapdims(int64_t dim0, int64_t dim1) const;
  Tensor repeat(const Shape& repeats) const;
  Tensor tile(const Shape& reps) const;
  Tensor repeat_interleave(int64_t repeats, std::optional<int64_t> dim = {}) const;
  Tensor repeat_interleave(const Tensor& repeats, std::optional<int64_t> dim = {}) const;
  Tensor ravel() const;
  Tensor squeeze(const Dims& dims) const;
  Tensor broadcast_to(const Shape& shape) const;
  Tensor unfold(int64_t dim, int64_t size, int64_t step) const;
  Tensor as_strided(const Shape& size, const Strides& stride,
                    std::optional<int64_t> storage_offset = {}) const;
  Tensor select_scatter(const Tensor& src, int64_t dim, int64_t index) const;
  Tensor slice_scatter(const Tensor& src, int64_t dim = 0, int64_t start = 0,
                       int64_t stop = Slice::none, int64_t step = 1) const;
  Tensor diagonal_scatter(const Tensor& src, int64_t offset = 0, int64_t dim1 = 0,
                          int64_t dim2 = 1) const;
  Tensor as_strided_scatter(const Tensor& src, const Shape& size, const Strides& stride,
                            std::optional<int64_t> storage_offset = {}) const;
  ///@}
  ///@{
  /// view and reshape to the shape of another tensor.
  Tensor view_as(const Tensor& other) const;
  Tensor reshape_as(const Tensor& other) const;
  ///@}
  ///@{
  /// The function of this name, with this tensor as its first argument: see ops/joining.h.
  std::vector<Tensor> tensor_split(int64_t sections, int64_t dim = 0) const;
  std::vector<Tensor> tensor_split(const std::vector<int64_t>& indices, int64_t dim = 0) const;
  std::vector<Tensor> hsplit(int64_t sections) const;
  std::vector<Tensor> hsplit(const std::vector<int64_t>& indices) const;
  std::vector<Tensor> vsplit(int64_t sections) const;
  std::vector<Tensor> vsplit(const std::vector<int64_t>& indices) const;
  std::vector<Tensor> dsplit(int64_t sections) const;
  std::vector<Tensor> dsplit(const std::vector<int64_t>& indices) const;
  ///@}
  /// split by these sizes.
  std::vector<Tensor> split_with_sizes(const std::vector<int64_t>& sizes, int64_t dim = 0) const;
  ///@{
  /// The function of this name, with this tensor as its first argument: see ops/diagonals.h.
  Tensor diag(int64_t diagonal = 0) const;
  Tensor diag_embed(int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1) const;
  Tensor diagflat(int64_t offset = 0) const;
  Tensor trace() const;
  ///@}
  ///@{
  /// A new tensor of this dtype, unless another is given: zeros, ones, full and empty.
  Tensor new_zeros(const Shape& shape, const TensorOptions& options = {}) const;
  Tensor new_ones(const Shape& shape, const TensorOptions& options = {}) const;
  Tensor new_full(const Shape& shape, Scalar value, const TensorOptions& options = {}) const;
  Tensor new_empty(const Shape& shape, const TensorOptions& options = {}) const;
  ///@}
#define REWIND_ALIAS(alias, member)          \
  template <class... A>                      \
  Tensor alias(A&&... a) const {             \
    return member(std::forward<A>(a)...);    \
  }                                          \
  template <class... A>                      \
  Tensor& alias##_(A&&... a) {               \
    return member##_(std::forward<A>(a)...); \
  }
  ///@{
  /// The member of the second name, in all its forms; in place with an underscore behind both.
  REWIND_ALIASES(REWIND_ALIAS)  // absolute, absolute_, …
#undef REWIND_ALIAS
  ///@}
  /// `select(0, index)`.
  Selection operator[](int64_t index) const;
  /// By a tensor of indices or a mask: `index({index})`.
  Selection operator[](const Tensor& index) const;
  /// Entry by entry what the dimensions of x are indexed by; those that are left are taken whole. A
  /// view where all entries are numbers (or integer tensors of rank 0, which count as such),
  /// slices, Ellipsis and None; a copy of the elements otherwise. Index tensors broadcast against
  /// each other; their dimensions take the place of what they index where they stand side by side,
  /// and come first otherwise. Throws IndexError where an index is out of range.
  Selection index(std::initializer_list<Index> indices) const;

  // --- Pointwise --------------------------------------------------------------------------------
  ///@{
  /// The function of this name, with this tensor as its first argument: see ops/pointwise.h, and
  /// ops/indexing.h for masked_fill.
  Tensor abs() const;
  Tensor neg() const;
  Tensor exp() const;
  Tensor log() const;
  Tensor log1p() const;
  Tensor sqrt() const;
  Tensor rsqrt() const;
  Tensor reciprocal() const;
  Tensor square() const;
  Tensor sin() const;
  Tensor cos() const;
  Tensor tanh() const;
  Tensor sigmoid() const;
  Tensor erf() const;
  Tensor relu() const;
  Tensor pow(const Tensor& exponent) const;
  Tensor pow(Scalar exponent) const;
  Tensor clamp(std::optional<double> min, std::optional<double> max = {}) const;
  Tensor masked_fill(const Tensor& mask, Scalar value) const;
  Tensor add(const Tensor& other, Scalar alpha = 1) const;
  Tensor add(Scalar other) const;
  Tensor sub(const Tensor& other, Scalar alpha = 1) const;
  Tensor sub(Scalar other) const;
  Tensor mul(const Tensor& other) const;
  Tensor mul(Scalar other) const;
  Tensor div(const Tensor& other) const;
  Tensor div(Scalar other) const;
  Tensor remainder(const Tensor& other) const;
  Tensor remainder(Scalar other) const;
  Tensor eq(const Tensor& other) const;
  Tensor eq(Scalar other) const;
  Tensor ne(const Tensor& other) const;
  Tensor ne(Scalar other) const;
  Tensor lt(const Tensor& other) const;
  Tensor lt(Scalar other) const;
  Tensor le(const Tensor& other) const;
  Tensor le(Scalar other) const;
  Tensor gt(const Tensor& other) const;
  Tensor gt(Scalar other) const;
  Tensor ge(const Tensor& other) const;
  Tensor ge(Scalar other) const;
  Tensor bitwise_and(const Tensor& other) const;
  Tensor bitwise_and(Scalar other) const;
  Tensor bitwise_or(const Tensor& other) const;
  Tensor bitwise_or(Scalar other) const;
  Tensor bitwise_xor(const Tensor& other) const;
  Tensor bitwise_xor(Scalar other) const;
  Tensor maximum(const Tensor& other) const;
  Tensor minimum(const Tensor& other) const;
  Tensor logical_and(const Tensor& other) const;
  Tensor logical_or(const Tensor& other) const;
  Tensor sign() const;
  Tensor expm1() const;
  Tensor floor() const;
  Tensor ceil() const;
  Tensor round() const;
  Tensor logical_not() const;
  Tensor bitwise_not() const;
  Tensor isnan() const;
  Tensor isfinite() const;
  Tensor clamp_min(double min) const;
  Tensor clamp_max(double max) const;
  ///@}
  ///@{
  /// The function of this name, with this tensor as its first argument: see ops/special.h,
  /// ops/arithmetic.h and ops/predicates.h.
  Tensor tan() const;
  Tensor asin() const;
  Tensor acos() const;
  Tensor atan() const;
  Tensor sinh() const;
  Tensor cosh() const;
  Tensor asinh() const;
  Tensor acosh() const;
  Tensor atanh() const;
  Tensor exp2() const;
  Tensor log2() const;
  Tensor log10() const;
  Tensor sinc() const;
  Tensor erfc() const;
  Tensor erfinv() const;
  Tensor lgamma() const;
  Tensor digamma() const;
  Tensor deg2rad() const;
  Tensor rad2deg() const;
  Tensor trunc() const;
  Tensor fix() const;
  Tensor frac() const;
  Tensor positive() const;
  Tensor sgn() const;
  Tensor isinf() const;
  Tensor isposinf() const;
  Tensor isneginf() const;
  Tensor signbit() const;
  Tensor round(int64_t decimals) const;
  Tensor logit(std::optional<double> eps = {}) const;
  Tensor polygamma(int64_t n) const;
  Tensor nan_to_num(double nan = 0, std::optional<double> posinf = {},
                    std::optional<double> neginf = {}) const;
  Tensor atan2(const Tensor& other) const;
  Tensor hypot(const Tensor& other) const;
  Tensor xlogy(const Tensor& other) const;
  Tensor logaddexp(const Tensor& other) const;
  Tensor logaddexp2(const Tensor& other) const;
  Tensor max(const Tensor& other) const;
  Tensor min(const Tensor& other) const;
  Tensor fmax(const Tensor& other) const;
  Tensor fmin(const Tensor& other) const;
  Tensor copysign(const Tensor& other) const;
  Tensor heaviside(const Tensor& values) const;
  Tensor nextafter(const Tensor& other) const;
  Tensor gcd(const Tensor& other) const;
  Tensor lcm(const Tensor& other) const;
  Tensor logical_xor(const Tensor& other) const;
  Tensor fmod(const Tensor& other) const;
  Tensor floor_divide(const Tensor& other) const;
  Tensor true_divide(const Tensor& other) const;
  Tensor float_power(const Tensor& exponent) const;
  Tensor bitwise_left_shift(const Tensor& other) const;
  Tensor bitwise_right_shift(const Tensor& other) const;
  Tensor clamp_min(const Tensor& min) const;
  Tensor clamp_max(const Tensor& max) const;
  Tensor xlogy(Scalar other) const;
  Tensor copysign(Scalar other) const;
  Tensor fmod(Scalar other) const;
  Tensor floor_divide(Scalar other) const;
  Tensor true_divide(Scalar other) const;
  Tensor float_power(Scalar exponent) const;
  Tensor bitwise_left_shift(Scalar other) const;
  Tensor bitwise_right_shift(Scalar other) const;
  Tensor div(const Tensor& other, Rounding rounding) const;
  Tensor div(Scalar other, Rounding rounding) const;
  Tensor clamp(const Tensor& min, const Tensor& max) const;
  Tensor clip(std::optional<double> min, std::optional<double> max = {}) const;
  Tensor clip(const Tensor& min, const Tensor& max) const;
  Tensor lerp(const Tensor& end, const Tensor& weight) const;
  Tensor lerp(const Tensor& end, double weight) const;
  Tensor addcmul(const Tensor& a, const Tensor& b, Scalar value = 1) const;
  Tensor addcdiv(const Tensor& a, const Tensor& b, Scalar value = 1) const;
  Tensor isclose(const Tensor& other, double rtol = 1e-5, double atol = 1e-8,
                 bool equal_nan = false) const;
  ///@}
  ///@{
  /// The function of this name, with this tensor as its first argument: see
  /// ops/special_functions.h.
  Tensor i0() const;
  Tensor igamma(const Tensor& x) const;
  Tensor igammac(const Tensor& x) const;
  Tensor mvlgamma(int64_t p) const;
  Tensor ldexp(const Tensor& other) const;
  std::pair<Tensor, Tensor> frexp() const;
  ///@}
  ///@{
  /// These elements where `mask` is true, those of `other` elsewhere.
  Tensor where(const Tensor& mask, const Tensor& other) const;
  Tensor where(const Tensor& mask, Scalar other) const;
  ///@}
  /// Same shape and dtype, and |this - other| <= atol + rtol |other| everywhere. An infinity is
  /// close to itself alone, NaN to nothing, or to NaN with equal_nan.
  bool allclose(const Tensor& other, double rtol = 1e-5, double atol = 1e-8,
                bool equal_nan = false) const;
  /// Same shape, dtype and values; NaN equals nothing.
  bool equal(const Tensor& other) const;

  // --- In place (throw on a leaf that requires grad and on views of one, outside no_grad) -------
  ///@{
  /// The function of this name without the underscore, its result put in place of the elements. The
  /// other operand broadcasts to this shape, and the result has to be of this dtype, or both of
  /// floating ones; throws ShapeError and DTypeError otherwise. Other operands may share memory
  /// with this tensor: their old values count.
  Tensor& add_(const Tensor& other, Scalar alpha = 1);
  Tensor& add_(Scalar other);
  Tensor& sub_(const Tensor& other, Scalar alpha = 1);
  Tensor& sub_(Scalar other);
  Tensor& mul_(const Tensor& other);
  Tensor& mul_(Scalar other);
  Tensor& div_(const Tensor& other);
  Tensor& div_(Scalar other);
  ///@}
  /// The elements of `source`, which broadcasts to this shape and is converted to this dtype.
  Tensor& copy_(const Tensor& source);
  ///@{
  /// All elements become `value`, or that of a tensor of rank 0. Throws where the dtype can't hold
  /// it.
  Tensor& fill_(Scalar value);
  Tensor& fill_(const Tensor& value);
  ///@}
  /// All elements become 0.
  Tensor& zero_();
  ///@{
  /// The function of this name without the underscore, its result put in place of the elements.
  /// Throws DTypeError where that is of another dtype.
  Tensor& relu_();
  Tensor& clamp_(std::optional<double> min, std::optional<double> max = {});
  Tensor& masked_fill_(const Tensor& mask, Scalar value);
  ///@}
  ///@{
  /// The function of this name without the underscore, its result put in place of the elements, of
  /// which it has to have the shape. Throws DTypeError where its dtype is of a higher category
  /// (bool, integers, floating) than this one.
  Tensor& exp_();
  Tensor& exp2_();
  Tensor& expm1_();
  Tensor& log_();
  Tensor& log2_();
  Tensor& log10_();
  Tensor& log1p_();
  Tensor& sqrt_();
  Tensor& rsqrt_();
  Tensor& reciprocal_();
  Tensor& square_();
  Tensor& floor_();
  Tensor& ceil_();
  Tensor& round_();
  Tensor& trunc_();
  Tensor& sign_();
  Tensor& sin_();
  Tensor& cos_();
  Tensor& tan_();
  Tensor& asin_();
  Tensor& acos_();
  Tensor& atan_();
  Tensor& sinh_();
  Tensor& cosh_();
  Tensor& tanh_();
  Tensor& asinh_();
  Tensor& acosh_();
  Tensor& atanh_();
  Tensor& sigmoid_();
  Tensor& erf_();
  Tensor& erfc_();
  Tensor& erfinv_();
  Tensor& lgamma_();
  Tensor& digamma_();
  Tensor& sinc_();
  Tensor& abs_();
  Tensor& neg_();
  Tensor& frac_();
  Tensor& i0_();
  Tensor& mvlgamma_(int64_t p);
  Tensor& fix_();
  Tensor& sgn_();
  Tensor& deg2rad_();
  Tensor& rad2deg_();
  Tensor& logical_not_();
  Tensor& bitwise_not_();
  Tensor& round_(int64_t decimals);
  Tensor& logit_(std::optional<double> eps = {});
  Tensor& polygamma_(int64_t n);
  Tensor& nan_to_num_(double nan = 0, std::optional<double> posinf = {},
                      std::optional<double> neginf = {});
  Tensor& pow_(const Tensor& other);
  Tensor& remainder_(const Tensor& other);
  Tensor& fmod_(const Tensor& other);
  Tensor& floor_divide_(const Tensor& other);
  Tensor& true_divide_(const Tensor& other);
  Tensor& atan2_(const Tensor& other);
  Tensor& hypot_(const Tensor& other);
  Tensor& copysign_(const Tensor& other);
  Tensor& nextafter_(const Tensor& other);
  Tensor& heaviside_(const Tensor& other);
  Tensor& xlogy_(const Tensor& other);
  Tensor& igamma_(const Tensor& x);
  Tensor& igammac_(const Tensor& x);
  Tensor& ldexp_(const Tensor& other);
  Tensor& gcd_(const Tensor& other);
  Tensor& lcm_(const Tensor& other);
  Tensor& bitwise_and_(const Tensor& other);
  Tensor& bitwise_or_(const Tensor& other);
  Tensor& bitwise_xor_(const Tensor& other);
  Tensor& bitwise_left_shift_(const Tensor& other);
  Tensor& bitwise_right_shift_(const Tensor& other);
  Tensor& logical_and_(const Tensor& other);
  Tensor& logical_or_(const Tensor& other);
  Tensor& logical_xor_(const Tensor& other);
  Tensor& eq_(const Tensor& other);
  Tensor& ne_(const Tensor& other);
  Tensor& lt_(const Tensor& other);
  Tensor& le_(const Tensor& other);
  Tensor& gt_(const Tensor& other);
  Tensor& ge_(const Tensor& other);
  Tensor& clamp_min_(const Tensor& other);
  Tensor& clamp_max_(const Tensor& other);
  Tensor& pow_(Scalar other);
  Tensor& remainder_(Scalar other);
  Tensor& fmod_(Scalar other);
  Tensor& floor_divide_(Scalar other);
  Tensor& true_divide_(Scalar other);
  Tensor& copysign_(Scalar other);
  Tensor& xlogy_(Scalar other);
  Tensor& bitwise_and_(Scalar other);
  Tensor& bitwise_or_(Scalar other);
  Tensor& bitwise_xor_(Scalar other);
  Tensor& bitwise_left_shift_(Scalar other);
  Tensor& bitwise_right_shift_(Scalar other);
  Tensor& eq_(Scalar other);
  Tensor& ne_(Scalar other);
  Tensor& lt_(Scalar other);
  Tensor& le_(Scalar other);
  Tensor& gt_(Scalar other);
  Tensor& ge_(Scalar other);
  Tensor& div_(const Tensor& other, Rounding rounding);
  Tensor& div_(Scalar other, Rounding rounding);
  Tensor& clamp_min_(double min);
  Tensor& clamp_max_(double max);
  Tensor& clamp_(const Tensor& min, const Tensor& max);
  Tensor& clip_(std::optional<double> min, std::optional<double> max = {});
  Tensor& lerp_(const Tensor& end, const Tensor& weight);
  Tensor& lerp_(const Tensor& end, double weight);
  Tensor& addcmul_(const Tensor& a, const Tensor& b, Scalar value = 1);
  Tensor& addcdiv_(const Tensor& a, const Tensor& b, Scalar value = 1);
  ///@}
  ///@{
  /// The function of this name without the underscore (ops/products.h, ops/scan.h, ops/indexing.h,
  /// ops/vector_norm.h), its result put in place of the elements, of which it has to have the
  /// shape. Scans keep the dtype: one that is given has to be that.
  Tensor& addmm_(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
  Tensor& addmv_(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
  Tensor& addr_(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
  Tensor& addbmm_(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
  Tensor& baddbmm_(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
  Tensor& cumsum_(int64_t dim, std::optional<DType> dtype = {});
  Tensor& cumprod_(int64_t dim, std::optional<DType> dtype = {});
  Tensor& tril_(int64_t diagonal = 0);
  Tensor& triu_(int64_t diagonal = 0);
  Tensor& renorm_(Scalar p, int64_t dim, Scalar maxnorm);
  ///@}
  ///@{
  /// Powers in place of the elements; of float64 alone, as those of float_power are.
  Tensor& float_power_(const Tensor& exponent);
  Tensor& float_power_(Scalar exponent);
  ///@}
  ///@{
  /// The function of this name without the underscore, its result put in place of the elements: see
  /// ops/scattering.h. Values may share memory with this tensor: their old ones count.
  Tensor& scatter_(int64_t dim, const Tensor& index, const Tensor& src);
  Tensor& scatter_(int64_t dim, const Tensor& index, Scalar value);
  Tensor& scatter_add_(int64_t dim, const Tensor& index, const Tensor& src);
  Tensor& scatter_reduce_(int64_t dim, const Tensor& index, const Tensor& src, Reduce reduce,
                          bool include_self = true);
  Tensor& index_fill_(int64_t dim, const Tensor& index, Scalar value);
  Tensor& index_fill_(int64_t dim, const Tensor& index, const Tensor& value);
  Tensor& index_copy_(int64_t dim, const Tensor& index, const Tensor& source);
  Tensor& index_add_(int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha = 1);
  Tensor& index_reduce_(int64_t dim, const Tensor& index, const Tensor& source, Reduce reduce,
                        bool include_self = true);
  Tensor& put_(const Tensor& index, const Tensor& source, bool accumulate = false);
  Tensor& masked_scatter_(const Tensor& mask, const Tensor& source);
  Tensor& masked_fill_(const Tensor& mask, const Tensor& value);
  ///@}
  /// All elements whose indices are equal become `value`; in a tall matrix `wrap` starts the
  /// diagonal anew below its end. Beyond two dimensions all sizes have to be equal.
  Tensor& fill_diagonal_(Scalar value, bool wrap = false);
  /// Numbers of this thread's generator, exponentially distributed with mean 1 / lambd. Floating
  /// dtypes only.
  Tensor& exponential_(double lambd = 1);
  /// The same by Cauchy's distribution around `median`, half of them within `sigma` of it.
  Tensor& cauchy_(double median = 0, double sigma = 1);
  /// The same, their logarithms being normally distributed.
  Tensor& log_normal_(double mean = 1, double std = 2);
  /// How many trials, each with probability p, it takes to succeed once, by this thread's
  /// generator; in any dtype but bool.
  Tensor& geometric_(double p);
  /// 1 with these probabilities, which broadcast, and 0 otherwise.
  Tensor& bernoulli_(const Tensor& p);
  /// Integers in [low, high) by this thread's generator, low being 0 by default. Without bounds all
  /// that are not negative and that the dtype holds: up to its largest, of floating dtypes up to
  /// where they hold each one (2^24 in float32).
  ///@{
  Tensor& random_();
  Tensor& random_(int64_t high);
  Tensor& random_(int64_t low, int64_t high);
  ///@}
  ///@{
  /// Writes `values`, which broadcast to the shape of `index(indices)`, to where that reads from.
  /// With `accumulate` they are added, as often as a place is named; without, which of several
  /// values for one place stays is not defined, and each gets that place's gradient.
  Tensor& index_put_(std::initializer_list<Index> indices, const Tensor& values,
                     bool accumulate = false);
  Tensor& index_put_(std::initializer_list<Index> indices, Scalar value, bool accumulate = false);
  ///@}
  /// Numbers of this thread's generator, uniform over [low, high). Floating dtypes only.
  Tensor& uniform_(double low = 0, double high = 1);
  /// Numbers of this thread's generator, normally distributed. Floating dtypes only.
  Tensor& normal_(double mean = 0, double std = 1);
  /// 1 with probability p and 0 otherwise, by this thread's generator; in any dtype.
  Tensor& bernoulli_(double p = 0.5);

  // --- Reductions (all dims when none is given) -------------------------------------------------
  ///@{
  /// The function of this name: see ops/reduction.h.
  Tensor sum() const;
  Tensor sum(const Dims& dims, bool keepdim = false) const;
  Tensor mean() const;
  Tensor mean(const Dims& dims, bool keepdim = false) const;
  ///@}
  ///@{
  /// Variance, and its square root; divides by n - correction: `x.var({}, 0)` is that of all
  /// elements, divided by n, and so is `x.var(false)`.
  Tensor var() const;
  Tensor var(const Dims& dims, Scalar correction = 1, bool keepdim = false) const;
  Tensor var(std::same_as<bool> auto unbiased) const { return var({}, unbiased ? 1 : 0); }
  Tensor std() const;
  Tensor std(const Dims& dims, Scalar correction = 1, bool keepdim = false) const;
  Tensor std(std::same_as<bool> auto unbiased) const { return std({}, unbiased ? 1 : 0); }
  ///@}
  ///@{
  /// The greatest (least) element of all, or along these dimensions; equal ones share the gradient
  /// evenly.
  Tensor amax(const Dims& dims = {}, bool keepdim = false) const;
  Tensor amin(const Dims& dims = {}, bool keepdim = false) const;
  Tensor max() const;
  Tensor min() const;
  ///@}
  ///@{
  /// Values and int64 indices along one dimension. The first of equal ones counts and receives the
  /// gradient.
  std::pair<Tensor, Tensor> max(int64_t dim, bool keepdim = false) const;
  std::pair<Tensor, Tensor> min(int64_t dim, bool keepdim = false) const;
  ///@}
  ///@{
  /// Index along one dimension, or, without one, into the flattened tensor.
  Tensor argmax(std::optional<int64_t> dim = {}, bool keepdim = false) const;
  Tensor argmin(std::optional<int64_t> dim = {}, bool keepdim = false) const;
  ///@}
  ///@{
  /// The function of this name: see ops/reduction.h, ops/scan.h and ops/softmax.h.
  Tensor prod(std::optional<int64_t> dim = {}, bool keepdim = false) const;
  Tensor logsumexp(const Dims& dims, bool keepdim = false) const;
  Tensor all(const Dims& dims = {}, bool keepdim = false) const;
  Tensor any(const Dims& dims = {}, bool keepdim = false) const;
  Tensor softmax(int64_t dim) const;
  Tensor log_softmax(int64_t dim) const;
  ///@}

  ///@{
  /// The function of this name, with this tensor as its first argument: see ops/sorting.h.
  std::pair<Tensor, Tensor> sort(int64_t dim = -1, bool descending = false,
                                 bool stable = false) const;
  Tensor argsort(int64_t dim = -1, bool descending = false, bool stable = false) const;
  Tensor msort() const;
  std::pair<Tensor, Tensor> topk(int64_t k, int64_t dim = -1, bool largest = true,
                                 bool sorted = true) const;
  std::pair<Tensor, Tensor> kthvalue(int64_t k, int64_t dim = -1, bool keepdim = false) const;
  Tensor median() const;
  std::pair<Tensor, Tensor> median(int64_t dim, bool keepdim = false) const;
  Tensor nanmedian() const;
  std::pair<Tensor, Tensor> nanmedian(int64_t dim, bool keepdim = false) const;
  std::pair<Tensor, Tensor> mode(int64_t dim = -1, bool keepdim = false) const;
  ///@}
  ///@{
  /// The function of this name: see ops/scan.h.
  Tensor cumsum(int64_t dim, std::optional<DType> dtype = {}) const;
  Tensor cumprod(int64_t dim, std::optional<DType> dtype = {}) const;
  std::pair<Tensor, Tensor> cummax(int64_t dim) const;
  std::pair<Tensor, Tensor> cummin(int64_t dim) const;
  Tensor logcumsumexp(int64_t dim) const;
  ///@}
  ///@{
  /// The function of this name: see ops/reduction.h, ops/statistics.h and ops/vector_norm.h.
  Tensor sum(const Dims& dims, bool keepdim, DType dtype) const;
  Tensor mean(const Dims& dims, bool keepdim, DType dtype) const;
  Tensor prod(std::optional<int64_t> dim, bool keepdim, DType dtype) const;
  std::pair<Tensor, Tensor> aminmax(std::optional<int64_t> dim = {}, bool keepdim = false) const;
  Tensor nansum(const Dims& dims = {}, bool keepdim = false, std::optional<DType> dtype = {}) const;
  Tensor nanmean(const Dims& dims = {}, bool keepdim = false,
                 std::optional<DType> dtype = {}) const;
  Tensor count_nonzero(const Dims& dims = {}) const;
  Tensor corrcoef() const;
  Tensor cov() const;
  Tensor cov(const CovOptions& options) const;
  Tensor quantile(double q) const;
  Tensor quantile(double q, const QuantileOptions& options) const;
  Tensor quantile(const Tensor& q) const;
  Tensor quantile(const Tensor& q, const QuantileOptions& options) const;
  Tensor nanquantile(double q) const;
  Tensor nanquantile(double q, const QuantileOptions& options) const;
  Tensor nanquantile(const Tensor& q) const;
  Tensor nanquantile(const Tensor& q, const QuantileOptions& options) const;
  Tensor norm(Scalar p = 2, const Dims& dims = {}, bool keepdim = false,
              std::optional<DType> dtype = {}) const;
  Tensor dist(const Tensor& other, Scalar p = 2) const;
  Tensor renorm(Scalar p, int64_t dim, Scalar maxnorm) const;
  ///@}
  ///@{
  /// Differences of neighbours, n times over: see ops/statistics.h.
  Tensor diff(int64_t n = 1, int64_t dim = -1) const;
  Tensor diff(int64_t n, int64_t dim, const Tensor& prepend, const Tensor& append) const;
  ///@}
  ///@{
  /// The function of this name: see ops/searching.h.
  Unique unique() const;
  Unique unique(const UniqueOptions& options) const;
  Unique unique_consecutive() const;
  Unique unique_consecutive(const UniqueOptions& options) const;
  Histogram histogram(int64_t bins) const;
  Histogram histogram(int64_t bins, const HistogramOptions& options) const;
  Histogram histogram(const Tensor& bins) const;
  Histogram histogram(const Tensor& bins, const HistogramOptions& options) const;
  Tensor histc(int64_t bins = 100, Scalar min = 0, Scalar max = 0) const;
  Tensor bincount() const;
  Tensor bincount(const Tensor& weights, int64_t minlength = 0) const;
  ///@}

  // --- Products, selection ----------------------------------------------------------------------
  ///@{
  /// The function of this name, with this tensor as its first argument: see ops/products.h and
  /// ops/scattering.h.
  Tensor dot(const Tensor& other) const;
  Tensor vdot(const Tensor& other) const;
  Tensor outer(const Tensor& other) const;
  Tensor ger(const Tensor& other) const;
  Tensor mv(const Tensor& vector) const;
  Tensor inner(const Tensor& other) const;
  Tensor cross(const Tensor& other, std::optional<int64_t> dim = {}) const;
  Tensor kron(const Tensor& other) const;
  Tensor addmm(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1) const;
  Tensor addmv(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1) const;
  Tensor addr(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1) const;
  Tensor addbmm(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1) const;
  Tensor baddbmm(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1) const;
  Tensor scatter(int64_t dim, const Tensor& index, const Tensor& src) const;
  Tensor scatter(int64_t dim, const Tensor& index, Scalar value) const;
  Tensor scatter(int64_t dim, const Tensor& index, const Tensor& src, Reduce reduce) const;
  Tensor scatter(int64_t dim, const Tensor& index, Scalar value, Reduce reduce) const;
  Tensor scatter_reduce(int64_t dim, const Tensor& index, const Tensor& src, Reduce reduce,
                        bool include_self = true) const;
  Tensor index_fill(int64_t dim, const Tensor& index, Scalar value) const;
  Tensor index_fill(int64_t dim, const Tensor& index, const Tensor& value) const;
  Tensor index_copy(int64_t dim, const Tensor& index, const Tensor& source) const;
  Tensor index_reduce(int64_t dim, const Tensor& index, const Tensor& source, Reduce reduce,
                      bool include_self = true) const;
  Tensor index_add(int64_t dim, const Tensor& index, const Tensor& src, Scalar alpha = 1) const;
  Tensor take(const Tensor& index) const;
  Tensor take_along_dim(const Tensor& indices, std::optional<int64_t> dim = {}) const;
  Tensor put(const Tensor& index, const Tensor& source, bool accumulate = false) const;
  Tensor index_put(std::initializer_list<Index> indices, const Tensor& values,
                   bool accumulate = false) const;
  Tensor masked_scatter(const Tensor& mask, const Tensor& source) const;
  Tensor masked_fill(const Tensor& mask, const Tensor& value) const;
  Tensor argwhere() const;
  Tensor bernoulli() const;
  Tensor bernoulli(double p) const;
  Tensor multinomial(int64_t num_samples, bool replacement = false) const;
  ///@}
  ///@{
  /// The function of this name, with this tensor as its first argument: see ops/linalg.h.
  Tensor inverse() const;
  Tensor det() const;
  Tensor logdet() const;
  std::pair<Tensor, Tensor> slogdet() const;
  Tensor pinverse(double rcond = 1e-15) const;
  Tensor matrix_power(int64_t n) const;
  Tensor matrix_exp() const;
  std::tuple<Tensor, Tensor, Tensor> svd(bool some = true, bool compute_uv = true) const;
  Tensor cholesky_solve(const Tensor& l, bool upper = false) const;
  Tensor cholesky_inverse(bool upper = false) const;
  Tensor lu_solve(const Tensor& lu, const Tensor& pivots) const;
  std::pair<Tensor, Tensor> triangular_solve(const Tensor& a, bool upper = true,
                                             bool transpose = false,
                                             bool unitriangular = false) const;
  ///@}
  ///@{
  /// The function of this name, with this tensor as its first argument: see ops/matmul.h and
  /// ops/indexing.h.
  Tensor matmul(const Tensor& other) const;
  Tensor mm(const Tensor& other) const;
  Tensor bmm(const Tensor& other) const;
  Tensor gather(int64_t dim, const Tensor& index) const;
  Tensor index_select(int64_t dim, const Tensor& index) const;
  Tensor scatter_add(int64_t dim, const Tensor& index, const Tensor& src) const;
  Tensor masked_select(const Tensor& mask) const;
  Tensor nonzero() const;
  Tensor tril(int64_t diagonal = 0) const;
  Tensor triu(int64_t diagonal = 0) const;
  ///@}

  // --- For the library --------------------------------------------------------------------------
  ///@{
  /// What the handle points to; null where it is undefined.
  TensorImpl* impl() const { return impl_.get(); }
  const Ref<TensorImpl>& ref() const { return impl_; }
  ///@}

 private:
  void expect_dtype(const char* member, DType asked) const {
    if (own(member).dtype != asked) [[unlikely]]
      fail_dtype(member, asked);
  }
  [[noreturn, gnu::cold]] void fail_dtype(const char* member, DType asked) const;
  void expect_rank(const char* member, int asked) const;
  TensorImpl& own(const char* member) const {
    if (!impl_) [[unlikely]]
      detail::fail_undefined(member);
    return *impl_;
  }

  Ref<TensorImpl> impl_;
};

/// How an op takes a tensor whose memory it can use for its result: where the tensor is a temporary
/// that nobody else holds, as in `relu(conv(x))` or `a * b + c`, nothing is allocated. Any tensor
/// converts to it. One that was moved from, and whose memory was used, is undefined afterwards.
class TensorArg {
 public:
  /// A tensor that somebody has a name for.
  TensorArg(const Tensor& t) : tensor_(t) {}
  /// A temporary.
  TensorArg(Tensor&& t) : tensor_(t), temporary_(&t) {}
  /// The tensor.
  const Tensor& get() const { return tensor_; }
  /// Whether its memory may be used, if nobody else holds it.
  bool is_temporary() const { return temporary_ != nullptr; }
  /// Drops a temporary.
  void clear() const { *temporary_ = Tensor(); }

 private:
  const Tensor& tensor_;
  Tensor* temporary_ = nullptr;
};

///@{
/// Prints like PyTorch: aligned columns, summarised past a thousand elements.
std::string to_string(const Tensor& t);
std::ostream& operator<<(std::ostream& os, const Tensor& t);
///@}
///@{
/// As "[2, 3]", and as "float32".
std::ostream& operator<<(std::ostream& os, const Shape& s);
std::ostream& operator<<(std::ostream& os, DType d);
///@}

namespace detail {
/// A new tensor over fresh memory with these strides (row-major when left out).
Tensor make_tensor(const Shape& shape, DType dtype);
Tensor make_tensor(const Shape& shape, const Strides& strides, DType dtype);
/// A tensor over `base`'s storage, off the tape.
Tensor make_view(const Tensor& base, const Shape& shape, const Strides& strides, int64_t offset);
/// Dense strides for `shape` in the memory order of `like`, which has the same shape.
Strides dense_strides_like(const Tensor& like);
/// Whether the elements fill one piece of memory, each place once.
bool is_dense(const Tensor& t);
}  // namespace detail

}  // namespace rw

#pragma GCC visibility pop

#include <rewind/tensor/selection.h>
