#include <rewind/kernels/update/adafactor_kernel.h>

#include <algorithm>
#include <cmath>

#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/update/adafactor_kernel.cpp"
#include <hwy/foreach_target.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class D, class V>
HWY_INLINE double sum(D d, V v) {
  return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, v)));
}

// Adds the squares of rows of g to `of_rows` and `of_columns`; the sum of those of p.
template <class T>
double add_squares(const T* p, const T* g, int64_t rows, int64_t columns, T* of_rows,
                   T* of_columns) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  double of_param = 0;
  for (int64_t r = 0; r < rows; ++r, p += columns, g += columns) {
    auto row = hn::Zero(d), own = hn::Zero(d);
    for (int64_t j = 0; j < columns; j += lanes) {
      const int64_t n = columns - j;
      const auto x = load_up_to(d, g + j, n), v = load_up_to(d, p + j, n);
      const auto square = hn::Mul(x, x);
      row = hn::Add(row, square);
      own = hn::MulAdd(v, v, own);
      store_up_to(d, hn::Add(load_up_to(d, of_columns + j, n), square), of_columns + j, n);
    }
    of_rows[r] = static_cast<T>(sum(d, row));
    of_param += sum(d, own);
  }
  return of_param;
}

// An update is g times the roots of its row and its column, which is at most `most`; NaN stays.
template <class V>
HWY_INLINE V change(V g, V row, V column, V most) {
  const V root = hn::Mul(row, column);
  return hn::Mul(g, hn::IfThenElse(hn::Gt(root, most), most, root));
}

template <class T>
double sum_changes(const T* g, int64_t rows, int64_t columns, const T* row_roots,
                   const T* column_roots, T most) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto limit = hn::Set(d, most);
  double total = 0;
  for (int64_t r = 0; r < rows; ++r, g += columns) {
    auto squares = hn::Zero(d);
    const auto row = hn::Set(d, row_roots[r]);
    for (int64_t j = 0; j < columns; j += lanes) {
      const int64_t n = columns - j;
      const auto u =
          change(load_up_to(d, g + j, n), row, load_up_to(d, column_roots + j, n), limit);
      squares = hn::MulAdd(u, u, squares);
    }
    total += sum(d, squares);
  }
  return total;
}

template <class T>
void move_rows(T* p, const T* g, int64_t rows, int64_t columns, const T* row_roots,
               const T* column_roots, T most, T keep, T rate) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto limit = hn::Set(d, most), kept = hn::Set(d, keep), step = hn::Set(d, rate);
  for (int64_t r = 0; r < rows; ++r, p += columns, g += columns) {
    const auto row = hn::Set(d, row_roots[r]);
    for (int64_t j = 0; j < columns; j += lanes) {
      const int64_t n = columns - j;
      const auto u =
          change(load_up_to(d, g + j, n), row, load_up_to(d, column_roots + j, n), limit);
      store_up_to(d, hn::NegMulAdd(step, u, hn::Mul(kept, load_up_to(d, p + j, n))), p + j, n);
    }
  }
}

// 1 / sqrt(x / mean).
template <class T>
void roots(const T* x, int64_t n, double mean, T* y) {
  for (int64_t i = 0; i < n; ++i)
    y[i] = static_cast<T>(1 / std::sqrt(static_cast<double>(x[i]) / mean));
}

template <class T>
void lerp_to_mean(const T* sums, int64_t n, int64_t count, double share, T* means) {
  for (int64_t i = 0; i < n; ++i) {
    const double mean = static_cast<double>(sums[i]) / static_cast<double>(count),
                 old = static_cast<double>(means[i]);
    means[i] = static_cast<T>(old + share * (mean - old));
  }
}

// Calls f(block, matrix, first row, rows) for blocks of rows, on several threads, and adds up what
// it returns, whatever their number.
template <class F>
double over_blocks(const AdafactorUpdate& u, int64_t block_rows, const F& f) {
  const int64_t per_matrix = (u.rows + block_rows - 1) / block_rows;
  std::vector<double> sums(static_cast<size_t>(u.matrices * per_matrix));
  parallel_for(0, u.matrices * per_matrix, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const int64_t first = b % per_matrix * block_rows;
      sums[static_cast<size_t>(b)] =
          f(b, b / per_matrix, first, std::min(block_rows, u.rows - first));
    }
  });
  double total = 0;
  for (const double s : sums) total += s;
  return total;
}

