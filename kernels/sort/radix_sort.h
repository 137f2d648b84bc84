#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <rewind/tensor/parallel.h>

namespace rw::kernels {

/// Sorts entries, of which equal keys have to stand in the order of their indices: by digits of the
/// keys, from the least one on while they fit in the cache, from the greatest one that differs
/// before.
template <class Entry>
class RadixSorter {
 public:
  /// The n entries, sorted; `spare` has room for as many.
  static void sort(Entry* x, Entry* spare, int64_t n) {
    if (n <= few)
      settle(x, n, n * n);
    else if (n <= cached)
      by_least_digits(x, spare, n, false);
    else
      by_parts(x, spare, n, false);
  }

 private:
  using Key = typename Entry::Key;
  static constexpr int64_t few = 24, cached = (1 << 20) / sizeof(Entry);
  // So many more bits than tell n numbers apart do so for floating ones, of which the greatest bits
  // are exponents.
  static constexpr int slack = sizeof(Key) == 8 ? 9 : 4;
  static constexpr int digit = 8, values = 1 << digit;
  static constexpr size_t max_digits = sizeof(Key);
  static constexpr int part_digit = 11, parts = 1 << part_digit;

  static void copy(const Entry* from, Entry* to, int64_t n) {
    std::memcpy(static_cast<void*>(to), from, static_cast<size_t>(n) * sizeof(Entry));
  }

  // Where keys lie: the least one, and how many bits tell how far others are above it.
  struct Range {
    Key least;
    int width;
  };
  static Range range_of(const Entry* x, int64_t n) {
    Key least = x[0].key(), most = least;
    for (int64_t i = 1; i < n; ++i) {
      least = std::min(least, x[i].key());
      most = std::max(most, x[i].key());
    }
    return {least, bits(static_cast<uint64_t>(most - least))};
  }
  static int bits(uint64_t number) { return static_cast<int>(std::bit_width(number)); }

  // The result is in `x`, or in `spare` if `over`. Most often as many of the greatest bits as
  // tell n values apart are enough, and few neighbours are left to be exchanged.
  static void by_least_digits(Entry* x, Entry* spare, int64_t n, bool over) {
    const Range range = range_of(x, n);
    const int enough = (bits(static_cast<uint64_t>(n)) + slack + digit - 1) / digit * digit;
    const int lowest = std::max(0, range.width - enough);
    Entry* wanted = over ? spare : x;
    Entry* sorted = by_digits(x, spare, n, lowest, range);
    if (lowest > 0 && !settle(sorted, n, 2 * n))
      sorted = by_digits(sorted, sorted == x ? spare : x, n, 0, range);
    if (sorted != wanted) copy(sorted, wanted, n);
  }

  // By the bits from `lowest` on. Gives which of both has the result.
  static Entry* by_digits(Entry* from, Entry* to, int64_t n, int lowest, Range range) {
    uint32_t counts[max_digits][values];
    const int digits = (range.width - lowest + digit - 1) / digit;
    std::memset(counts, 0, sizeof counts[0] * static_cast<size_t>(digits));
    for (int64_t i = 0; i < n; ++i) {
      const auto key = static_cast<Key>((from[i].key() - range.least) >> lowest);
      for (int d = 0; d < digits; ++d) ++counts[d][key >> (d * digit) & (values - 1)];
    }
    for (int d = 0; d < digits; ++d) {
      uint32_t* places = counts[d];
      const int shift = lowest + d * digit;
      uint32_t before = 0;
      for (int v = 0; v < values; ++v) before += std::exchange(places[v], before);
      for (int64_t i = 0; i < n; ++i)
        to[places[(from[i].key() - range.least) >> shift & (values - 1)]++] = from[i];
      std::swap(from, to);
    }
    return from;
  }

  // By exchange of neighbours; false, and not sorted yet, where that takes more than `left`.
  static bool settle(Entry* x, int64_t n, int64_t left) {
    for (int64_t i = 1; i < n; ++i) {
      if (!(x[i] < x[i - 1])) continue;
      const Entry moved = x[i];
      int64_t k = i;
      for (; k > 0 && moved < x[k - 1]; --k) x[k] = x[k - 1];
      x[k] = moved;
      if ((left -= i - k) < 0) return false;
    }
    return true;
  }

  static void by_parts(Entry* x, Entry* spare, int64_t n, bool over) {
    const Range range = range_of(x, n);
    const int shift = std::max(0, range.width - part_digit);
    const auto part_of = [=](const Entry& e) {
      return static_cast<size_t>((e.key() - range.least) >> shift);
    };
    constexpr int64_t least_piece = 1 << 16;
    const int64_t pieces = std::clamp<int64_t>(n / least_piece, 1, get_num_threads());
    const auto in_pieces = [&](auto&& f) {
      parallel_for(0, pieces, 1, [&](int64_t b, int64_t e) {
        for (; b < e; ++b) f(b, n * b / pieces, n * (b + 1) / pieces);
      });
    };
    std::vector<int64_t> places(static_cast<size_t>(pieces) * parts), ends(parts);
    in_pieces([&](int64_t piece, int64_t begin, int64_t end) {
      int64_t* counts = places.data() + piece * parts;
      for (int64_t i = begin; i < end; ++i) ++counts[part_of(x[i])];
    });
    int64_t before = 0;
    for (size_t v = 0; v < parts; ++v) {
      for (size_t piece = 0; piece < static_cast<size_t>(pieces); ++piece)
        before += std::exchange(places[piece * parts + v], before);
      ends[v] = before;
    }
    in_pieces([&](int64_t piece, int64_t begin, int64_t end) {
      int64_t* to = places.data() + piece * parts;
      for (int64_t i = begin; i < end; ++i) spare[to[part_of(x[i])]++] = x[i];
    });
    finish_parts(x, spare, ends, shift, over);
  }

  // Sorts the parts, which lie in `spare` and end at `ends`.
  static void finish_parts(Entry* x, Entry* spare, const std::vector<int64_t>& ends, int shift,
                           bool over) {
    const auto finish = [&](int64_t v) {
      const int64_t begin = v ? ends[static_cast<size_t>(v - 1)] : 0;
      const int64_t size = ends[static_cast<size_t>(v)] - begin;
      Entry *of = spare + begin, *aside = x + begin;
      if (shift == 0 || size <= few) {
        if (shift != 0) settle(of, size, size * size);
        if (!over) copy(of, aside, size);
      } else if (size <= cached) {
        by_least_digits(of, aside, size, !over);
      } else {
        by_parts(of, aside, size, !over);
      }
    };
    parallel_for(0, parts, 16, [&](int64_t b, int64_t e) {
      for (; b < e; ++b) finish(b);
    });
  }
};

}  // namespace rw::kernels
