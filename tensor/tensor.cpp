#include <rewind/tensor/tensor.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include <rewind/tensor/allocator.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/leaf.h>
#include <rewind/tensor/wide.h>

namespace rw {

void* TensorImpl::operator new(size_t bytes) { return detail::allocate(bytes); }
void TensorImpl::operator delete(void* p, size_t bytes) noexcept { detail::deallocate(p, bytes); }

void detail::fail_undefined(const char* member) { fail("{}: the tensor is undefined", member); }

Index::Index(const char* dots) : kind(Kind::ellipsis) {
  check<IndexError>(dots && std::strcmp(dots, "...") == 0,
                    "index: expected \"...\" where there is a text, got \"{}\"", dots ? dots : "");
}

int64_t Tensor::size(int64_t d) const {
  const Shape& shape = own("size").shape;
  check<IndexError>(!shape.empty(), "size: a tensor of rank 0 has no dimension {}", d);
  return shape[normalize_dim(d, shape.rank(), "size")];
}
int64_t Tensor::stride(int64_t d) const {
  const Strides& strides = own("stride").strides;
  check<IndexError>(!strides.empty(), "stride: a tensor of rank 0 has no dimension {}", d);
  return strides[normalize_dim(d, strides.rank(), "stride")];
}

namespace {

// strides_fit with contiguous_strides, asked for too often to make these.
bool is_row_major(const Shape& shape, const Strides& strides) {
  int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    if (shape[i] == 1) continue;
    if (strides[i] != step) return false;
    step *= shape[i];
  }
  return true;
}

}  // namespace

bool Tensor::is_contiguous(MemoryFormat format) const {
  if (own("is_contiguous").shape.numel() == 0) return true;
  if (format == MemoryFormat::channels_last)
    return (dim() == 4 || dim() == 5) &&
           detail::strides_fit(shape(), strides(), channels_last_strides(shape()));
  return is_row_major(shape(), strides());
}

void Tensor::fail_dtype(const char* member, DType asked) const {
  fail<DTypeError>("{}: the tensor holds {}, asked for {}", member, dtype(), asked);
}
void Tensor::expect_rank(const char* member, int asked) const {
  check<ShapeError>(dim() == asked, "{}: expected a tensor of rank {}, got shape {}", member, asked,
                    shape());
}

Scalar Tensor::item_scalar() const {
  own("item");
  check<ShapeError>(numel() == 1, "item: expected a tensor of one element, got shape {}", shape());
  return dispatch(dtype(), [&]<class T>() -> Scalar {
    const T v = *static_cast<const T*>(raw_data());
    if constexpr (std::is_same_v<T, bool>)
      return v;
    else if constexpr (std::is_integral_v<T>)
      return static_cast<int64_t>(v);
    else
      return static_cast<double>(v);
  });
}

namespace {

template <class To, class From>
void gather_row_major(const Tensor& t, int dim, const From* p, std::vector<To>& out) {
  if (dim == t.dim()) {
    if constexpr (std::is_integral_v<From>)
      out.push_back(integer_cast<To>("to_vector", *p));
    else
      out.push_back(number_cast<To>(static_cast<double>(*p)));
    return;
  }
  for (int64_t i = 0; i < t.shape()[dim]; ++i)
    gather_row_major(t, dim + 1, p + i * t.strides()[dim], out);
}

}  // namespace

template <class T>
std::vector<T> Tensor::to_vector() const {
  std::vector<T> out;
  detail::reserve("to_vector", out, own("to_vector").shape.numel());
  if (numel() > 0)
    dispatch(dtype(), [&]<class From>() {
      gather_row_major<T>(*this, 0, static_cast<const From*>(raw_data()), out);
    });
  return out;
}
template std::vector<bool> Tensor::to_vector<bool>() const;
template std::vector<int> Tensor::to_vector<int>() const;
template std::vector<uint8_t> Tensor::to_vector<uint8_t>() const;
template std::vector<int8_t> Tensor::to_vector<int8_t>() const;
template std::vector<int16_t> Tensor::to_vector<int16_t>() const;
template std::vector<int64_t> Tensor::to_vector<int64_t>() const;
template std::vector<Float16> Tensor::to_vector<Float16>() const;
template std::vector<BFloat16> Tensor::to_vector<BFloat16>() const;
template std::vector<float> Tensor::to_vector<float>() const;
template std::vector<double> Tensor::to_vector<double>() const;

namespace detail {

Tensor make_tensor(const Shape& shape, DType dtype) {
  return make_tensor(shape, contiguous_strides(shape), dtype);
}

Tensor make_tensor(const Shape& shape, const Strides& strides, DType dtype) {
  // The product of the sizes first, as views have it: without elements there are no bytes.
  int64_t n = shape.numel();
  for (const int64_t size : shape)
    if (size < 0) shape.fail_too_large();
  if (__builtin_mul_overflow(n, static_cast<int64_t>(itemsize(dtype)), &n)) shape.fail_too_large();
  return make_tensor(Storage::allocate(static_cast<size_t>(n)), dtype, shape, strides);
}

Tensor make_tensor(Ref<Storage> storage, DType dtype, const Shape& shape, const Strides& strides,
                   int64_t offset) {
  auto* impl = new TensorImpl;
  impl->storage = std::move(storage);
  impl->dtype = dtype;
  impl->shape = shape;
  impl->strides = strides;
  impl->offset = offset;
  return Tensor(Ref<TensorImpl>::adopt(impl));
}

Tensor make_view(const Tensor& base, const Shape& shape, const Strides& strides, int64_t offset) {
  Tensor view = make_tensor(base.impl()->storage, base.dtype(), shape, strides, offset);
  TensorImpl& impl = *view.impl();
  impl.is_view = true;
  impl.view_tape_version.store(impl.storage->tape_version(), std::memory_order_relaxed);
  return view;
}

Strides dense_strides_like(const Tensor& like) {
  if (like.is_contiguous()) return contiguous_strides(like.shape());
  // Insertion sort by stride, the largest outermost. An expanded dimension (stride 0) can't be
  // compared: it stays where it is among its neighbours.
  std::array<int, Shape::max_rank> order;
  const auto end = order.begin() + like.dim();
  std::iota(order.begin(), end, 0);
  const Strides& given = like.strides();
  for (auto it = order.begin(); it != end; ++it)
    for (auto moving = it, other = it; other != order.begin();) {
      --other;
      if (given[*other] == 0 || given[*moving] == 0) continue;
      if (given[*other] >= given[*moving]) break;
      std::iter_swap(other, moving);
      moving = other;
    }
  Strides strides = like.shape();
  int64_t step = 1;
  for (auto it = end; it != order.begin();) {
    strides[*--it] = step;
    step *= std::max<int64_t>(like.shape()[*it], 1);
  }
  return strides;
}

bool is_dense(const Tensor& t) {
  return t.is_contiguous() || strides_fit(t.shape(), t.strides(), dense_strides_like(t));
}

}  // namespace detail
}  // namespace rw