template <class T>
void update(const AdafactorUpdate& u) {
  auto* const p = static_cast<T*>(u.param);
  const auto* const g = static_cast<const T*>(u.grad);
  auto *const row_var = static_cast<T*>(u.row_var), *const col_var = static_cast<T*>(u.col_var);
  const int64_t block_rows = std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(u.columns, 1));
  const int64_t per_matrix = (u.rows + block_rows - 1) / block_rows, m = u.rows * u.columns;
  std::vector<T> of_rows(static_cast<size_t>(u.matrices * u.rows));
  std::vector<T> of_columns(static_cast<size_t>(u.matrices * per_matrix * u.columns));
  const double of_param =
      over_blocks(u, block_rows, [&](int64_t b, int64_t k, int64_t r, int64_t n) {
        const int64_t at = k * m + r * u.columns;
        return add_squares(p + at, g + at, n, u.columns, of_rows.data() + k * u.rows + r,
                           of_columns.data() + b * u.columns);
      });

  std::vector<T> row_roots(of_rows.size()),
      column_roots(static_cast<size_t>(u.matrices * u.columns));
  for (int64_t k = 0; k < u.matrices; ++k) {
    T* const columns = of_columns.data() + k * per_matrix * u.columns;
    for (int64_t b = 1; b < per_matrix; ++b)
      for (int64_t j = 0; j < u.columns; ++j) columns[j] += columns[b * u.columns + j];
    T *const rows = row_var + k * u.rows, *const cols = col_var + k * u.columns;
    lerp_to_mean(of_rows.data() + k * u.rows, u.rows, u.columns, u.share, rows);
    lerp_to_mean(columns, u.columns, u.rows, u.share, cols);
    double mean = 0;
    for (int64_t r = 0; r < u.rows; ++r) mean += static_cast<double>(rows[r]);
    mean = std::max(mean / static_cast<double>(u.rows), u.eps1);
    roots(rows, u.rows, mean, row_roots.data() + k * u.rows);
    roots(cols, u.columns, 1, column_roots.data() + k * u.columns);
  }

  const auto most = static_cast<T>(1 / u.eps1);
  const double changes = over_blocks(u, block_rows, [&](int64_t, int64_t k, int64_t r, int64_t n) {
    return sum_changes(g + k * m + r * u.columns, n, u.columns, row_roots.data() + k * u.rows + r,
                       column_roots.data() + k * u.columns, most);
  });
  const double size = std::sqrt(static_cast<double>(u.matrices * m));
  const double excess = std::sqrt(changes) / (size * u.d);
  const double rate =
      u.rate * std::max(u.eps2, std::sqrt(of_param) / size) / (excess <= 1 ? 1 : excess);
  over_blocks(u, block_rows, [&](int64_t, int64_t k, int64_t r, int64_t n) {
    const int64_t at = k * m + r * u.columns;
    move_rows(p + at, g + at, n, u.columns, row_roots.data() + k * u.rows + r,
              column_roots.data() + k * u.columns, most, static_cast<T>(u.keep),
              static_cast<T>(u.maximize ? -rate : rate));
    return 0.;
  });
}

void update_any(const AdafactorUpdate& u) {
  dispatch_among<float, double>(u.dtype, [&]<class T>() { update<T>(u); });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(update_any);

void adafactor_step(const std::vector<AdafactorUpdate>& updates) {
  constexpr int64_t large = 1 << 18;
  const auto is_large = [](const AdafactorUpdate& u) {
    return u.matrices * u.rows * u.columns > large;
  };
  parallel_for(0, static_cast<int64_t>(updates.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
      if (!is_large(updates[i])) HWY_DYNAMIC_DISPATCH(update_any)(updates[i]);
  });
  for (const AdafactorUpdate& u : updates)
    if (is_large(u)) HWY_DYNAMIC_DISPATCH(update_any)(u);
}

}  // namespace rw::kernels
#endif
