#include <rewind/kernels/index/indexing_kernel.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <type_traits>

#include <rewind/kernels/index/copy.h>
#include <rewind/kernels/loop.h>
#include <rewind/tensor/dispatch.h>

namespace rw::kernels {
namespace {

constexpr int64_t grain = 1 << 15;

// `strides` for an operand that an index moves along `dim`.
Strides without(const Strides& strides, int dim) {
  Strides s = strides;
  s[dim] = 0;
  return s;
}

// What becomes of the elements that an index points to, one at a time or a row of them.
struct Add {
  template <class T>
  static void put_row(const T* x, T* y, int64_t n) {
    static const BinaryRun add = binary_run(BinaryOp::add, dtype_of<T>);
    const auto* from = reinterpret_cast<const char*>(x);
    auto* to = reinterpret_cast<char*>(y);
    add({}, to, 1, from, 1, to, n);
  }
  template <class T>
  static void put(T& y, T x) {
    if constexpr (std::is_integral_v<T>)  // unsigned: overflow wraps around
      y = static_cast<T>(static_cast<uint64_t>(y) + static_cast<uint64_t>(x));
    else
      y = static_cast<T>(y + x);
  }
};
// Sums of truth values.
struct Or {
  static void put_row(const bool* x, bool* y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) y[i] |= x[i];
  }
  static void put(bool& y, bool x) { y |= x; }
};
// Products, greatest and least values.
template <BinaryOp op>
struct Join {
  template <class T>
  static void put_row(const T* x, T* y, int64_t n) {
    static const BinaryRun join = binary_run(op, dtype_of<T>);
    auto* to = reinterpret_cast<char*>(y);
    join({}, to, 1, reinterpret_cast<const char*>(x), 1, to, n);
  }
  template <class T>
  static void put(T& y, T x) {
    if constexpr (op == BinaryOp::mul && std::is_integral_v<T>)  // unsigned: wraps around
      y = static_cast<T>(static_cast<uint64_t>(y) * static_cast<uint64_t>(x));
    else if constexpr (op == BinaryOp::mul)
      y *= x;
    else if constexpr (op == BinaryOp::maximum)
      y = x > y || x != x ? x : y;  // NaN stays
    else
      y = x < y || x != x ? x : y;
  }
};
struct Assign {
  template <class T>
  static void put_row(const T* x, T* y, int64_t n) {
    std::memcpy(y, x, static_cast<size_t>(n) * sizeof(T));
  }
  template <class T>
  static void put(T& y, T x) {
    y = x;
  }
};

template <class Change, class T>
void put_run(const T* x, int64_t x_step, T* y, int64_t y_step, int64_t n) {
  if (x_step == 1 && y_step == 1) return Change::put_row(x, y, n);
  if constexpr (std::is_same_v<Change, Assign>)
    if (x_step == 0 && y_step == 1) return static_cast<void>(std::fill_n(y, n, *x));
  for (int64_t i = 0; i < n; ++i) Change::put(y[i * y_step], x[i * x_step]);
}

// The dimension other than `dim` to share out over threads: the largest.
int shared_dim(const Shape& shape, int dim) {
  int best = -1;
  for (int d = 0; d < shape.rank(); ++d)
    if (d != dim && (best < 0 || shape[d] > shape[best])) best = d;
  return best;
}

Operand moved(const Operand& o, DType dtype, int64_t elements) {
  return {static_cast<char*>(o.data) + elements * static_cast<int64_t>(itemsize(dtype)), o.strides};
}

// Whether an element stands for several.
bool repeats(const Shape& shape, const Operand& x) {
  for (int d = 0; d < shape.rank(); ++d)
    if (shape[d] > 1 && x.strides[d] == 0) return true;
  return false;
}

template <class Change, class T>
void scatter_piece(const Shape& shape, int dim, const Operand& x, const Operand& index,
                   const Operand& y) {
  const Strides fixed = without(y.strides, dim);
  const int64_t step_along = y.strides[dim];
  // In the order of memory that is read or written once.
  const Strides& order = !repeats(shape, x)       ? x.strides
                         : !repeats(shape, index) ? index.strides
                                                  : y.strides;
  const Loop<4> loop(shape, {{&fixed, &index.strides, &x.strides, &order}});
  loop.for_each_run(0, loop.numel(), [&](auto offset, int64_t n, auto step) {
    T* py = at<T>(y, offset[0]);
    const int64_t* pi = at<const int64_t>(index, offset[1]);
    const T* px = at<const T>(x, offset[2]);
    if (step[1] == 0 && step[0] != 0)
      return put_run<Change>(px, step[2], py + *pi * step_along, step[0], n);
    for (int64_t i = 0; i < n; ++i)
      Change::put(py[i * step[0] + pi[i * step[1]] * step_along], px[i * step[2]]);
  });
}

template <class Change, class T>
void scatter_all(const Shape& shape, int dim, const Operand& x, const Operand& index,
                 const Operand& y) {
  if (shape.numel() == 0) return;
  const int d = shared_dim(shape, dim);
  if (d < 0 || shape.numel() <= grain) return scatter_piece<Change, T>(shape, dim, x, index, y);
  // Two threads never change one element: each keeps to its part of dimension d.
  const int64_t per_step = shape.numel() / shape[d];
  parallel_for(0, shape[d], std::max<int64_t>(1, grain / per_step), [&](int64_t b, int64_t e) {
    Shape piece = shape;
    piece[d] = e - b;
    scatter_piece<Change, T>(piece, dim, moved(x, dtype_of<T>, b * x.strides[d]),
                             moved(index, int64, b * index.strides[d]),
                             moved(y, dtype_of<T>, b * y.strides[d]));
  });
}

}  // namespace

