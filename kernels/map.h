#pragma once

#include <algorithm>
#include <bit>
#include <utility>

#include <rewind/kernels/index/stage.h>
#include <rewind/kernels/loop.h>
#include <rewind/kernels/operand.h>

namespace rw::kernels {

/// A walk whose runs are contiguous for every operand, or one element for all of it: what lies
/// otherwise passes through small buffers. All operands but the last are read, that one is written.
template <size_t N>
class Map {
 public:
  /// `is_long`: more threads share the walk, as each element takes long.
  Map(const Shape& shape, const Each<const Operand*, N>& operands, const Each<size_t, N>& sizes,
      bool is_long = false)
      : loop_(shape, strides_of(operands)),
        itemsize_(sizes),
        grain_(is_long ? Loop<N>::grain / 4 : Loop<N>::grain) {
    for (size_t k = 0; k < N; ++k) data_[k] = static_cast<char*>(operands[k]->data);
  }

  /// Calls f(pointers, n, steps) on pieces, on several threads: n elements, each step 0 or 1.
  template <class F>
  void run(F&& f) const {
    if (loop_.rank() == 0) return f(data_, int64_t{1}, Each<int64_t, N>{});
    const bool even = walks_evenly();
    if (even && (loop_.rank() == 1 || loop_.size(inner()) >= long_run)) return by_runs(f);
    if (const int across = even ? -1 : transposed_dim(); across >= 0) return by_tiles(across, f);
    by_chunks(f);
  }

 private:
  static constexpr int64_t stream_piece = 256;
  static constexpr int64_t long_run = 128, chunk = 1024;
  static constexpr int64_t tile_rows = 16, tile_columns = 64;
  static constexpr size_t widest = 8;  // bytes of an element

  static Each<const Strides*, N> strides_of(const Each<const Operand*, N>& operands) {
    Each<const Strides*, N> s;
    for (size_t k = 0; k < N; ++k) s[k] = &operands[k]->strides;
    return s;
  }

  int inner() const { return loop_.rank() - 1; }
  char* moved(size_t k, int64_t offset) const {
    return data_[k] + offset * static_cast<int64_t>(itemsize_[k]);
  }
  static bool is_even(int64_t step) { return step == 0 || step == 1; }

  bool walks_evenly() const {
    for (size_t k = 0; k < N; ++k)
      if (!is_even(loop_.stride(k, inner()))) return false;
    return loop_.stride(N - 1, inner()) == 1;
  }

  template <class F>
  void by_runs(F&& f) const {
    if (is_streamed()) return by_streamed_runs(f);
    loop_.run(
        [&](const Each<int64_t, N>& offset, int64_t n, const Each<int64_t, N>& steps) {
          Each<char*, N> p;
          for (size_t k = 0; k < N; ++k) p[k] = moved(k, offset[k]);
          f(p, n, steps);
        },
        grain_);
  }

  // Whether the result leaves the caches, and is not in them already for being read. A result of
  // few reads is as quickly written through them.
  bool is_streamed() const {
    if (distinct_bytes(N - 1) < streaming_bytes) return false;
    size_t read = 0;
    for (size_t k = 0; k + 1 < N; ++k) {
      if (data_[k] == data_[N - 1]) return false;
      read += distinct_bytes(k);
    }
    return read >= streaming_bytes;
  }
  size_t distinct_bytes(size_t k) const {
    size_t bytes = itemsize_[k];
    for (int d = 0; d < loop_.rank(); ++d)
      if (loop_.stride(k, d) != 0) bytes *= static_cast<size_t>(loop_.size(d));
    return bytes;
  }

  // What is read is asked for ahead: writes that wait for memory would hold up these reads.
  template <class F>
  void by_streamed_runs(F&& f) const {
    parallel_for(0, loop_.numel(), grain_, [&](int64_t begin, int64_t end) {
      loop_.for_each_run(begin, end, [&](const auto& offset, int64_t n, const auto& steps) {
        for (int64_t at = 0; at < n; at += stream_piece)
          stream_piece_of(f, offset, at, std::min(stream_piece, n - at), steps);
      });
      finish_streams();
    });
  }

  // n elements of a run, from `at` on.
  template <class F>
  void stream_piece_of(F&& f, const Each<int64_t, N>& offset, int64_t at, int64_t n,
                       const Each<int64_t, N>& steps) const {
    alignas(64) char buffer[stream_piece * widest];
    Each<char*, N> p;
    for (size_t k = 0; k < N; ++k) {
      p[k] = moved(k, offset[k] + at * steps[k]);
      const size_t bytes = stream_piece * itemsize_[k];
      for (size_t i = 0; k + 1 < N && steps[k] != 0 && i < bytes; i += 64)
        __builtin_prefetch(p[k] + 2 * bytes + i);
    }
    char* result = std::exchange(p[N - 1], buffer);
    f(p, n, steps);
    stream_run(buffer, static_cast<size_t>(n) * itemsize_[N - 1], result);
  }

  // --- Where runs are short, or an operand lies unevenly -----------------------------------------

