#include <rewind/kernels/sort/sort_kernel.h>

#include <algorithm>
#include <vector>

#include <rewind/kernels/simd/targets.h>
#include <rewind/kernels/sort/radix_sort.h>
#include <rewind/kernels/sort/sort_rows.h>
#include <rewind/tensor/dispatch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/sort/select_kernel.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

// The first of n adjacent values whose key, turned around by `flip`, is less than `limit`; up to n
// rounded down to whole blocks where there is none.
template <class T>
int64_t find_less(const T* x, int64_t n, SortKey<T> flip, SortKey<T> limit) {
  constexpr int64_t block = 64;
  int64_t i = 0;
  for (; i + block <= n; i += block) {
    SortKey<T> less = 0;
    for (int64_t k = 0; k < block; ++k)
      less |= static_cast<SortKey<T>>(static_cast<SortKey<T>>(sort_key(x[i + k]) ^ flip) < limit);
    if (less) break;
  }
  return i;
}

int64_t FindLess(DType dtype, const void* x, int64_t n, uint64_t flip, uint64_t limit) {
  int64_t found = 0;
  dispatch(dtype, [&]<class T>() {
    found = find_less(static_cast<const T*>(x), n, static_cast<SortKey<T>>(flip),
                      static_cast<SortKey<T>>(limit));
  });
  return found;
}

// The first of n rows, `step` apart, in which the key of a column is less than its limit; n where
// there is none.
template <class T>
int64_t find_row(const T* x, int64_t n, int64_t step, int64_t columns, SortKey<T> flip,
                 const SortKey<T>* limits) {
  for (int64_t r = 0; r < n; ++r, x += step) {
    SortKey<T> less = 0;
    for (int64_t i = 0; i < columns; ++i)
      less |= static_cast<SortKey<T>>(static_cast<SortKey<T>>(sort_key(x[i]) ^ flip) < limits[i]);
    if (less) return r;
  }
  return n;
}

int64_t FindRow(DType dtype, const void* x, int64_t n, int64_t step, int64_t columns, uint64_t flip,
                const void* limits) {
  int64_t found = 0;
  dispatch(dtype, [&]<class T>() {
    found = find_row(static_cast<const T*>(x), n, step, columns, static_cast<SortKey<T>>(flip),
                     static_cast<const SortKey<T>*>(limits));
  });
  return found;
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindLess);
HWY_EXPORT(FindRow);

namespace {

// Sorts entries that selection has mixed up: the sorter leaves those of equal keys as they stand.
template <class Entry>
void put_in_order(Entry* x, Entry* spare, int64_t n) {
  RadixSorter<Entry>::sort(x, spare, n);
  for (int64_t begin = 0, end; begin < n; begin = end) {
    for (end = begin + 1; end < n && x[end].key() == x[begin].key();) ++end;
    if (end - begin > 1) std::sort(x + begin, x + end);
  }
}

// Puts an entry among the first `count` of an order, of which one may go beyond it.
template <class Entry>
void insert(Entry* kept, int64_t count, const Entry& e) {
  for (; count > 0 && e < kept[count - 1]; --count) kept[count] = kept[count - 1];
  kept[count] = e;
}

// The first k entries of the order of a row that is read once. Kept are those found so far that may
// be among them: all others are not less than the k-th of what was there at some time.
template <class T, class Entry>
class FirstOf {
  using Key = SortKey<T>;

 public:
  FirstOf(const SortRows<T, Entry>& rows, int64_t k, Key flip)
      : rows_(rows), k_(k), room_(2 * k + 2 * block), flip_(flip), memory_(room_) {}

  /// The result, in any order.
  Entry* run(const T* x, int64_t n) {
    int64_t count = 0;
    Entry* kept = memory_.data();
    int64_t i = 0;
    for (; i < std::min(n, room_ - block); ++i) kept[count++] = Entry(rows_.key(x[i]), i);
    while (i < n) {
      std::nth_element(kept, kept + (k_ - 1), kept + count);
      count = k_;
      const Key limit = static_cast<Key>(kept[k_ - 1].key());
      while (i < n && count + block <= room_) {
        i += HWY_DYNAMIC_DISPATCH(FindLess)(dtype_of<T>, x + i, n - i, flip_, limit);
        for (const int64_t end = std::min(n, i + block); i < end; ++i) {
          const Key key = rows_.key(x[i]);
          kept[count] = Entry(key, i);
          count += key < limit;
        }
      }
    }
    if (k_ < count) std::nth_element(kept, kept + (k_ - 1), kept + count);
    return kept;
  }

