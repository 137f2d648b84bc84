#pragma once
// Private to the library's sources: functions of bytes, computed once for each.

#include <array>
#include <cstdint>

#include <rewind/kernels/images/image_kernel.h>
#include <rewind/tensor/tensor.h>

namespace rw::data::transforms::detail {

using ByteTable = std::array<uint8_t, 256>;

template <class F>
ByteTable table_of(F&& f) {
  ByteTable table;
  for (int i = 0; i < 256; ++i) table[static_cast<size_t>(i)] = f(static_cast<uint8_t>(i));
  return table;
}

/// f(byte) for each of x.
template <class F>
Tensor by_table(const Tensor& x, F&& f) {
  const ByteTable table = table_of(f);
  const Tensor from = x.contiguous(), y = rw::detail::make_tensor(x.shape(), uint8);
  kernels::look_up(x.numel(), static_cast<const uint8_t*>(from.raw_data()), table.data(),
                   static_cast<uint8_t*>(y.raw_data()));
  return y;
}

/// Each plane by the table that f(pixels, bytes) makes of it.
template <class F>
Tensor planes_by_tables(const Tensor& x, F&& f) {
  const Tensor from = x.contiguous(), y = rw::detail::make_tensor(x.shape(), uint8);
  const int64_t pixels = x.size(-2) * x.size(-1);
  for (int64_t at = 0; at < x.numel(); at += pixels) {
    const uint8_t* bytes = static_cast<const uint8_t*>(from.raw_data()) + at;
    const ByteTable table = f(pixels, bytes);
    kernels::look_up(pixels, bytes, table.data(), static_cast<uint8_t*>(y.raw_data()) + at);
  }
  return y;
}

}  // namespace rw::data::transforms::detail