  // Whether element i of the walk is element i of the operand, or always the same one.
  bool is_linear(size_t k) const {
    int64_t n = 1;
    for (int d = inner(); d >= 0; n *= loop_.size(d), --d)
      if (loop_.stride(k, d) != n) return false;
    return true;
  }
  bool is_constant(size_t k) const {
    for (int d = inner(); d >= 0; --d)
      if (loop_.stride(k, d) != 0) return false;
    return true;
  }

  template <class F>
  void by_chunks(F&& f) const {
    Each<bool, N> linear, constant;
    for (size_t k = 0; k < N; ++k) {
      linear[k] = is_linear(k);
      constant[k] = k + 1 < N && is_constant(k);
    }
    parallel_for(0, loop_.numel(), grain_, [&](int64_t begin, int64_t end) {
      alignas(64) char buffer[N][chunk * widest];
      for (int64_t at = begin; at < end; at += chunk) {
        const int64_t n = std::min(chunk, end - at);
        Each<char*, N> p;
        Each<int64_t, N> steps;
        for (size_t k = 0; k < N; ++k) {
          steps[k] = !constant[k];
          p[k] = linear[k] ? moved(k, at) : constant[k] ? data_[k] : buffer[k];
          if (p[k] == buffer[k] && k + 1 < N)
            gather_run(itemsize_[k], data_[k], loop_.walk(k), at, n, buffer[k]);
        }
        f(p, n, steps);
        if (!linear[N - 1])
          scatter_run(itemsize_[N - 1], buffer[N - 1], loop_.walk(N - 1), at, n, data_[N - 1]);
      }
    });
  }

  // --- Where an operand lies evenly across the walk ----------------------------------------------

  bool is_transposed(size_t k, int across) const {
    return !is_even(loop_.stride(k, inner())) && loop_.stride(k, across) == 1;
  }

  // The dimension along which an operand lies evenly that along the last one does not, or -1.
  int transposed_dim() const {
    if (loop_.stride(N - 1, inner()) != 1 || loop_.size(inner()) < 8) return -1;
    for (int d = inner() - 1; d >= 0; --d)
      for (size_t k = 0; k + 1 < N; ++k)
        if (loop_.size(d) >= 8 && is_transposed(k, d)) return d;
    return -1;
  }

  template <class F>
  void by_tiles(int across, F&& f) const {
    const int64_t rows = loop_.size(across), columns = loop_.size(inner());
    const int64_t row_tiles = (rows + tile_rows - 1) / tile_rows;
    const int64_t column_tiles = (columns + tile_columns - 1) / tile_columns;
    const int64_t tiles = loop_.numel() / (rows * columns) * row_tiles * column_tiles;
    parallel_for(0, tiles, grain_ / (tile_rows * tile_columns), [&](int64_t begin, int64_t end) {
      for (int64_t at = begin; at < end; ++at) {
        const int64_t j = at % column_tiles * tile_columns;
        const int64_t i = at / column_tiles % row_tiles * tile_rows;
        Each<char*, N> p;
        for (size_t k = 0; k < N; ++k)
          p[k] = moved(k, outer_offset(k, across, at / (column_tiles * row_tiles)) +
                              i * loop_.stride(k, across) + j * loop_.stride(k, inner()));
        run_tile(across, p, std::min(tile_rows, rows - i), std::min(tile_columns, columns - j), f);
      }
    });
  }

  // Of element `rest` of the dimensions that are neither across nor the last.
  int64_t outer_offset(size_t k, int across, int64_t rest) const {
    int64_t offset = 0;
    for (int d = inner() - 1; d >= 0; --d) {
      if (d == across) continue;
      offset += rest % loop_.size(d) * loop_.stride(k, d);
      rest /= loop_.size(d);
    }
    return offset;
  }

  template <class F>
  void run_tile(int across, const Each<char*, N>& p, int64_t rows, int64_t columns, F&& f) const {
    alignas(64) char buffer[N][tile_rows * tile_columns * widest];
    Each<bool, N> transposed;
    for (size_t k = 0; k < N; ++k) {
      transposed[k] = is_transposed(k, across);
      if (transposed[k])
        transpose_tile(itemsize_[k], p[k], loop_.stride(k, inner()), buffer[k], tile_columns,
                       columns, rows);
    }
    for (int64_t i = 0; i < rows; ++i) {
      Each<char*, N> row;
      Each<int64_t, N> steps;
      for (size_t k = 0; k < N; ++k) {
        const int64_t step = loop_.stride(k, inner());
        const auto bytes = static_cast<int64_t>(itemsize_[k]);
        steps[k] = step != 0;
        row[k] = transposed[k] ? buffer[k] + i * tile_columns * bytes
                               : p[k] + i * loop_.stride(k, across) * bytes;
        if (transposed[k] || is_even(step)) continue;
        gather_run(itemsize_[k], row[k], {&columns, &step, 1}, 0, columns, buffer[k]);
        row[k] = buffer[k];
      }
      f(row, columns, steps);
    }
  }

  Loop<N> loop_;
  Each<char*, N> data_;
  Each<size_t, N> itemsize_;
  int64_t grain_;  // elements that a thread takes at least
};

}  // namespace rw::kernels
