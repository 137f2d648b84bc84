#include <rewind/kernels/pointwise/pointwise_kernel.h>

#include <cmath>
#include <cstring>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/index/copy.h>
#include <rewind/kernels/loop.h>
#include <rewind/kernels/pointwise/convert.h>
#include <rewind/kernels/pointwise/pointwise_vectors.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>

namespace rw::kernels {
namespace {

constexpr int64_t chunk = 512;

// The vector code wants contiguous float32 or float64: other operands pass through small buffers.
template <class T>
struct Reader {
  Compute<T> buffer[chunk];

  const Compute<T>* read(const T* x, int64_t step, int64_t n) {
    if constexpr (std::is_same_v<T, Compute<T>>)
      if (step == 1 || step == 0) return x;
    if constexpr (std::is_same_v<T, BFloat16>)
      if (step == 1) {
        convert(x, buffer, n);
        return buffer;
      }
    const int64_t count = step == 0 ? 1 : n;
    for (int64_t i = 0; i < count; ++i) buffer[i] = static_cast<Compute<T>>(x[i * step]);
    return buffer;
  }
};

// compute(y, n) fills a contiguous piece; it goes to memory of another type or stride.
template <class T, class F>
void write(T* y, int64_t step, int64_t n, F&& compute) {
  if constexpr (std::is_same_v<T, Compute<T>>)
    if (step == 1) return compute(y, n);
  Compute<T> buffer[chunk];
  compute(buffer, n);
  if constexpr (std::is_same_v<T, BFloat16>)
    if (step == 1) return convert(buffer, y, n);
  for (int64_t i = 0; i < n; ++i) y[i * step] = static_cast<T>(buffer[i]);
}

template <class T>
bool direct(std::initializer_list<int64_t> steps) {
  if (!std::is_same_v<T, Compute<T>>) return false;
  for (const int64_t s : steps)
    if (s != 0 && s != 1) return false;
  return true;
}

template <class T>
void unary_floating(UnaryOp op, Parameters p, const Shape& shape, const Operand& x,
                    const Operand& y) {
  Loop<2>(shape, {{&x.strides, &y.strides}}).run([&](auto offset, int64_t n, auto step) {
    const T* px = at<const T>(x, offset[0]);
    T* py = at<T>(y, offset[1]);
    const int64_t piece = direct<T>({step[1]}) && step[0] == 1 ? n : chunk;
    Reader<T> reader;
    for (int64_t i = 0; i < n; i += piece) {
      const int64_t m = std::min(piece, n - i);
      // An expanded input is one value: compute it once for each element all the same.
      const Compute<T>* in = reader.read(px + i * step[0], step[0], m);
      if (step[0] == 0) {
        const Compute<T> value = *in;
        std::fill_n(reader.buffer, m, value);
        in = reader.buffer;
      }
      write(py + i * step[1], step[1], m,
            [&](Compute<T>* out, int64_t k) { unary_run(op, p, in, out, k); });
    }
  });
}

template <class T>
void binary_floating(BinaryOp op, Parameters p, const Shape& shape, const Operand& a,
                     const Operand& b, const Operand& y) {
  Loop<3>(shape, {{&a.strides, &b.strides, &y.strides}})
      .run([&](auto offset, int64_t n, auto step) {
        const T* pa = at<const T>(a, offset[0]);
        const T* pb = at<const T>(b, offset[1]);
        T* py = at<T>(y, offset[2]);
        const int64_t piece = direct<T>({step[0], step[1]}) && step[2] == 1 ? n : chunk;
        Reader<T> ra, rb;
        for (int64_t i = 0; i < n; i += piece) {
          const int64_t m = std::min(piece, n - i);
          const Compute<T>* in_a = ra.read(pa + i * step[0], step[0], m);
          const Compute<T>* in_b = rb.read(pb + i * step[1], step[1], m);
          write(py + i * step[2], step[2], m, [&](Compute<T>* out, int64_t k) {
            binary_run(op, p, in_a, step[0] != 0, in_b, step[1] != 0, out, k);
          });
        }
      });
}

// f(i-th element of each operand) for types whose loops need no vector code of ours.
template <class A, class Y, class F>
void map(const Shape& shape, const Operand& x, const Operand& y, F&& f) {
  Loop<2>(shape, {{&x.strides, &y.strides}}).run([&](auto offset, int64_t n, auto step) {
    const A* px = at<const A>(x, offset[0]);
    Y* py = at<Y>(y, offset[1]);
    if (step[0] == 1 && step[1] == 1)
      for (int64_t i = 0; i < n; ++i) py[i] = f(px[i]);
    else
      for (int64_t i = 0; i < n; ++i) py[i * step[1]] = f(px[i * step[0]]);
  });
}

template <class A, class Y, class F>
void map(const Shape& shape, const Operand& a, const Operand& b, const Operand& y, F&& f) {
  Loop<3>(shape, {{&a.strides, &b.strides, &y.strides}})
      .run([&](auto offset, int64_t n, auto step) {
        const A* pa = at<const A>(a, offset[0]);
        const A* pb = at<const A>(b, offset[1]);
        Y* py = at<Y>(y, offset[2]);
        if (step[0] == 1 && step[1] == 1 && step[2] == 1)
          for (int64_t i = 0; i < n; ++i) py[i] = f(pa[i], pb[i]);
        else
          for (int64_t i = 0; i < n; ++i) py[i * step[2]] = f(pa[i * step[0]], pb[i * step[1]]);
      });
}

int64_t integer_power(int64_t base, int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
  uint64_t result = 1;  // unsigned: overflow wraps around
  for (auto b = static_cast<uint64_t>(base); exponent > 0; exponent /= 2, b *= b)
    if (exponent % 2) result *= b;
  return static_cast<int64_t>(result);
}

// Integers are computed in uint64_t, where overflow wraps around, and cut to their type.
template <class T>
uint64_t wide(T v) {
  return static_cast<uint64_t>(v);
}

template <class T>
void unary_integer(UnaryOp op, Parameters p, const Shape& shape, const Operand& x,
                   const Operand& y) {
  const auto each = [&](auto f) {
    map<T, T>(shape, x, y, [f](T v) { return static_cast<T>(f(v)); });
  };
  switch (op) {
    case UnaryOp::neg:
      return each([](T v) { return 0 - wide(v); });
    case UnaryOp::abs:
      return each([](T v) { return v < 0 ? 0 - wide(v) : wide(v); });
    case UnaryOp::sign:
      return each([](T v) { return (v > 0) - (v < 0); });
    case UnaryOp::square:
      return each([](T v) { return wide(v) * wide(v); });
    case UnaryOp::relu:
      return each([](T v) { return v < 0 ? T{} : v; });
    case UnaryOp::clamp:
      return each([low = number_cast<T>(p.a), high = number_cast<T>(p.b)](T v) {
        const T raised = v < low ? low : v;
        return raised > high ? high : raised;
      });
    default:
      fail<DTypeError>("unary: op {} is not defined for {}", static_cast<int>(op),
                       name(dtype_of<T>));
  }
}

template <class T>
void binary_integer(BinaryOp op, const Shape& shape, const Operand& a, const Operand& b,
                    const Operand& y) {
  const auto each = [&](auto f) {
    map<T, T>(shape, a, b, y, [f](T u, T v) { return static_cast<T>(f(u, v)); });
  };
  switch (op) {
    case BinaryOp::add:
      return each([](T u, T v) { return wide(u) + wide(v); });
    case BinaryOp::sub:
      return each([](T u, T v) { return wide(u) - wide(v); });
    case BinaryOp::mul:
      return each([](T u, T v) { return wide(u) * wide(v); });
    case BinaryOp::maximum:
      return each([](T u, T v) { return u > v ? u : v; });
    case BinaryOp::minimum:
      return each([](T u, T v) { return u < v ? u : v; });
    case BinaryOp::pow:
      return each([](T u, T v) { return integer_power(u, v); });
    default:
      fail<DTypeError>("binary: op {} is not defined for {}", static_cast<int>(op),
                       name(dtype_of<T>));
  }
}

}  // namespace

void unary(UnaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& x,
           const Operand& y) {
  dispatch(dtype, [&]<class T>() {
    if constexpr (std::is_same_v<T, bool>)
      fail<DTypeError>("unary: op {} is not defined for bool", static_cast<int>(op));
    else if constexpr (std::is_integral_v<T>)
      unary_integer<T>(op, p, shape, x, y);
    else
      unary_floating<T>(op, p, shape, x, y);
  });
}

void binary(BinaryOp op, Parameters p, DType dtype, const Shape& shape, const Operand& a,
            const Operand& b, const Operand& y) {
  dispatch(dtype, [&]<class T>() {
    if constexpr (std::is_integral_v<T>)
      binary_integer<T>(op, shape, a, b, y);
    else
      binary_floating<T>(op, p, shape, a, b, y);
  });
}

void compare(CompareOp op, DType dtype, const Shape& shape, const Operand& a, const Operand& b,
             const Operand& y) {
  dispatch(dtype, [&]<class T>() {
    using C = Compute<T>;
    const auto each = [&](auto f) {
      map<T, bool>(shape, a, b, y, [f](T u, T v) { return f(C(u), C(v)); });
    };
    switch (op) {
      case CompareOp::eq:
        return each([](C u, C v) { return u == v; });
      case CompareOp::ne:
        return each([](C u, C v) { return u != v; });
      case CompareOp::lt:
        return each([](C u, C v) { return u < v; });
      case CompareOp::le:
        return each([](C u, C v) { return u <= v; });
      case CompareOp::gt:
        return each([](C u, C v) { return u > v; });
      case CompareOp::ge:
        return each([](C u, C v) { return u >= v; });
    }
  });
}

namespace {

// Bits are chosen with masks: a branch per element could not be predicted.
template <class Bits>
void where_bits(const Shape& shape, const Operand& mask, const Operand& a, const Operand& b,
                const Operand& y) {
  constexpr std::integral_constant<int64_t, 0> zero;
  constexpr std::integral_constant<int64_t, 1> one;
  Loop<4>(shape, {{&mask.strides, &a.strides, &b.strides, &y.strides}})
      .run([&](auto offset, int64_t n, auto step) {
        const auto choose = [&](auto m, auto u, auto v, auto w) {
          const uint8_t* pm = at<const uint8_t>(mask, offset[0]);
          const Bits* pa = at<const Bits>(a, offset[1]);
          const Bits* pb = at<const Bits>(b, offset[2]);
          Bits* py = at<Bits>(y, offset[3]);
          for (int64_t i = 0; i < n; ++i) {
            const Bits first = static_cast<Bits>(Bits{0} - Bits{pm[i * m]});
            py[i * w] = static_cast<Bits>((pa[i * u] & first) | (pb[i * v] & ~first));
          }
        };
        // Steps known to the compiler become vectors.
        const bool dense = step[0] == 1 && step[3] == 1;
        if (dense && step[1] == 1 && step[2] == 1)
          choose(one, one, one, one);
        else if (dense && step[1] == 0 && step[2] == 1)
          choose(one, zero, one, one);
        else if (dense && step[1] == 1 && step[2] == 0)
          choose(one, one, zero, one);
        else
          choose(step[0], step[1], step[2], step[3]);
      });
}

}  // namespace

void where(DType dtype, const Shape& shape, const Operand& mask, const Operand& a, const Operand& b,
           const Operand& y) {
  switch (itemsize(dtype)) {
    case 1:
      return where_bits<uint8_t>(shape, mask, a, b, y);
    case 2:
      return where_bits<uint16_t>(shape, mask, a, b, y);
    case 4:
      return where_bits<uint32_t>(shape, mask, a, b, y);
    default:
      return where_bits<uint64_t>(shape, mask, a, b, y);
  }
}

namespace {

template <class To, class From>
To converted(From v) {
  if constexpr (std::is_same_v<To, bool>)
    return static_cast<Compute<From>>(v) != Compute<From>{};
  else if constexpr (std::is_same_v<To, BFloat16>)
    return BFloat16(static_cast<float>(v));
  else if constexpr (std::is_integral_v<From>)
    return static_cast<To>(v);
  else
    return number_cast<To>(static_cast<double>(v));
}

// Between float32 and bfloat16, the conversion that has to be quick.
template <class From, class To>
void convert_runs(const Shape& shape, const Operand& x, const Operand& y) {
  Loop<2>(shape, {{&x.strides, &y.strides}}).run([&](auto offset, int64_t n, auto step) {
    const From* px = at<const From>(x, offset[0]);
    To* py = at<To>(y, offset[1]);
    if (step[0] == 1 && step[1] == 1) return convert(px, py, n);
    for (int64_t i = 0; i < n; ++i) py[i * step[1]] = converted<To>(px[i * step[0]]);
  });
}

}  // namespace

void copy(DType from, DType to, const Shape& shape, const Operand& x, const Operand& y) {
  if (from == to) return copy_bytes(itemsize(from), shape, x, y);
  if (from == bfloat16 && to == float32) return convert_runs<BFloat16, float>(shape, x, y);
  if (from == float32 && to == bfloat16) return convert_runs<float, BFloat16>(shape, x, y);
  dispatch(from, [&]<class From>() {
    dispatch(to, [&]<class To>() {
      map<From, To>(shape, x, y, [](From v) { return converted<To>(v); });
    });
  });
}

void fill(DType dtype, const Shape& shape, Scalar value, const Operand& y) {
  dispatch(dtype, [&]<class T>() {
    const T v = element<T>(value);
    Loop<1>(shape, {{&y.strides}}).run([&](auto offset, int64_t n, auto step) {
      copy_run(&v, 0, at<T>(y, offset[0]), step[0], n);
    });
  });
}

}  // namespace rw::kernels
