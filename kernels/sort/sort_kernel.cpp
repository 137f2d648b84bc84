#include <rewind/kernels/sort/sort_kernel.h>

#include <algorithm>
#include <type_traits>

#include <rewind/kernels/sort/radix_sort.h>
#include <rewind/kernels/sort/sort_keys.h>
#include <rewind/kernels/sort/sort_rows.h>
#include <rewind/tensor/dispatch.h>

namespace rw::kernels {
namespace {

// Of so many entries all are kept.
constexpr int64_t few = 256;

// Puts the entry at place k of the order there, those before it to its left. The first ones are
// found by letting each entry take its place among the least so far.
template <class Entry>
void part_at(Entry* x, int64_t n, int64_t k) {
  if (constexpr int64_t first_ones = 8; k >= first_ones) return std::nth_element(x, x + k, x + n);
  for (int64_t i = 1; i < n; ++i) {
    const Entry e = x[i];
    int64_t to = std::min(i, k + 1);
    for (; to > 0 && e < x[to - 1]; --to)
      if (to <= k) x[to] = x[to - 1];
    if (to <= k) x[to] = e;
  }
}

template <class Entry>
Entry entry_at(Entry* x, int64_t n, int64_t k);

// The first entry at(i) of which k others before it have keys of the same digit.
template <class At, class DigitOf>
auto equal_at(int64_t n, int64_t k, size_t digit, const At& at, const DigitOf& digit_of) {
  constexpr int64_t block = 64;
  int64_t i = 0;
  for (int64_t equal = 0;; i += block, k -= equal) {
    equal = 0;
    for (int64_t l = i; l < std::min(n, i + block); ++l) equal += digit_of(at(l)) == digit;
    if (k < equal) break;
  }
  while (digit_of(at(i)) != digit || k-- > 0) ++i;
  return at(i);
}

// The entry at place k in the order of n entries at(i), which stand in the order of their indices
// and have keys of that range: those that may be it are told by a digit.
template <class Entry, class At>
Entry entry_between(int64_t n, int64_t k, KeyRange range, const At& at) {
  constexpr int digit = 8, values = 1 << digit;
  using Key = typename Entry::Key;
  if (range.least == range.most) return at(k);
  const auto least = static_cast<Key>(range.least);
  const int shift = std::max(0, static_cast<int>(std::bit_width(range.most - range.least)) - digit);
  const auto digit_of = [=](const Entry& e) {
    return static_cast<size_t>((e.key() - least) >> shift);
  };
  // Equal neighbours would wait for each other's count.
  int64_t several[4][values] = {};
  for (int64_t i = 0; i < n / 4 * 4; i += 4)
    for (int64_t j = 0; j < 4; ++j) ++several[j][digit_of(at(i + j))];
  for (int64_t i = n / 4 * 4; i < n; ++i) ++several[0][digit_of(at(i))];
  int64_t* const counts = several[0];
  for (int v = 0; v < values; ++v) counts[v] += several[1][v] + several[2][v] + several[3][v];
  size_t wanted = 0;
  while (k >= counts[wanted]) k -= counts[wanted++];
  if (shift == 0) return equal_at(n, k, wanted, at, digit_of);
  const EntryMemory<Entry> kept(counts[wanted] + 1);
  int64_t left = 0;
  for (int64_t i = 0; i < n; ++i) {
    kept.data()[left] = at(i);
    left += digit_of(at(i)) == wanted;
  }
  return entry_at(kept.data(), left, k);
}

// The same of entries in memory, which may be mixed up.
template <class Entry>
Entry entry_at(Entry* x, int64_t n, int64_t k) {
  if (n <= few) {
    part_at(x, n, k);
    return x[k];
  }
  KeyRange range = {x[0].key(), x[0].key()};
  for (int64_t i = 1; i < n; ++i) {
    const uint64_t key = x[i].key();
    range.least = std::min(range.least, key);
    range.most = std::max(range.most, key);
  }
  return entry_between<Entry>(n, k, range, [x](int64_t i) { return x[i]; });
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

// Of NaN among n keys.
template <class T, class KeyAt>
int64_t count_nans(int64_t n, const KeyAt& key) {
  int64_t nans = 0;
  if constexpr (!std::is_integral_v<T>)
    for (int64_t i = 0; i < n; ++i) nans += key(i) == static_cast<SortKey<T>>(~SortKey<T>{0});
  return nans;
}

// The place in the order of n values, the last of which are NaN.
int64_t place_of(Rank rank, int64_t k, int64_t n, int64_t nans) {
  if (rank == Rank::kth) return k;
  if (rank == Rank::median && nans > 0) return n - nans;
  return ((nans < n ? n - nans : n) - 1) / 2;
}

// Of long rows in one piece, keys alone are looked at: entries are made of those that may be it.
template <class T, class Entry>
void select_in_rows(const SortRows<T, Entry>& rows, Groups groups, Rank rank, int64_t k, const T* x,
                    T* values, int64_t* indices) {
  const int64_t n = groups.n;
  constexpr int64_t grain = 1 << 14;
  parallel_for(0, groups.outer, grain / n + 1, [&](int64_t begin, int64_t end) {
    const EntryMemory<SortKey<T>> memory(n);
    const SortKey<T>* const keys = memory.data();
    for (int64_t r = begin; r < end; ++r) {
      const T* row = x + r * n;
      const KeyRange range = take_keys(dtype_of<T>, row, n, memory.data());
      const bool has_nan = range.most == static_cast<SortKey<T>>(~SortKey<T>{0});
      const int64_t nans = has_nan ? count_nans<T>(n, [=](int64_t i) { return keys[i]; }) : 0;
      const auto at = [keys](int64_t i) { return Entry(keys[i], i); };
      const Entry found = entry_between<Entry>(n, place_of(rank, k, n, nans), range, at);
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
        Entry* const x = row.entries;
        const auto key = [x](int64_t i) { return x[i].key(); };
        const int64_t nans = rank == Rank::kth ? 0 : count_nans<T>(row.n, key);
        *x = entry_at(x, row.n, place_of(rank, k, row.n, nans));
        return static_cast<const Entry*>(x);
      });
    });
  });
}

}  // namespace rw::kernels
