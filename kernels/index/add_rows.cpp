#include <rewind/kernels/index/add_rows.h>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/index/add_rows.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

#include <rewind/kernels/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

constexpr int64_t piece = 1024;  // of a row: its sums stay in the nearest cache

// sum[k] += scale x[k], of the accumulator's type S.
template <class T, class S>
void add_piece(const T* x, S scale, int64_t n, S* sum) {
  const hn::ScalableTag<S> d;
  const auto factor = hn::Set(d, scale);
  for_each_vector(d, n, [&](auto load, auto store) HWY_ATTR {
    store(hn::MulAdd(factor, load(x, S(0)), load(sum, S(0))), sum);
  });
}

template <class From, class To>
void convert_piece(const From* x, To* y, int64_t n) {
  if constexpr (std::is_same_v<From, To>)
    std::copy_n(x, n, y);
  else
    convert_floats(x, y, n);
}

// y[j] += the sum of scale[i] x[from[i]][j], j in [0, n), for the entries of group k.
template <class T>
void add_group(const RowSums& sums, int64_t k, int64_t inner, const T* x, T* y, int64_t n) {
  using S = std::conditional_t<std::is_same_v<T, double>, double, float>;
  HWY_ALIGN S sum[piece];
  const auto* scale = static_cast<const S*>(sums.scale);
  int64_t i = sums.first[k];
  const int64_t end = sums.first[k + 1];
  const auto add_until = [&](int64_t stop) {
    for (; i < stop; ++i) add_piece(x + sums.from[i] * inner, scale ? scale[i] : S(1), n, sum);
  };
  convert_piece(y, sum, n);
  if (end - i <= addends || std::is_same_v<T, double>) {
    add_until(end);
    return convert_piece(sum, y, n);
  }
  HWY_ALIGN double total[piece];
  std::copy_n(sum, n, total);
  while (i < end) {
    std::fill_n(sum, n, S(0));
    add_until(std::min(end, i + addends));
    for (int64_t j = 0; j < n; ++j) total[j] += double{sum[j]};
  }
  for (int64_t j = 0; j < n; ++j) sum[j] = static_cast<S>(total[j]);
  convert_piece(sum, y, n);
}

void AddGroup(DType dtype, const RowSums& sums, int64_t k, int64_t inner, const void* x, void* y) {
  dispatch_among<Float16, BFloat16, float, double>(dtype, [&]<class T>() {
    for (int64_t j = 0; j < inner; j += piece)
      add_group(sums, k, inner, static_cast<const T*>(x) + j, static_cast<T*>(y) + j,
                std::min(piece, inner - j));
  });
}

// at[j] = which of the rows has the greatest x[row][j]: the first of equal ones, NaN only where it
// is the first of all, as PyTorch's.
template <class T>
void greatest(const int64_t* rows, int64_t count, int64_t inner, const T* x, int64_t* at) {
  std::fill_n(at, inner, rows[0]);
  for (int64_t j = 0; j < inner; j += piece) {
    const int64_t n = std::min(piece, inner - j);
    HWY_ALIGN T best[piece];
    std::copy_n(x + rows[0] * inner + j, n, best);
    for (int64_t i = 1; i < count; ++i) {
      const T* row = x + rows[i] * inner + j;
      for (int64_t k = 0; k < n; ++k) {
        const bool more = row[k] > best[k];
        best[k] = more ? row[k] : best[k];
        at[j + k] = more ? rows[i] : at[j + k];
      }
    }
  }
}

void Greatest(DType dtype, const int64_t* rows, int64_t count, int64_t inner, const void* x,
              int64_t* at) {
  dispatch_among<Float16, BFloat16, float, double>(
      dtype, [&]<class T>() { greatest(rows, count, inner, static_cast<const T*>(x), at); });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(AddGroup);
HWY_EXPORT(Greatest);

NamedPlaces::NamedPlaces(const int64_t* index, int64_t step, int64_t n) {
  std::vector<std::pair<int64_t, int64_t>> named(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) named[static_cast<size_t>(i)] = {index[i * step], i};
  if (!std::is_sorted(named.begin(), named.end())) std::sort(named.begin(), named.end());
  members.reserve(named.size());
  for (const auto& [place, member] : named) {
    if (places.empty() || places.back() != place) {
      places.push_back(place);
      first.push_back(static_cast<int64_t>(members.size()));
    }
    members.push_back(member);
  }
  first.push_back(n);
}

namespace {

// Of x and y that lie `x_step` and `y_step` rows apart.
void add_all(DType dtype, int64_t outer, const RowSums& sums, int64_t inner, const void* x,
             int64_t x_step, void* y, int64_t y_step) {
  if (outer * sums.groups == 0) return;
  const auto bytes = inner * static_cast<int64_t>(itemsize(dtype));
  const int64_t numbers = sums.first[sums.groups] * inner;  // of all groups
  const int64_t grain = 1 + (1 << 14) / std::max<int64_t>(1, numbers / sums.groups);
  parallel_for(0, outer * sums.groups, grain, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const int64_t o = at / sums.groups, k = at % sums.groups, to = sums.to ? sums.to[k] : k;
      HWY_DYNAMIC_DISPATCH(AddGroup)
      (dtype, sums, k, inner, static_cast<const char*>(x) + o * x_step * bytes,
       static_cast<char*>(y) + (o * y_step + to) * bytes);
    }
  });
}

}  // namespace

void add_rows(DType dtype, int64_t outer, int64_t n, int64_t places, int64_t inner,
              const int64_t* index, int64_t step, const void* x, void* y) {
  const NamedPlaces named(index, step, n);
  add_all(dtype, outer, named.sums(), inner, x, n, y, places);
}

void add_row_sums(DType dtype, const RowSums& sums, int64_t inner, const void* x, void* y) {
  add_all(dtype, 1, sums, inner, x, 0, y, 0);
}

void greatest_rows(DType dtype, int64_t groups, const int64_t* first, const int64_t* rows,
                   int64_t inner, const void* x, int64_t* at) {
  if (groups == 0) return;
  const int64_t grain = 1 + (1 << 13) / std::max<int64_t>(1, first[groups] * inner / groups);
  parallel_for(0, groups, grain, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      const int64_t count = first[k + 1] - first[k];
      if (count == 0)
        std::fill_n(at + k * inner, inner, -1);
      else
        HWY_DYNAMIC_DISPATCH(Greatest)(dtype, rows + first[k], count, inner, x, at + k * inner);
    }
  });
}

}  // namespace rw::kernels
#endif