  /// The same in order, for few: each takes its place among those found so far. Null where too many
  /// do, as in a sorted row: run() is quicker then.
  Entry* run_few(const T* x, int64_t n) {
    Entry* kept = memory_.data();
    int64_t left = k_ > 1 ? 32 * k_ : n;
    for (int64_t i = 0; i < k_; ++i) insert(kept, i, Entry(rows_.key(x[i]), i));
    auto limit = static_cast<Key>(kept[k_ - 1].key());
    for (int64_t i = k_; i < n;) {
      i += HWY_DYNAMIC_DISPATCH(FindLess)(dtype_of<T>, x + i, n - i, flip_, limit);
      for (const int64_t end = std::min(n, i + block); i < end; ++i) {
        const Key key = rows_.key(x[i]);
        if (key >= limit) continue;
        if (--left < 0) return nullptr;
        insert(kept, k_ - 1, Entry(key, i));
        limit = static_cast<Key>(kept[k_ - 1].key());
      }
    }
    return kept;
  }

 private:
  static constexpr int64_t block = 64;

  const SortRows<T, Entry>& rows_;
  int64_t k_, room_;
  Key flip_;
  EntryMemory<Entry> memory_;
};

// Rows of adjacent values, of which few are wanted.
template <class T, class Entry>
void scan_rows(Groups g, int64_t k, bool descending, bool sorted, const T* x, T* values,
               int64_t* indices) {
  const SortRows<T, Entry> rows(g, descending, x);
  const auto flip = descending ? static_cast<SortKey<T>>(~SortKey<T>{0}) : SortKey<T>{0};
  parallel_for(0, g.outer, (1 << 16) / g.n + 1, [&](int64_t b, int64_t e) {
    FirstOf<T, Entry> first(rows, k, flip);
    const EntryMemory<Entry> spare(k);
    constexpr int64_t few = 8;
    for (; b < e; ++b) {
      Entry* found = k <= few ? first.run_few(x + b * g.n, g.n) : nullptr;
      if (!found) {
        found = first.run(x + b * g.n, g.n);
        if (sorted) put_in_order(found, spare.data(), k);
      }
      rows.store(x + b * g.n, &found, 1, k, values + b * k, indices + b * k);
    }
  });
}

// The first entries of the order of adjacent rows, which are read together: those found so far, in
// order. What follows equal ones comes after them.
template <class T, class Entry>
class FirstOfColumns {
  using Key = SortKey<T>;

 public:
  static constexpr int64_t wide = 64, most = 12;

  FirstOfColumns(const SortRows<T, Entry>& rows, int64_t k, Key flip)
      : rows_(rows), k_(k), flip_(flip), memory_(wide * k) {}

  /// The k entries of column i are at result[i].
  const Entry* const* run(const T* x, int64_t n, int64_t step, int64_t columns) {
    for (int64_t i = 0; i < columns; ++i) found_[i] = kept(i);
    for (int64_t r = 0; r < k_; ++r)
      for (int64_t i = 0; i < columns; ++i)
        insert(kept(i), r, Entry(rows_.key(x[r * step + i]), r));
    for (int64_t i = 0; i < columns; ++i) take_limit(i);
    for (int64_t r = k_; r < n; ++r) {
      r += HWY_DYNAMIC_DISPATCH(FindRow)(dtype_of<T>, x + r * step, n - r, step, columns, flip_,
                                         limits_);
      for (int64_t i = 0; r < n && i < columns; ++i)
        if (const Key key = rows_.key(x[r * step + i]); key < limits_[i]) {
          insert(kept(i), k_ - 1, Entry(key, r));
          take_limit(i);
        }
    }
    return found_;
  }

 private:
  Entry* kept(int64_t column) const { return memory_.data() + column * k_; }
  void take_limit(int64_t column) {
    limits_[column] = static_cast<Key>(found_[column][k_ - 1].key());
  }

