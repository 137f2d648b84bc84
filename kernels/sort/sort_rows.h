#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <rewind/kernels/groups.h>
#include <rewind/kernels/sort/sort_entry.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/parallel.h>

namespace rw::kernels {

/// Memory for entries, uninitialised.
template <class Entry>
class EntryMemory {
 public:
  explicit EntryMemory(int64_t n)
      : bytes_(static_cast<size_t>(n) * sizeof(Entry)), data_(detail::allocate(bytes_)) {}
  ~EntryMemory() { detail::deallocate(data_, bytes_); }
  EntryMemory(const EntryMemory&) = delete;
  EntryMemory& operator=(const EntryMemory&) = delete;
  Entry* data() const { return static_cast<Entry*>(data_); }

 private:
  size_t bytes_;
  void* data_;
};

/// The entries of rows of T, one row after another.
template <class T, class Entry>
class SortRows {
 public:
  using Key = SortKey<T>;

  SortRows(Groups groups, bool descending, const T* x)
      : g_(groups), flip_(descending ? static_cast<Key>(~Key{0}) : Key{0}), x_(x) {}

  /// The entries of one row, which may be written over, and room for as many.
  struct Row {
    Entry *entries, *spare;
    int64_t n;
  };

  /// Writes the first k entries that f(row) points to, for each row, to results with k for n, on
  /// several threads; those of few long rows are free for f. `values` may be null.
  template <class F>
  void run(int64_t k, T* values, int64_t* indices, const F& f) const {
    if (g_.n == 0) return;
    const int64_t width = std::clamp<int64_t>(most_together / g_.n, 1, std::min(g_.inner, wide));
    const int64_t tiles = (g_.inner + width - 1) / width;
    const auto some = [&](int64_t b, int64_t e) {
      const EntryMemory<Entry> memory((width + 1) * g_.n);
      for (; b < e; ++b) {
        const int64_t outer = b / tiles, first = b % tiles * width;
        tile(memory.data(), outer, first, std::min(width, g_.inner - first), f,
             {k, values, indices});
      }
    };
    if (g_.outer * tiles < few && g_.n * width >= long_row)
      some(0, g_.outer * tiles);
    else
      parallel_for(0, g_.outer * tiles, grain / (g_.n * width) + 1, some);
  }

  Key key(T value) const { return static_cast<Key>(sort_key(value) ^ flip_); }

  /// Writes the first k entries of adjacent rows, of which the first begins at x.
  void store(const T* x, const Entry* const* entries, int64_t count, int64_t k, T* values,
             int64_t* indices) const {
    const int64_t step = g_.inner;
    parallel_for(0, k, grain, [&](int64_t b, int64_t e) {
      for (; b < e; ++b)
        for (int64_t i = 0; i < count; ++i) {
          const Entry& of = entries[i][b];
          if (values) values[b * step + i] = value(x + i, of);
          indices[b * step + i] = of.index();
        }
    });
  }

 private:
  static constexpr int64_t wide = 16, most_together = 1 << 15, few = 4, long_row = 1 << 16;
  static constexpr int64_t grain = 1 << 14;

  struct Results {
    int64_t k;
    T* values;
    int64_t* indices;
  };

  T value(const T* row, const Entry& e) const {
    const auto ascending = static_cast<Key>(static_cast<Key>(e.key()) ^ flip_);
    return is_ambiguous<T>(ascending) ? row[e.index() * g_.inner] : value_of_key<T>(ascending);
  }

  // `count` adjacent rows, which are read and written together.
  template <class F>
  void tile(Entry* memory, int64_t outer, int64_t first, int64_t count, const F& f,
            const Results& to) const {
    const int64_t step = g_.inner, n = g_.n;
    const T* x = x_ + outer * n * step + first;
    if (count == 1)
      parallel_for(0, n, grain, [&](int64_t b, int64_t e) {
        for (; b < e; ++b) memory[b] = Entry(key(x[b * step]), b);
      });
    else
      for (int64_t k = 0; k < n; ++k)
        for (int64_t i = 0; i < count; ++i) memory[i * n + k] = Entry(key(x[k * step + i]), k);
    const Entry* found[wide];
    for (int64_t i = 0; i < count; ++i) found[i] = f(Row{memory + i * n, memory + count * n, n});
    const int64_t at = outer * to.k * step + first;
    store(x, found, count, to.k, to.values ? to.values + at : nullptr, to.indices + at);
  }

  Groups g_;
  Key flip_;  // turns the order around
  const T* x_;
};

/// Calls f.template operator()<T, Entry>() with the narrowest entry for rows of n values.
template <class T, class F>
void with_entry(int64_t n, const F& f) {
  if constexpr (sizeof(T) < 8)
    if (n <= int64_t{std::numeric_limits<uint32_t>::max()})
      return f.template operator()<T, NarrowEntry>();
  f.template operator()<T, WideEntry>();
}

}  // namespace rw::kernels
