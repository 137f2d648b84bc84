// The tensors that both sides make, by the same formulas: see tensors.py.

#include <cstring>
#include <limits>

#include "interop.h"

using namespace rw;

namespace {

// 0, 7, 14, 21, 5, …
Tensor steps(const Shape& shape) { return (arange(shape.numel()) * 7 % 23).view(shape); }

Tensor numbers(const Shape& shape, DType dtype) {
  if (dtype == boolean) return steps(shape) > 10;
  if (dtype == uint8) return steps(shape).to(uint8);
  const Tensor signed_steps = steps(shape) - 11;
  return is_floating(dtype) ? (signed_steps.to(float32) / 4).to(dtype) : signed_steps.to(dtype);
}

template <class T>
Tensor extremes() {
  using Limits = std::numeric_limits<T>;
  return from<T>({Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(), T(-0.0),
                  Limits::denorm_min(), Limits::max(), Limits::lowest(), Limits::epsilon()});
}

}  // namespace

namespace interop {

NamedTensors tensors() {
  NamedTensors all;
  const std::pair<const char*, Shape> shapes[] = {
      {"number", {}}, {"one", {1}}, {"matrix", {3, 5}}, {"empty", {0, 4}}, {"deep", {2, 1, 3, 2}}};
  for (const DType dtype :
       {float16, bfloat16, float32, float64, uint8, int8, int16, int32, int64, boolean})
    for (const auto& [name, shape] : shapes)
      all.emplace_back(std::string(rw::name(dtype)) + "." + name, numbers(shape, dtype));
  all.emplace_back("special.float32", extremes<float>());
  all.emplace_back("special.float64", extremes<double>());
  all.emplace_back("int64.extremes", from<int64_t>({std::numeric_limits<int64_t>::min(),
                                                    std::numeric_limits<int64_t>::max()}));
  all.emplace_back("turned", numbers({4, 3, 2}, float32).permute({2, 1, 0}));
  all.emplace_back("é \"quoted\"", numbers({2}, float32));
  return all;
}

std::string unlike(const Tensor& got, const Tensor& expected) {
  if (got.dtype() != expected.dtype())
    return std::string(name(got.dtype())) + ", expected " + name(expected.dtype());
  if (got.shape() != expected.shape())
    return "shape " + got.shape().str() + ", expected " + expected.shape().str();
  const Tensor a = got.contiguous(), b = expected.contiguous();
  const size_t bytes = static_cast<size_t>(a.numel()) * itemsize(a.dtype());
  const bool same = bytes == 0 || std::memcmp(a.raw_data(), b.raw_data(), bytes) == 0;
  return same ? "" : "other numbers";
}

}  // namespace interop