  const SortRows<T, Entry>& rows_;
  int64_t k_;
  Key flip_, limits_[wide];
  const Entry* found_[wide];
  EntryMemory<Entry> memory_;
};

template <class T, class Entry>
void scan_columns(Groups g, int64_t k, bool descending, const T* x, T* values, int64_t* indices) {
  using First = FirstOfColumns<T, Entry>;
  const SortRows<T, Entry> rows(g, descending, x);
  const auto flip = descending ? static_cast<SortKey<T>>(~SortKey<T>{0}) : SortKey<T>{0};
  const int64_t width = std::min(g.inner, First::wide), tiles = (g.inner + width - 1) / width;
  parallel_for(0, g.outer * tiles, (1 << 16) / (g.n * width) + 1, [&](int64_t b, int64_t e) {
    First first(rows, k, flip);
    for (; b < e; ++b) {
      const int64_t outer = b / tiles, at = b % tiles * width,
                    count = std::min(width, g.inner - at);
      const T* in = x + outer * g.n * g.inner + at;
      const int64_t to = outer * k * g.inner + at;
      rows.store(in, first.run(in, g.n, g.inner, count), count, k, values + to, indices + to);
    }
  });
}

// The same for few columns, or for more entries of each than are quickly kept in order: turned into
// rows first, so many together.
template <class T, class Entry>
void scan_turned(Groups g, int64_t k, bool descending, bool sorted, const T* x, T* values,
                 int64_t* indices) {
  constexpr int64_t wide = 32, least = 8, most_turned = 1 << 20;
  const SortRows<T, Entry> rows(g, descending, x);
  const auto flip = descending ? static_cast<SortKey<T>>(~SortKey<T>{0}) : SortKey<T>{0};
  const int64_t width = std::min(g.inner, std::clamp(most_turned / g.n, least, wide));
  const int64_t tiles = (g.inner + width - 1) / width;
  parallel_for(0, g.outer * tiles, (1 << 16) / (g.n * width) + 1, [&](int64_t b, int64_t e) {
    FirstOf<T, Entry> first(rows, k, flip);
    const EntryMemory<T> turned(width * g.n);
    const EntryMemory<Entry> spare(k), kept(width * k);
    const Entry* found[wide];
    for (; b < e; ++b) {
      const int64_t outer = b / tiles, at = b % tiles * width,
                    count = std::min(width, g.inner - at);
      const T* in = x + outer * g.n * g.inner + at;
      for (int64_t r = 0; r < g.n; ++r)
        for (int64_t i = 0; i < count; ++i) turned.data()[i * g.n + r] = in[r * g.inner + i];
      for (int64_t i = 0; i < count; ++i) {
        Entry* entries = first.run(turned.data() + i * g.n, g.n);
        if (sorted) put_in_order(entries, spare.data(), k);
        found[i] = std::copy_n(entries, k, kept.data() + i * k) - k;
      }
      const int64_t to = outer * k * g.inner + at;
      rows.store(in, found, count, k, values + to, indices + to);
    }
  });
}

}  // namespace

void select_first(DType dtype, Groups groups, int64_t k, bool descending, bool sorted,
                  const void* x, void* values, int64_t* indices) {
  if (k == 0) return;
  dispatch(dtype, [&]<class Value>() {
    with_entry<Value>(groups.n, [&]<class T, class Entry>() {
      const auto* in = static_cast<const T*>(x);
      auto* out = static_cast<T*>(values);
      if (groups.inner == 1 && k <= groups.n / 8)
        return scan_rows<T, Entry>(groups, k, descending, sorted, in, out, indices);
      if (groups.inner > 1 && k <= groups.n / 8) {
        if (groups.inner >= 8 && k <= FirstOfColumns<T, Entry>::most)
          return scan_columns<T, Entry>(groups, k, descending, in, out, indices);
        return scan_turned<T, Entry>(groups, k, descending, sorted, in, out, indices);
      }
      using Rows = SortRows<T, Entry>;
      const Rows rows(groups, descending, in);
      rows.run(k, out, indices, [&](const typename Rows::Row& row) {
        if (constexpr int64_t short_row = 16; row.n <= short_row) {
          RadixSorter<Entry>::sort(row.entries, row.spare, row.n);
          return row.entries;
        }
        if (k < row.n) std::nth_element(row.entries, row.entries + (k - 1), row.entries + row.n);
        if (sorted) put_in_order(row.entries, row.spare, k);
        return row.entries;
      });
    });
  });
}

}  // namespace rw::kernels
#endif
