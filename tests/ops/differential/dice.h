#pragma once
// Random choices that a seed determines, the same on every platform.

#include <cmath>
#include <cstdint>
#include <initializer_list>

#include <rewind/rewind.h>

namespace rw::test::differential {

class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  uint64_t next() {  // splitmix64
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  int64_t below(int64_t n) { return static_cast<int64_t>(next() % static_cast<uint64_t>(n)); }
  int64_t between(int64_t least, int64_t most) { return least + below(most - least + 1); }
  bool one_in(int64_t n) { return below(n) == 0; }
  template <class T>
  T of(std::initializer_list<T> choices) {
    return choices.begin()[below(static_cast<int64_t>(choices.size()))];
  }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// A number of channels, rows or columns: around the sizes of vectors and blocks, or any.
  int64_t size(int64_t most) {
    if (one_in(3)) return between(1, most);
    const int64_t n = of({1, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65});
    return n <= most ? n : between(1, most);
  }

  /// A float64 tensor of numbers that bfloat16 holds exactly: normal ones, or small integers, of
  /// which many are equal and zero.
  Tensor numbers(const Shape& shape) {
    std::vector<double> values(static_cast<size_t>(shape.numel()));
    const bool integers = one_in(8);
    for (double& v : values) {
      const double sum = uniform() + uniform() + uniform() + uniform() - 2;
      v = integers ? static_cast<double>(between(-2, 2)) : sum * std::sqrt(3.0);
    }
    return from<double>(values).to(bfloat16).to(float64).view(shape);
  }

 private:
  uint64_t state_;
};

}  // namespace rw::test::differential
