#include <rewind/autograd/record.h>
#include <rewind/ops/pointwise_result.h>

// Tensor's copies: another type, another order in memory.

namespace rw {

namespace {

// The engine converts the gradient to x's dtype.
Tensor copy(const char* name, const Tensor& x, const Strides& strides, DType dtype) {
  const profile_scope scope(name);
  Tensor out = detail::make_tensor(x.shape(), strides, dtype);
  detail::copy_into(out, x);
  return record(name, out, {x}, [](const Tensor& g, Needs) -> Grads { return g; });
}

Strides strides_for(const Tensor& x, MemoryFormat format) {
  if (format == MemoryFormat::preserve) return detail::dense_strides_like(x);
  if (format == MemoryFormat::channels_last) return channels_last_strides(x.shape());
  return contiguous_strides(x.shape());
}

}  // namespace

Tensor Tensor::to(DType dtype) const {
  detail::check_defined("to", *this);
  if (dtype == this->dtype()) return *this;
  return copy("to", *this, detail::dense_strides_like(*this), dtype);
}

Tensor Tensor::contiguous(MemoryFormat format) const {
  detail::check_defined("contiguous", *this);
  check(format != MemoryFormat::preserve,
        "contiguous: expected the format contiguous or channels_last, got preserve");
  if (format == MemoryFormat::contiguous && is_contiguous()) return *this;
  const Strides strides = strides_for(*this, format);
  return is_contiguous(format) ? *this : copy("contiguous", *this, strides, dtype());
}

Tensor Tensor::clone(MemoryFormat format) const {
  detail::check_defined("clone", *this);
  return copy("clone", *this, strides_for(*this, format), dtype());
}

}  // namespace rw