std::optional<int64_t> out_of_range(const Shape& shape, const Operand& index, int64_t low,
                                    int64_t high) {
  std::atomic<bool> bad = false;
  const Loop<1> loop(shape, {{&index.strides}});
  const auto is_bad = [=](int64_t i) { return i < low || i >= high; };
  loop.run([&](auto offset, int64_t n, auto step) {
    const int64_t* p = at<const int64_t>(index, offset[0]);
    bool any = false;
    for (int64_t i = 0; i < n; ++i) any |= is_bad(p[i * step[0]]);
    if (any) bad.store(true, std::memory_order_relaxed);
  });
  if (!bad) return std::nullopt;
  std::optional<int64_t> first;
  loop.for_each_run(0, loop.numel(), [&](auto offset, int64_t n, auto step) {
    const int64_t* p = at<const int64_t>(index, offset[0]);
    for (int64_t i = 0; i < n && !first; ++i)
      if (is_bad(p[i * step[0]])) first = p[i * step[0]];
  });
  return first;
}

void gather(DType dtype, const Shape& shape, int dim, const Operand& x, const Operand& index,
            const Operand& y) {
  const Strides fixed = without(x.strides, dim);
  const int64_t step_along = x.strides[dim];
  const Loop<3> loop(shape, {{&fixed, &index.strides, &y.strides}});
  dispatch(dtype, [&]<class T>() {
    loop.run([&](auto offset, int64_t n, auto step) {
      const T* px = at<const T>(x, offset[0]);
      const int64_t* pi = at<const int64_t>(index, offset[1]);
      T* py = at<T>(y, offset[2]);
      if (step[1] == 0) return copy_run(px + *pi * step_along, step[0], py, step[2], n);
      for (int64_t i = 0; i < n; ++i)
        py[i * step[2]] = px[i * step[0] + pi[i * step[1]] * step_along];
    });
  });
}

void scatter_add(DType dtype, const Shape& shape, int dim, const Operand& x, const Operand& index,
                 const Operand& y) {
  dispatch(dtype, [&]<class T>() {
    scatter_all<std::conditional_t<std::is_same_v<T, bool>, Or, Add>, T>(shape, dim, x, index, y);
  });
}

void scatter(DType dtype, const Shape& shape, int dim, const Operand& x, const Operand& index,
             const Operand& y) {
  dispatch(dtype, [&]<class T>() { scatter_all<Assign, T>(shape, dim, x, index, y); });
}

