#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#pragma GCC visibility push(default)

namespace rw {

/// A short list of sizes, strides or dimension numbers, at most sixteen, stored inline.
class Shape {
 public:
  static constexpr int max_rank = 16;  ///< the greatest number of entries

  /// No entries: the shape of one number.
  Shape() {
    for (int i = 0; i < usual_rank; ++i) v_[i] = 0;
  }
  ///@{
  /// A copy.
  Shape(const Shape& o) { copy(o); }
  Shape& operator=(const Shape& o) {
    copy(o);
    return *this;
  }
  ///@}
  /// One entry: `x.sum(0)`, `zeros(3)`.
  Shape(int64_t n) : Shape() {
    rank_ = 1;
    v_[0] = n;
  }
  /// A flag in a dimension's place is a mistake: `x.sum(true)`.
  template <std::same_as<bool> Flag>
  Shape(Flag) = delete;
  ///@{
  /// These entries. Throws ShapeError for more than sixteen.
  Shape(std::initializer_list<int64_t> v) : Shape(v.begin(), v.size()) {}
  Shape(const std::vector<int64_t>& v) : Shape(v.data(), v.size()) {}
  Shape(const int64_t* v, size_t n);
  ///@}
  /// `rank` entries equal to `value`.
  static Shape filled(int rank, int64_t value);

  /// How many entries there are.
  int rank() const { return rank_; }
  /// Whether there are none.
  bool empty() const { return rank_ == 0; }
  /// Product of the entries (1 when there is none). Throws ShapeError where 64 bits can't hold it.
  int64_t numel() const {
    int64_t n = 1;
    for (int i = 0; i < rank_; ++i)
      if (__builtin_mul_overflow(n, v_[i], &n)) fail_too_large();
    return n;
  }
  /// Throws ShapeError: no tensor can have this shape.
  [[noreturn]] void fail_too_large() const;
  ///@{
  /// Entry i, from 0 to rank() - 1, which is not checked.
  int64_t& operator[](int i) { return v_[i]; }
  int64_t operator[](int i) const { return v_[i]; }
  ///@}
  /// The last entry, of which there has to be one.
  int64_t back() const { return v_[rank_ - 1]; }
  ///@{
  /// The entries, one after another.
  const int64_t* data() const { return v_; }
  const int64_t* begin() const { return v_; }
  const int64_t* end() const { return v_ + rank_; }
  int64_t* begin() { return v_; }
  int64_t* end() { return v_ + rank_; }
  ///@}

  /// Adds an entry at the end. Throws ShapeError where there are sixteen.
  void push_back(int64_t n);
  /// Inserts before position `i`. Throws IndexError where there is no such place.
  void insert(int i, int64_t n);
  /// Takes entry i out. Throws IndexError where there is none.
  void erase(int i);
  /// The entries as a vector.
  std::vector<int64_t> vec() const { return {begin(), end()}; }
  /// "[2, 3]".
  std::string str() const;

  /// Whether the entries are the same.
  friend bool operator==(const Shape& a, const Shape& b) {
    if (a.rank_ != b.rank_) return false;
    for (int i = 0; i < a.rank_; ++i)
      if (a.v_[i] != b.v_[i]) return false;
    return true;
  }

 private:
  // Shapes are copied all the time, and few have more entries: further ones are only touched where
  // there are some.
  static constexpr int usual_rank = 4;

  void copy(const Shape& o) {
    rank_ = o.rank_;
    for (int i = 0; i < usual_rank; ++i) v_[i] = o.v_[i];
    for (int i = usual_rank; i < rank_; ++i) v_[i] = o.v_[i];
  }

  int rank_ = 0;
  int64_t v_[max_rank];
};

/// By how many elements a step along each dimension moves on in memory.
using Strides = Shape;
/// Dimension numbers; negative ones count from the end.
using Dims = Shape;

/// Row-major strides of `shape`.
Strides contiguous_strides(const Shape& shape);
/// Strides of an NCHW shape whose memory is NHWC (or NCDHW in NDHWC); rank 4 or 5.
Strides channels_last_strides(const Shape& shape);
namespace detail {
/// Whether memory lies by the strides `wanted`; those of dimensions of size 1 mean nothing.
bool strides_fit(const Shape& shape, const Strides& strides, const Strides& wanted);
}  // namespace detail
/// The common shape of two by NumPy's broadcasting rules; throws ShapeError naming `op`.
Shape broadcast_shapes(const Shape& a, const Shape& b, const char* op);
/// `dim` in [0, rank); throws IndexError naming `op`. A rank of 0 is taken as 1.
int normalize_dim(int64_t dim, int rank, const char* op);

}  // namespace rw

#pragma GCC visibility pop
