#include <rewind/tensor/factories.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

namespace rw {

namespace {

constexpr int64_t grain = 1 << 15;

// Sets element i of a fresh (dense) tensor to f(i).
template <class F>
Tensor generate(Tensor t, F&& f) {
  dispatch(t.dtype(), [&]<class T>() {
    T* p = static_cast<T*>(t.raw_data());
    parallel_for(0, t.numel(), grain, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i) p[i] = static_cast<T>(f(i));
    });
  });
  return t;
}

Tensor filled(Tensor t, Scalar value) {
  if (is_floating(t.dtype()))
    return generate(std::move(t), [v = value.to_double()](int64_t) { return v; });
  if (t.dtype() == DType::boolean)
    return generate(std::move(t), [v = value.to_double() != 0](int64_t) { return int64_t{v}; });
  return generate(std::move(t), [v = value.to_int64()](int64_t) { return v; });
}

DType default_dtype(Scalar value) { return value.is_floating() ? DType::float32 : value.dtype(); }

// 53 random bits to [0, 1); rounded down to 24 bits for the narrower types, so that 1 never comes.
double unit(uint32_t high, uint32_t low) {
  return static_cast<double>(((static_cast<uint64_t>(high) << 32) | low) >> 11) * 0x1p-53;
}
double unit24(uint32_t bits) { return static_cast<double>(bits >> 8) * 0x1p-24; }

}  // namespace

Tensor empty(const Shape& shape, DType dtype, MemoryFormat format) {
  if (format == MemoryFormat::channels_last)
    return detail::make_tensor(shape, channels_last_strides(shape), dtype);
  return detail::make_tensor(shape, dtype);
}
Tensor zeros(const Shape& shape, DType dtype) { return zeros_like(empty(shape, dtype)); }
Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }
Tensor full(const Shape& shape, Scalar value, DType dtype) {
  return filled(empty(shape, dtype), value);
}
Tensor scalar_tensor(Scalar value) { return full({}, value, default_dtype(value)); }
Tensor scalar_tensor(Scalar value, DType dtype) { return full({}, value, dtype); }

Tensor arange(Scalar end, DType dtype) { return arange(0, end, 1, dtype); }

Tensor arange(Scalar start, Scalar end, Scalar step, DType dtype) {
  const double a = start.to_double(), d = step.to_double();
  check(d != 0, "arange: the step must not be 0");
  const double count = std::ceil((end.to_double() - a) / d);
  check(count >= 0, "arange: from {} to {} by a step of {} leads nowhere", a, end.to_double(), d);
  Tensor t = empty(static_cast<int64_t>(count), dtype);
  if (is_floating(dtype))
    return generate(t, [=](int64_t i) { return a + d * static_cast<double>(i); });
  const int64_t ai = start.to_int64(), di = step.to_int64();
  return generate(t, [=](int64_t i) { return ai + di * i; });
}

Tensor linspace(double start, double end, int64_t steps, DType dtype) {
  check(steps >= 0, "linspace: expected steps >= 0, got {}", steps);
  const double d = steps > 1 ? (end - start) / static_cast<double>(steps - 1) : 0;
  // From both ends, so that the last value is `end` itself.
  return generate(empty(steps, dtype), [=](int64_t i) {
    return 2 * i < steps ? start + d * static_cast<double>(i)
                         : end - d * static_cast<double>(steps - 1 - i);
  });
}

Tensor eye(int64_t n, int64_t m, DType dtype) {
  if (m < 0) m = n;
  return generate(empty({n, m}, dtype), [m](int64_t i) { return int64_t{i / m == i % m}; });
}

Tensor empty_like(const Tensor& t) { return empty_like(t, t.dtype()); }
Tensor empty_like(const Tensor& t, DType dtype) {
  return detail::make_tensor(t.shape(), detail::dense_strides_like(t), dtype);
}
Tensor zeros_like(const Tensor& t) {
  Tensor out = empty_like(t);
  char* p = static_cast<char*>(out.raw_data());
  parallel_for(0, static_cast<int64_t>(out.nbytes()), grain * 8,
               [&](int64_t b, int64_t e) { std::memset(p + b, 0, static_cast<size_t>(e - b)); });
  return out;
}
Tensor ones_like(const Tensor& t) { return filled(empty_like(t), 1); }
Tensor full_like(const Tensor& t, Scalar value) { return filled(empty_like(t), value); }
Tensor rand_like(const Tensor& t) {
  Tensor out = empty_like(t);
  detail::fill_uniform(out, 0, 1, default_generator());
  return out;
}
Tensor randn_like(const Tensor& t) {
  Tensor out = empty_like(t);
  detail::fill_normal(out, 0, 1, default_generator());
  return out;
}