void scatter_join(DType dtype, BinaryOp op, const Shape& shape, int dim, const Operand& x,
                  const Operand& index, const Operand& y) {
  const auto run = [&]<class Change>(Change) {
    dispatch_among<float, double, int64_t, int32_t, int16_t, int8_t, uint8_t>(
        dtype, [&]<class T>() { scatter_all<Change, T>(shape, dim, x, index, y); });
  };
  if (op == BinaryOp::mul) return run(Join<BinaryOp::mul>());
  if (op == BinaryOp::maximum) return run(Join<BinaryOp::maximum>());
  run(Join<BinaryOp::minimum>());
}

void append_index(const Shape& shape, int64_t size, const Operand& index, const Operand& y) {
  Loop<2>(shape, {{&index.strides, &y.strides}}).run([&](auto offset, int64_t n, auto step) {
    const int64_t* pi = at<const int64_t>(index, offset[0]);
    int64_t* py = at<int64_t>(y, offset[1]);
    for (int64_t i = 0; i < n; ++i) {
      const int64_t v = pi[i * step[0]];
      py[i * step[1]] = py[i * step[1]] * size + v + (v < 0 ? size : 0);
    }
  });
}

namespace {

// Many places share one counter, so that these stay in the cache.
bool vector_may_crowd(const int64_t* index, int64_t n, int64_t step, int64_t limit) {
  const auto counters = std::bit_ceil(static_cast<uint64_t>(2 * n / limit + 1));
  std::vector<int64_t> counts(counters);
  for (int64_t i = 0; i < n; ++i) ++counts[static_cast<uint64_t>(index[i * step]) & (counters - 1)];
  return *std::max_element(counts.begin(), counts.end()) > limit;
}

}  // namespace

bool may_crowd(const Shape& shape, int dim, const Operand& index, int64_t limit) {
  Shape vectors = shape;
  vectors[dim] = 1;
  std::atomic<bool> found = false;
  Loop<1>(vectors, {{&index.strides}}).run([&](auto offset, int64_t n, auto step) {
    const int64_t* p = at<const int64_t>(index, offset[0]);
    for (int64_t i = 0; i < n && !found; ++i)
      if (vector_may_crowd(p + i * step[0], shape[dim], index.strides[dim], limit)) found = true;
  });
  return found;
}

Crowds crowds(const int64_t* index, int64_t n, int64_t step, int64_t limit) {
  Crowds found;
  if (!vector_may_crowd(index, n, step, limit)) return found;
  const auto at = [=](int64_t i) { return static_cast<size_t>(index[i * step]); };
  size_t size = 0;
  for (int64_t i = 0; i < n; ++i) size = std::max(size, at(i) + 1);
  std::vector<int64_t> number(size);  // of entries that name a place; then its own among crowds
  for (int64_t i = 0; i < n; ++i) ++number[at(i)];
  for (size_t place = 0; place < size; ++place) {
    const bool crowded = number[place] > limit;
    number[place] = crowded ? static_cast<int64_t>(found.places.size()) : -1;
    if (crowded) found.places.push_back(static_cast<int64_t>(place));
  }
  for (int64_t i = 0; !found.places.empty() && i < n; ++i) {
    if (number[at(i)] < 0) continue;
    found.members.push_back(i);
    found.place_of_member.push_back(number[at(i)]);
  }
  return found;
}

void copy_band(size_t itemsize, int64_t matrices, int64_t n, int64_t m, int64_t low, int64_t high,
               const void* x, void* y) {
  const auto bytes = [&](int64_t elements) { return static_cast<size_t>(elements) * itemsize; };
  parallel_for(0, matrices * n, std::max<int64_t>(1, grain / std::max<int64_t>(m, 1)),
               [&](int64_t b, int64_t e) {
                 for (int64_t row = b; row < e; ++row) {
                   const char* from = static_cast<const char*>(x) + bytes(row * m);
                   char* to = static_cast<char*>(y) + bytes(row * m);
                   const int64_t first = std::clamp<int64_t>(row % n + low, 0, m);
                   const int64_t last = std::clamp<int64_t>(row % n + high + 1, first, m);
                   std::memset(to, 0, bytes(first));
                   if (x != y)
                     std::memcpy(to + bytes(first), from + bytes(first), bytes(last - first));
                   std::memset(to + bytes(last), 0, bytes(m - last));
                 }
               });
}

}  // namespace rw::kernels
