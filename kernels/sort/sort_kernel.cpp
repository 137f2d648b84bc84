#include <rewind/kernels/sort/sort_kernel.h>

#include <algorithm>

#include <rewind/kernels/sort/radix_sort.h>
#include <rewind/kernels/sort/sort_rows.h>
#include <rewind/tensor/dispatch.h>

namespace rw::kernels {
namespace {

// Moves the k-th entry of the order to its place, those before it to its left.
template <class Entry>
void part_at(Entry* x, int64_t n, int64_t k) {
  if (k < n) std::nth_element(x, x + k, x + n);
}

// The entry at place k of a row: digit by digit the entries that may be it, while there are many.
template <class Entry>
const Entry* entry_at(Entry* x, Entry* spare, int64_t n, int64_t k) {
  constexpr int64_t few = 256;
  constexpr int digit = 8, values = 1 << digit;
  while (n > few) {
    using Key = typename Entry::Key;
    Key least = x[0].key(), most = least;
    for (int64_t i = 1; i < n; ++i) {
      least = std::min(least, x[i].key());
      most = std::max(most, x[i].key());
    }
    if (least == most) break;
    const int shift =
        std::max(0, static_cast<int>(std::bit_width(static_cast<uint64_t>(most - least))) - digit);
    const auto digit_of = [=](const Entry& e) {
      return static_cast<size_t>((e.key() - least) >> shift);
    };
    // Equal neighbours would wait for each other's count.
    int64_t several[4][values] = {};
    for (int64_t i = 0; i < n; ++i) ++several[i % 4][digit_of(x[i])];
    int64_t* const counts = several[0];
    for (int v = 0; v < values; ++v) counts[v] += several[1][v] + several[2][v] + several[3][v];
    size_t wanted = 0;
    while (k >= counts[wanted]) k -= counts[wanted++];
    int64_t left = 0;
    for (int64_t i = 0; i < n; ++i) {
      spare[left] = x[i];
      left += digit_of(x[i]) == wanted;
    }
    std::swap(x, spare);
    n = left;
  }
  part_at(x, n, k);
  return x + k;
}

// The last entry of the longest run of equal keys in a sorted row, of the first such.
template <class Entry>
const Entry* most_frequent(const Entry* x, int64_t n) {
  int64_t best = 0, length = 0;
  for (int64_t begin = 0; begin < n;) {
    int64_t end = begin + 1;
    while (end < n && x[end].key() == x[begin].key()) ++end;
    if (end - begin > length) {
      length = end - begin;
      best = end - 1;
    }
    begin = end;
  }
  return x + best;
}

template <class T, class Entry>
const Entry* of_rank(Rank rank, int64_t k, Entry* x, Entry* spare, int64_t n) {
  if (rank == Rank::mode) {
    RadixSorter<Entry>::sort(x, spare, n);
    return most_frequent(x, n);
  }
  if (rank == Rank::kth) return entry_at(x, spare, n, k);
  int64_t numbers = n;
  if constexpr (!std::is_integral_v<T>) {
    constexpr auto nan = static_cast<SortKey<T>>(~SortKey<T>{0});
    numbers -= std::count_if(x, x + n, [](const Entry& e) { return e.key() == nan; });
    if (rank == Rank::median && numbers < n)
      return std::find_if(x, x + n, [](const Entry& e) { return e.key() == nan; });
    if (numbers == 0) numbers = n;
  }
  return entry_at(x, spare, n, (numbers - 1) / 2);
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
      rows.run(1, static_cast<T*>(values), indices, [&](const typename Rows::Row& row) {
        // Adjacent rows share the spare memory that it may lie in.
        row.entries[0] = *of_rank<T>(rank, k, row.entries, row.spare, row.n);
        return static_cast<const Entry*>(row.entries);
      });
    });
  });
}

}  // namespace rw::kernels
