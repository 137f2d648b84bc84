#include <rewind/kernels/index/nonzero.h>

#include <algorithm>
#include <bit>
#include <type_traits>

#include <rewind/kernels/compute.h>
#include <rewind/kernels/simd/targets.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rewind/kernels/index/nonzero.cpp"
#include <hwy/foreach_target.h>
// The above includes this file once per target; what follows is compiled for each.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rw::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Bit i of the result tells of flags[i].
uint64_t bits_of(const uint8_t* flags) {
  uint64_t bits = 0;
#if HWY_TARGET == HWY_SCALAR
  for (int i = 0; i < 64; ++i) bits |= static_cast<uint64_t>(flags[i]) << i;
#else
  const hn::CappedTag<uint8_t, 64> d;
  const size_t lanes = hn::Lanes(d);
  for (size_t i = 0; i < 64; i += lanes) {
    uint64_t some = 0;
    hn::StoreMaskBits(d, hn::Ne(hn::LoadU(d, flags + i), hn::Zero(d)),
                      reinterpret_cast<uint8_t*>(&some));
    bits |= some << i;
  }
#endif
  return bits;
}

template <class T>
void find_bits(const T* x, int64_t n, uint64_t* bits) {
  using C = Compute<T>;
  for (int64_t i = 0; i < n; i += 64, x += 64) {
    uint8_t flags[64] = {};
    const int64_t m = std::min<int64_t>(64, n - i);
    for (int64_t k = 0; k < m; ++k) flags[k] = static_cast<C>(x[k]) != C{};
    *bits++ = bits_of(flags);
  }
}

void FindBits(DType dtype, const void* x, int64_t first, int64_t n, uint64_t* bits) {
  dispatch(dtype, [&]<class T>() {
    using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
    find_bits(static_cast<const Stored*>(x) + first, n, bits);
  });
}

}  // namespace
}  // namespace rw::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rw::kernels {

HWY_EXPORT(FindBits);

namespace {

constexpr int64_t piece = 512;  // words

template <class F>
void for_each_bit(const std::vector<uint64_t>& bits, int64_t begin, int64_t end, F&& f) {
  for (int64_t w = begin; w < end; ++w)
    for (uint64_t left = bits[static_cast<size_t>(w)]; left != 0; left &= left - 1)
      f(64 * w + std::countr_zero(left));
}

// Walks on to later and later positions of an array, and knows their coordinates but the last, of
// which there are `outer`, or any number if that is -1.
template <int outer>
class Row {
 public:
  Row(const Shape& shape, int64_t position) : shape_(shape), length_(shape.back()) {
    begin_ = position / length_ * length_;
    int64_t rest = position / length_;
    for (int d = last() - 1; d >= 0; --d) {
      at_[d] = rest % shape_[d];
      rest /= shape_[d];
    }
  }
  int64_t* write(int64_t position, int64_t* out) {
    while (position >= begin_ + length_) next();
    for (int d = 0; d < last(); ++d) *out++ = at_[d];
    *out++ = position - begin_;
    return out;
  }

 private:
  int last() const { return outer >= 0 ? outer : shape_.rank() - 1; }
  void next() {
    begin_ += length_;
    for (int d = last() - 1; d >= 0; --d) {
      if (++at_[d] < shape_[d]) return;
      at_[d] = 0;
    }
  }

  const Shape& shape_;
  int64_t length_, begin_;
  int64_t at_[Shape::max_rank];
};

}  // namespace

NonzeroBits::NonzeroBits(DType dtype, const void* x, int64_t n)
    : bits_(static_cast<size_t>((n + 63) / 64)),
      before_(static_cast<size_t>((words() + piece - 1) / piece)) {
  parallel_for(0, static_cast<int64_t>(before_.size()), 1, [&](int64_t b, int64_t e) {
    for (int64_t k = b; k < e; ++k) {
      const int64_t begin = k * piece, end = std::min(begin + piece, words());
      HWY_DYNAMIC_DISPATCH(FindBits)
      (dtype, x, 64 * begin, std::min(64 * end, n) - 64 * begin, bits_.data() + begin);
      int64_t set = 0;
      for (int64_t w = begin; w < end; ++w) set += std::popcount(bits_[static_cast<size_t>(w)]);
      before_[static_cast<size_t>(k)] = set;
    }
  });
  for (int64_t& before : before_) {
    const int64_t set = before;
    before = count_;
    count_ += set;
  }
}

template <class F>
void NonzeroBits::for_pieces(F&& f) const {
  parallel_for(0, static_cast<int64_t>(before_.size()), 1, [&](int64_t b, int64_t e) {
    f(b * piece, std::min(e * piece, words()), before_[static_cast<size_t>(b)]);
  });
}

void NonzeroBits::positions(int64_t* out) const {
  for_pieces([&](int64_t begin, int64_t end, int64_t before) {
    int64_t* to = out + before;
    for_each_bit(bits_, begin, end, [&](int64_t position) { *to++ = position; });
  });
}

template <class T>
void NonzeroBits::select_as(const void* x, void* out) const {
  const T* from = static_cast<const T*>(x);
  for_pieces([&](int64_t begin, int64_t end, int64_t before) {
    T* to = static_cast<T*>(out) + before;
    for_each_bit(bits_, begin, end, [&](int64_t position) { *to++ = from[position]; });
  });
}

void NonzeroBits::select(size_t itemsize, const void* x, void* out) const {
  if (itemsize == 1) return select_as<uint8_t>(x, out);
  if (itemsize == 2) return select_as<uint16_t>(x, out);
  if (itemsize == 4) return select_as<uint32_t>(x, out);
  select_as<uint64_t>(x, out);
}

template <int outer>
void NonzeroBits::write_coordinates(const Shape& shape, int64_t* out) const {
  for_pieces([&](int64_t begin, int64_t end, int64_t before) {
    int64_t* to = out + before * shape.rank();
    Row<outer> row(shape, 64 * begin);
    for_each_bit(bits_, begin, end, [&](int64_t position) { to = row.write(position, to); });
  });
}

void NonzeroBits::coordinates(const Shape& shape, int64_t* out) const {
  if (shape.rank() == 0 || count_ == 0) return;
  switch (shape.rank()) {
    case 1:
      return positions(out);
    case 2:
      return write_coordinates<1>(shape, out);
    case 3:
      return write_coordinates<2>(shape, out);
    case 4:
      return write_coordinates<3>(shape, out);
    default:
      return write_coordinates<-1>(shape, out);
  }
}

}  // namespace rw::kernels
#endif
