#pragma once

#include <algorithm>
#include <utility>

#include <rewind/kernels/index/stage.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/shape.h>

namespace rw::kernels {

/// One value for each operand.
template <class T, size_t N>
struct Each {
  T v[N];
  T& operator[](size_t k) { return v[k]; }
  const T& operator[](size_t k) const { return v[k]; }
};

/// The walk of N strided operands over one shape, with as few dimensions as memory allows: sorted
/// by the last operand's strides, neighbours merged where every operand walks on evenly.
template <size_t N>
class Loop {
 public:
  Loop(const Shape& shape, const Each<const Strides*, N>& strides) {
    for (int d = 0; d < shape.rank(); ++d) {
      if (shape[d] == 1) continue;
      sizes_[rank_] = shape[d];
      for (size_t k = 0; k < N; ++k) strides_[k][rank_] = (*strides[k])[d];
      ++rank_;
    }
    sort();
    merge();
  }

  int64_t numel() const {
    int64_t n = 1;
    for (int d = 0; d < rank_; ++d) n *= sizes_[d];
    return n;
  }

  int rank() const { return rank_; }
  int64_t size(int d) const { return sizes_[d]; }
  int64_t stride(size_t k, int d) const { return strides_[k][d]; }
  Strided walk(size_t k) const { return {sizes_, strides_[k], rank_}; }

  /// Calls run(offsets, n, steps): n elements, operand k from offsets[k] on by steps[k]. Runs lie
  /// inside [begin, end) of the walk.
  template <class Run>
  void for_each_run(int64_t begin, int64_t end, Run&& run) const {
    if (begin >= end) return;
    int64_t index[Shape::max_rank], rest = begin;
    Each<int64_t, N> offsets{}, steps{};
    for (int d = rank_ - 1; d >= 0; --d) {
      index[d] = rest % sizes_[d];
      rest /= sizes_[d];
      for (size_t k = 0; k < N; ++k) offsets[k] += index[d] * strides_[k][d];
    }
    const int inner = rank_ - 1;
    for (size_t k = 0; rank_ && k < N; ++k) steps[k] = strides_[k][inner];
    int64_t first = rank_ ? index[inner] : 0;
    for (int64_t at = begin;;) {
      const int64_t n = std::min((rank_ ? sizes_[inner] : 1) - first, end - at);
      run(offsets, n, steps);
      at += n;
      if (at == end) return;
      for (size_t k = 0; k < N; ++k) offsets[k] -= first * steps[k];
      first = 0;
      for (int d = inner - 1; d >= 0; --d) {
        for (size_t k = 0; k < N; ++k) offsets[k] += strides_[k][d];
        if (++index[d] < sizes_[d]) break;
        for (size_t k = 0; k < N; ++k) offsets[k] -= sizes_[d] * strides_[k][d];
        index[d] = 0;
      }
    }
  }

  /// Elements from which on threads share a walk whose elements take no longer than to be read.
  static constexpr int64_t grain = 1 << 15;

  /// The whole walk, shared out over threads.
  template <class Run>
  void run(Run&& run, int64_t grain = Loop::grain) const {
    parallel_for(0, numel(), grain,
                 [&](int64_t begin, int64_t end) { for_each_run(begin, end, run); });
  }

 private:
  // Insertion sort, stable: the largest stride outermost.
  void sort() {
    for (int i = 1; i < rank_; ++i)
      for (int j = i; j > 0 && strides_[N - 1][j - 1] < strides_[N - 1][j]; --j) {
        std::swap(sizes_[j - 1], sizes_[j]);
        for (size_t k = 0; k < N; ++k) std::swap(strides_[k][j - 1], strides_[k][j]);
      }
  }

  void merge() {
    int out = 0;
    for (int d = 1; d < rank_; ++d) {
      bool flat = true;
      for (size_t k = 0; k < N; ++k) flat &= strides_[k][out] == strides_[k][d] * sizes_[d];
      if (flat) {
        sizes_[out] *= sizes_[d];
      } else {
        sizes_[++out] = sizes_[d];
      }
      for (size_t k = 0; k < N; ++k) strides_[k][out] = strides_[k][d];
    }
    if (rank_) rank_ = out + 1;
  }

  int rank_ = 0;
  int64_t sizes_[Shape::max_rank];
  int64_t strides_[N][Shape::max_rank];
};

}  // namespace rw::kernels