namespace detail {

void fill_uniform(const Tensor& t, double low, double high, Generator& gen) {
  check<DTypeError>(t.is_floating_point(), "rand: expected a floating dtype, got {}", t.dtype());
  const bool wide = t.dtype() == DType::float64;
  const int64_t per_block = wide ? 2 : 4;
  const int64_t n = t.numel(), blocks = (n + per_block - 1) / per_block;
  const uint64_t first = gen.reserve(static_cast<uint64_t>(blocks));
  dispatch_floating(t.dtype(), [&]<class T>() {
    T* p = static_cast<T*>(t.raw_data());
    parallel_for(0, blocks, grain / 4, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i) {
        const Philox4 r = philox(gen.seed(), first + static_cast<uint64_t>(i));
        for (int64_t k = 0; k < per_block && i * per_block + k < n; ++k) {
          const double u = wide ? unit(r.v[2 * k], r.v[2 * k + 1]) : unit24(r.v[k]);
          p[i * per_block + k] = static_cast<T>(low + (high - low) * u);
        }
      }
    });
  });
}

// Box and Muller, "A note on the generation of random normal deviates", 1958.
void fill_normal(const Tensor& t, double mean, double std, Generator& gen) {
  check<DTypeError>(t.is_floating_point(), "randn: expected a floating dtype, got {}", t.dtype());
  const int64_t n = t.numel(), pairs = (n + 1) / 2;
  const uint64_t first = gen.reserve(static_cast<uint64_t>(pairs));
  dispatch_floating(t.dtype(), [&]<class T>() {
    T* p = static_cast<T*>(t.raw_data());
    parallel_for(0, pairs, grain / 8, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i) {
        const Philox4 r = philox(gen.seed(), first + static_cast<uint64_t>(i));
        const double radius = std::sqrt(-2 * std::log(1 - unit(r.v[0], r.v[1])));
        const double angle = 2 * std::numbers::pi * unit(r.v[2], r.v[3]);
        p[2 * i] = static_cast<T>(mean + std * radius * std::cos(angle));
        if (2 * i + 1 < n) p[2 * i + 1] = static_cast<T>(mean + std * radius * std::sin(angle));
      }
    });
  });
}

Tensor from_data(const void* data, size_t count, const Shape& shape, DType dtype) {
  check<ShapeError>(static_cast<int64_t>(count) == shape.numel(),
                    "from: {} values do not fill the shape {}", count, shape);
  Tensor t = empty(shape, dtype);
  if (count) std::memcpy(t.raw_data(), data, t.nbytes());
  return t;
}

}  // namespace detail

Tensor rand(const Shape& shape, DType dtype, Generator& gen) {
  Tensor t = empty(shape, dtype);
  detail::fill_uniform(t, 0, 1, gen);
  return t;
}

Tensor randn(const Shape& shape, DType dtype, Generator& gen) {
  Tensor t = empty(shape, dtype);
  detail::fill_normal(t, 0, 1, gen);
  return t;
}

Tensor randint(int64_t low, int64_t high, const Shape& shape, DType dtype, Generator& gen) {
  check(low < high, "randint: expected low < high, got {} and {}", low, high);
  Tensor t = empty(shape, dtype);
  const uint64_t first = gen.reserve(static_cast<uint64_t>(t.numel()));
  const auto range = static_cast<uint64_t>(high - low);
  return generate(t, [&](int64_t i) {
    const Philox4 r = philox(gen.seed(), first + static_cast<uint64_t>(i));
    const uint64_t bits = (static_cast<uint64_t>(r.v[0]) << 32) | r.v[1];
    // The high half of bits * range: uniform up to 2^-64 * range.
    return low + static_cast<int64_t>((static_cast<unsigned __int128>(bits) * range) >> 64);
  });
}

Tensor randperm(int64_t n, Generator& gen) {
  Tensor t = arange(n);
  auto* p = static_cast<int64_t*>(t.raw_data());
  for (int64_t i = n - 1; i > 0; --i) {
    const auto wide = static_cast<unsigned __int128>(gen.next()) * static_cast<uint64_t>(i + 1);
    std::swap(p[i], p[static_cast<int64_t>(wide >> 64)]);
  }
  return t;
}

Tensor from_blob(void* data, const Shape& shape, DType dtype) {
  Tensor t = detail::make_tensor(Shape{0}, dtype);
  t.impl()->storage = Storage::external(data, static_cast<size_t>(shape.numel()) * itemsize(dtype),
                                        nullptr, nullptr);
  t.impl()->shape = shape;
  t.impl()->strides = contiguous_strides(shape);
  return t;
}

}  // namespace rw
