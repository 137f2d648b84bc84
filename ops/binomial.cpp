#include <algorithm>
#include <cmath>

#include <rewind/autograd/record.h>
#include <rewind/kernels/random/random_kernel.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/sampling.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/parallel.h>

namespace rw {

using namespace detail;

namespace {

// Uniform in (0, 1).
double uniform(uint64_t bits) { return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53; }

// The number of successes up to which the probabilities add up to u.
double by_sums(double n, double p, double u) {
  const double odds = p / (1 - p);
  double k = 0, one = std::exp(n * std::log1p(-p)), all = one;
  while (u > all && k < n && one > 0) {
    one *= odds * (n - k) / (k + 1);
    k += 1;
    all += one;
  }
  return k;
}

// log(k!) less Stirling's (k + 1/2) log(k + 1) - (k + 1) + log(2 pi) / 2.
double stirling_rest(double k) {
  constexpr double of_small[] = {0.0810614667953272,  0.0413406959554092, 0.0276779256849983,
                                 0.02079067210376509, 0.0166446911898211, 0.0138761288230707,
                                 0.0118967099458917,  0.010411265261972,  0.00925546218271273,
                                 0.00833056343336287};
  if (k < 10) return of_small[static_cast<int>(k)];
  const double inverse = 1 / (k + 1), square = inverse * inverse;
  return (1.0 / 12 - (1.0 / 360 - square / 1260) * square) * inverse;
}

// Hoermann, "The generation of binomial random variates", 1993; for p <= 1/2.
double by_rejection(double n, double p, Generator& gen) {
  const double deviation = std::sqrt(n * p * (1 - p)), odds = p / (1 - p);
  const double b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double alpha = (2.83 + 5.1 / b) * deviation, accepted = 0.92 - 4.2 / b;
  const double mode = std::floor((n + 1) * p);
  for (;;) {
    const double u = uniform(gen.next()) - 0.5, v = uniform(gen.next()), us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + n * p + 0.5);
    if (k < 0 || k > n) continue;
    if (us >= 0.07 && v <= accepted) return k;
    const double bound = (mode + 0.5) * std::log((mode + 1) / (odds * (n - mode + 1))) +
                         (n + 1) * std::log((n - mode + 1) / (n - k + 1)) +
                         (k + 0.5) * std::log(odds * (n - k + 1) / (k + 1)) + stirling_rest(mode) +
                         stirling_rest(n - mode) - stirling_rest(k) - stirling_rest(n - k);
    if (std::log(v * alpha / (a / (us * us) + b)) <= bound) return k;
  }
}

// From the random bits of an element. Where one number does not do they start a sequence of their
// own, so that the numbers of others do not depend on how many it takes.
double binomial_of(double count, double p, uint64_t bits) {
  const double n = std::floor(count);
  if (p > 0.5) return n - binomial_of(n, 1 - p, bits);
  if (n * p < 10) return by_sums(n, p, uniform(bits));
  Generator own(bits);
  return by_rejection(n, p, own);
}

// For the elements from `begin` on, `most` of them at a time.
template <class T>
void fill_binomial(const T* count, const T* prob, T* y, kernels::RandomBlocks blocks, int64_t begin,
                   int64_t end) {
  constexpr int64_t most = 256;
  alignas(64) uint32_t words[size_t{4 * most}];
  for (int64_t i = begin; i < end; i += most) {
    const int64_t n = std::min(most, end - i);
    kernels::random_words({blocks.seed, blocks.first + static_cast<uint64_t>(i)}, (n + 7) / 8 * 8,
                          words);
    for (int64_t k = 0; k < n; ++k) {
      const uint64_t bits = (uint64_t{words[4 * k]} << 32) | words[4 * k + 1];
      y[i + k] = static_cast<T>(
          binomial_of(static_cast<double>(count[i + k]), static_cast<double>(prob[i + k]), bits));
    }
  }
}

// Throws where an element is NaN or not in [0, most].
void check_up_to(const char* what, const Tensor& t, double most) {
  if (t.numel() == 0) return;
  const no_grad guard;
  const double least = amin(t).item<double>(), greatest = amax(t).item<double>();
  check(0 <= least && greatest <= most, "binomial: expected {} in [0, {}], got some from {} to {}",
        what, most, least, greatest);
}

}  // namespace

Tensor binomial(const Tensor& count, const Tensor& prob, Generator& gen) {
  const profile_scope scope("binomial");
  check_defined("binomial", count, prob);
  check<DTypeError>(count.is_floating_point() && count.dtype() == prob.dtype(),
                    "binomial: expected counts and probabilities of one floating dtype, got {} and "
                    "{}",
                    count.dtype(), prob.dtype());
  check_up_to("counts", count, 0x1p53);
  check_up_to("probabilities", prob, 1);
  const Shape shape = broadcast_shapes(count.shape(), prob.shape(), "binomial");
  const uint64_t first = gen.reserve(static_cast<uint64_t>(shape.numel()));
  const Tensor counts = count.detach().expand(shape).contiguous();
  const Tensor probs = prob.detach().expand(shape).contiguous(), out = empty(shape, count.dtype());
  dispatch_floating(count.dtype(), [&]<class T>() {
    const auto* n = static_cast<const T*>(counts.raw_data());
    const auto* p = static_cast<const T*>(probs.raw_data());
    auto* y = static_cast<T*>(out.raw_data());
    parallel_for(0, shape.numel(), 1 << 10, [&](int64_t begin, int64_t end) {
      fill_binomial(n, p, y, {gen.seed(), first}, begin, end);
    });
  });
  return record("binomial", out, {count, prob}, [](const Tensor& g, Needs needs) -> Grads {
    return {needs[0] ? zeros_like(g) : Tensor(), needs[1] ? zeros_like(g) : Tensor()};
  });
}

}  // namespace rw
