#pragma once
// How a reduction walks over its input.

#include <algorithm>
#include <cstdint>

#include <rewind/kernels/reduce/reduce.h>

namespace rw::kernels {

struct Axis {
  int64_t size;
  int64_t stride;
  int64_t out_stride;  // of kept axes
};

// At most Shape::max_rank axes, outermost first, together with positions in them.
struct Axes {
  Axis axis[Shape::max_rank];
  int rank = 0;

  int64_t numel() const {
    int64_t n = 1;
    for (int i = 0; i < rank; ++i) n *= axis[i].size;
    return n;
  }
  const Axis& inner() const { return axis[rank - 1]; }
  // Axes that lie in memory like one are made one.
  void push(Axis a) {
    if (rank > 0) {
      Axis& last = axis[rank - 1];
      if (last.stride == a.size * a.stride && last.out_stride == a.size * a.out_stride) {
        last = {last.size * a.size, a.stride, a.out_stride};
        return;
      }
    }
    axis[rank++] = a;
  }
};

// Walks over all positions of some axes, innermost fastest, and knows where each lies.
class Walker {
 public:
  Walker(const Axes& axes, int rank, int64_t start) : axes_(axes), rank_(rank) {
    for (int i = rank - 1; i >= 0; --i) {
      at_[i] = start % axes.axis[i].size;
      start /= axes.axis[i].size;
      in += at_[i] * axes.axis[i].stride;
      out += at_[i] * axes.axis[i].out_stride;
    }
  }
  // How many more positions follow along the innermost axis, this one included.
  int64_t run() const { return rank_ ? axes_.inner().size - at_[rank_ - 1] : 1; }
  // `n` is at most run().
  void advance(int64_t n) {
    int64_t step = n;
    for (int i = rank_ - 1; i >= 0; --i) {
      const Axis& a = axes_.axis[i];
      at_[i] += step;
      in += step * a.stride;
      out += step * a.out_stride;
      if (at_[i] < a.size) return;
      in -= a.size * a.stride;
      out -= a.size * a.out_stride;
      at_[i] = 0;
      step = 1;
    }
  }

  int64_t in = 0;
  int64_t out = 0;

 private:
  const Axes& axes_;
  int rank_;
  int64_t at_[Shape::max_rank];  // as many as there are axes
};

// Calls f(i, in, out) for positions start + i, i in [0, n).
template <class F>
void for_each_position(const Axes& axes, int64_t start, int64_t n, F&& f) {
  Walker at(axes, axes.rank, start);
  const Axis step = axes.rank ? axes.inner() : Axis{1, 0, 0};
  for (int64_t i = 0; i < n;) {
    const int64_t m = std::min(at.run(), n - i);
    for (int64_t k = 0; k < m; ++k, ++i)
      f(i, at.in + k * step.stride, at.out + k * step.out_stride);
    at.advance(m);
  }
}

enum class Way : uint8_t {
  along_rows,   // the values of one result are neighbours
  across_rows,  // those of neighbouring results are: rows are folded into each other
  short_rows    // a few values of one result are neighbours: transposed, then folded like rows
};

struct ReducePlan {
  Axes kept, reduced;
  int64_t times;  // how often each value counts, in axes of stride 0 that `reduced` leaves out
  Way way;
};

inline constexpr int64_t short_row = 32;  // at most so many values

ReducePlan make_plan(const ReduceInput& in, const Strides& out_strides);

}  // namespace rw::kernels
