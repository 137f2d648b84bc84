#include <rewind/tensor/overlap.h>
#include <rewind/tensor/shape.h>

#include <algorithm>

#include <rewind/tensor/check.h>

namespace rw {

Shape::Shape(const int64_t* v, size_t n) : Shape() {
  check<ShapeError>(n <= max_rank, "at most {} dimensions are supported, got {}", max_rank, n);
  rank_ = static_cast<int>(n);
  std::copy_n(v, n, v_);
}

Shape Shape::filled(int rank, int64_t value) {
  check<ShapeError>(rank <= max_rank, "at most {} dimensions are supported, got {}", max_rank,
                    rank);
  Shape s;
  s.rank_ = rank;
  if (value != 0 || rank > usual_rank) std::fill_n(s.v_, rank, value);
  return s;
}

void Shape::push_back(int64_t n) {
  check<ShapeError>(rank_ < max_rank, "at most {} dimensions are supported, got {}", max_rank,
                    rank_ + 1);
  v_[rank_++] = n;
}

void Shape::insert(int i, int64_t n) {
  check<IndexError>(0 <= i && i <= rank_, "Shape::insert: there is no place {} in {}", i, *this);
  push_back(n);
  std::rotate(v_ + i, v_ + rank_ - 1, v_ + rank_);
}

void Shape::erase(int i) {
  check<IndexError>(0 <= i && i < rank_, "Shape::erase: there is no entry {} in {}", i, *this);
  std::copy(v_ + i + 1, v_ + rank_, v_ + i);
  --rank_;
}

std::string Shape::str() const {
  std::string s = "[";
  for (int i = 0; i < rank_; ++i) s += (i ? ", " : "") + std::to_string(v_[i]);
  return s + "]";
}

void Shape::fail_too_large() const { fail<ShapeError>("a tensor can't have the shape {}", *this); }

namespace {
// The step of the next dimension, after one of `shape[i]`.
int64_t next_step(int64_t step, const Shape& shape, int i) {
  if (__builtin_mul_overflow(step, std::max<int64_t>(shape[i], 1), &step)) shape.fail_too_large();
  return step;
}
}  // namespace

Strides contiguous_strides(const Shape& shape) {
  Strides strides = shape;
  int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[i] = step;
    step = next_step(step, shape, i);
  }
  return strides;
}

Strides channels_last_strides(const Shape& shape) {
  const int rank = shape.rank();
  check<ShapeError>(rank == 4 || rank == 5,
                    "channels_last: expected 4 or 5 dimensions, got shape {}", shape);
  Strides strides = shape;
  strides[1] = 1;
  int64_t step = next_step(1, shape, 1);
  for (int i = rank - 1; i >= 2; --i) {
    strides[i] = step;
    step = next_step(step, shape, i);
  }
  strides[0] = step;
  return strides;
}

namespace detail {
bool may_overlap(const Shape& shape, const Strides& strides) {
  int order[Shape::max_rank], n = 0;  // dimensions, the smallest stride first
  for (int d = 0; d < shape.rank(); ++d) {
    if (shape[d] == 0) return false;
    if (shape[d] == 1) continue;
    int at = n++;
    for (; at > 0 && strides[order[at - 1]] > strides[d]; --at) order[at] = order[at - 1];
    order[at] = d;
  }
  int64_t reached = 0;
  for (int i = 0; i < n; ++i) {
    if (strides[order[i]] <= reached) return true;
    reached += (shape[order[i]] - 1) * strides[order[i]];
  }
  return false;
}

bool strides_fit(const Shape& shape, const Strides& strides, const Strides& wanted) {
  for (int i = 0; i < shape.rank(); ++i)
    if (shape[i] != 1 && strides[i] != wanted[i]) return false;
  return true;
}
}  // namespace detail

Shape broadcast_shapes(const Shape& a, const Shape& b, const char* op) {
  if (a == b) return a;
  Shape out = a.rank() >= b.rank() ? a : b;
  const Shape& small = a.rank() >= b.rank() ? b : a;
  const int offset = out.rank() - small.rank();
  for (int i = 0; i < small.rank(); ++i) {
    int64_t& n = out[offset + i];
    if (n == small[i] || small[i] == 1) continue;
    check<ShapeError>(n == 1, "{}: shapes {} and {} do not broadcast (dimension {} from the end)",
                      op, a, b, small.rank() - i);
    n = small[i];
  }
  return out;
}

int normalize_dim(int64_t dim, int rank, const char* op) {
  const int n = std::max(rank, 1);
  check<IndexError>(-n <= dim && dim < n,
                    "{}: dimension {} is out of range for a tensor of rank {}", op, dim, rank);
  return static_cast<int>(dim < 0 ? dim + n : dim);
}

}  // namespace rw
