#include <rewind/kernels/sort/sort_kernel.h>

#include <algorithm>
#include <type_traits>

#include <rewind/kernels/sort/radix_sort.h>
#include <rewind/kernels/sort/sort_rows.h>
#include <rewind/tensor/dispatch.h>

namespace rw::kernels {
namespace {

/// Entries in memory that may be mixed up, as a function of their place.
template <class Entry>
struct InMemory {
  Entry* x;
  const Entry& operator()(int64_t i) const { return x[i]; }
};

// Of so many entries all are kept.
constexpr int64_t few = 256;

// The entry at place k in the order of n entries at(i), which stand in the order of their indices:
// digit by digit those that may be it are kept, while there are many.
template <class Entry, class At>
Entry entry_at(int64_t n, int64_t k, const At& at) {
  constexpr int digit = 8, values = 1 << digit;
  if constexpr (std::is_same_v<At, InMemory<Entry>>)
    if (n <= few) {
      std::nth_element(at.x, at.x + k, at.x + n);
      return at(k);
    }
  using Key = typename Entry::Key;
  Key least = at(0).key(), most = least;
  for (int64_t i = 1; i < n; ++i) {
    const Key key = at(i).key();
    least = std::min(least, key);
    most = std::max(most, key);
  }
  if (least == most) return at(k);
  const int shift =
      std::max(0, static_cast<int>(std::bit_width(static_cast<uint64_t>(most - least))) - digit);
  const auto digit_of = [=](const Entry& e) {
    return static_cast<size_t>((e.key() - least) >> shift);
  };
  // Equal neighbours would wait for each other's count.
  int64_t several[4][values] = {};
  for (int64_t i = 0; i < n; ++i) ++several[i % 4][digit_of(at(i))];
  int64_t* const counts = several[0];
  for (int v = 0; v < values; ++v) counts[v] += several[1][v] + several[2][v] + several[3][v];
  size_t wanted = 0;
  while (k >= counts[wanted]) k -= counts[wanted++];
  const EntryMemory<Entry> kept(counts[wanted] + 1);
  int64_t left = 0;
  for (int64_t i = 0; i < n; ++i) {
    kept.data()[left] = at(i);
    left += digit_of(at(i)) == wanted;
  }
  return entry_at<Entry>(left, k, InMemory<Entry>{kept.data()});
}

// The last entry of the longest run of equal keys in a sorted row, of the first such. NaN equals
// nothing, itself neither.
template <class T, class Entry>
const Entry* most_frequent(const Entry* x, int64_t n) {
  int64_t best = 0, length = 0;
  for (int64_t begin = 0; begin < n;) {
    int64_t end = begin + 1;
    const bool is_nan =
        !std::is_integral_v<T> && x[begin].key() == static_cast<SortKey<T>>(~SortKey<T>{0});
    while (!is_nan && end < n && x[end].key() == x[begin].key()) ++end;
    if (end - begin > length) {
      length = end - begin;
      best = end - 1;
    }
    begin = end;
  }
  return x + best;
}

template <class T, class Entry, class At>
Entry of_rank(Rank rank, int64_t k, int64_t n, const At& at) {
  if (rank == Rank::kth) return entry_at<Entry>(n, k, at);
  int64_t numbers = n;
  if constexpr (!std::is_integral_v<T>) {
    const auto is_nan = [&](int64_t i) {
      return at(i).key() == static_cast<SortKey<T>>(~SortKey<T>{0});
    };
    int64_t nans = 0, first = 0;
    for (int64_t i = 0; i < n; ++i) nans += is_nan(i);
    if (rank == Rank::median && nans > 0) {
      while (!is_nan(first)) ++first;
      return at(first);
    }
    if (nans < n) numbers -= nans;
  }
  return entry_at<Entry>(n, (numbers - 1) / 2, at);
}

// Of long rows in one piece, keys alone are looked at: entries are made of those that may be it.
template <class T, class Entry>
void select_in_rows(const SortRows<T, Entry>& rows, Groups groups, Rank rank, int64_t k, const T* x,
                    T* values, int64_t* indices) {
  const int64_t n = groups.n;
  constexpr int64_t grain = 1 << 14;
  parallel_for(0, groups.outer, grain / n + 1, [&](int64_t begin, int64_t end) {
    const EntryMemory<SortKey<T>> memory(n);
    SortKey<T>* const keys = memory.data();
    for (int64_t r = begin; r < end; ++r) {
      const T* row = x + r * n;
      for (int64_t i = 0; i < n; ++i) keys[i] = rows.key(row[i]);
      const auto at = [keys](int64_t i) { return Entry(keys[i], i); };
      const Entry found = of_rank<T, Entry>(rank, k, n, at);
      const Entry* const one = &found;
      rows.store(row, &one, 1, 1, values ? values + r : nullptr, indices + r);
    }
  });
}

}  // namespace

void sort(DType dtype, Groups groups, bool descending, const void* x, void* values,
          int64_t* indices) {
  dispatch(dtype, [&]<class Value>() {
    with_entry<Value>(groups.n, [&]<class T, class Entry>() {
      using Rows = SortRows<T, Entry>;
      const Rows rows(groups, descending, static_cast<const T*>(x));
      rows.run(groups.n, static_cast<T*>(values), indices, [](const typename Rows::Row& row) {
        RadixSorter<Entry>::sort(row.entries, row.spare, row.n);
        return row.entries;
      });
    });
  });
}

void select_rank(DType dtype, Groups groups, Rank rank, int64_t k, const void* x, void* values,
                 int64_t* indices) {
  dispatch(dtype, [&]<class Value>() {
    with_entry<Value>(groups.n, [&]<class T, class Entry>() {
      using Rows = SortRows<T, Entry>;
      const Rows rows(groups, false, static_cast<const T*>(x));
      T* const out = static_cast<T*>(values);
      if (rank == Rank::mode)
        return rows.run(1, out, indices, [](const typename Rows::Row& row) {
          RadixSorter<Entry>::sort(row.entries, row.spare, row.n);
          return most_frequent<T>(row.entries, row.n);
        });
      if (groups.inner == 1 && groups.n > few)
        return select_in_rows(rows, groups, rank, k, static_cast<const T*>(x), out, indices);
      rows.run(1, out, indices, [&](const typename Rows::Row& row) {
        *row.entries = of_rank<T, Entry>(rank, k, row.n, InMemory<Entry>{row.entries});
        return static_cast<const Entry*>(row.entries);
      });
    });
  });
}

}  // namespace rw::kernels
