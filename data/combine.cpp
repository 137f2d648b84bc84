#include <rewind/data/combine.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <rewind/ops/random.h>
#include <rewind/tensor/check.h>

namespace rw::data::detail {

void check_indices(const char* op, const std::vector<int64_t>& indices, int64_t size) {
  for (const int64_t i : indices) check_index(i, size, op);
}

std::vector<int64_t> split_lengths(const std::vector<int64_t>& lengths, int64_t size) {
  int64_t sum = 0;
  for (const int64_t n : lengths) {
    check(n >= 0, "random_split: expected lengths of 0 or more, got {}", n);
    check(!__builtin_add_overflow(sum, n, &sum), "random_split: the lengths are too large");
  }
  check(sum == size, "random_split: the lengths add up to {}, but the data set has {} samples", sum,
        size);
  return lengths;
}

std::vector<int64_t> split_lengths(const std::vector<double>& fractions, int64_t size) {
  std::vector<int64_t> lengths;
  double sum = 0;
  for (const double f : fractions) {
    check(0 <= f && f <= 1, "random_split: expected fractions from 0 to 1, got {}", f);
    sum += f;
    lengths.push_back(static_cast<int64_t>(std::floor(static_cast<double>(size) * f)));
  }
  check(std::abs(sum - 1) <= 1e-9, "random_split: the fractions add up to {}, expected 1", sum);
  const int64_t left = size - std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
  for (int64_t i = 0; i < left; ++i) ++lengths[static_cast<size_t>(i) % lengths.size()];
  return lengths;
}

std::vector<int64_t> permutation(int64_t size, Generator& gen) {
  return randperm(size, gen).to_vector<int64_t>();
}

size_t part_of(int64_t index, const std::vector<int64_t>& ends) {
  return static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), index) - ends.begin());
}

}  // namespace rw::data::detail
