#pragma once
// Random numbers whose distribution tensors give. The same seed gives the same numbers on every
// machine, whatever the number of threads. No gradient passes through them: it is zero.

#include <rewind/ops/random.h>

#pragma GCC visibility push(default)

namespace rw {

///@{
/// 1 with probability p and 0 otherwise, in the dtype of x: for each element of x, a floating
/// tensor of probabilities, or the same p for all elements of x.
Tensor bernoulli(const Tensor& x, Generator& gen = default_generator());
Tensor bernoulli(const Tensor& x, double p, Generator& gen = default_generator());
///@}
/// Numbers of rows drawn from weights, not negative and not all zero, of a vector or of each row of
/// a matrix: int64. Without replacement each at most once, so there have to be as many that are not
/// zero.
Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement = false,
                   Generator& gen = default_generator());
///@{
/// Normally distributed numbers with these means and standard deviations (not negative), which
/// broadcast, or numbers for all.
Tensor normal(const Tensor& mean, const Tensor& std, Generator& gen = default_generator());
Tensor normal(const Tensor& mean, double std = 1, Generator& gen = default_generator());
Tensor normal(double mean, const Tensor& std, Generator& gen = default_generator());
Tensor normal(double mean, double std, const Shape& shape, const TensorOptions& options = {},
              Generator& gen = default_generator());
///@}
/// Numbers of events where these are expected (not negative), in the dtype of x.
Tensor poisson(const Tensor& x, Generator& gen = default_generator());
/// How many of `count` trials succeed, each with probability `prob`: of one floating dtype, of
/// shapes that broadcast. Counts are whole and not negative.
Tensor binomial(const Tensor& count, const Tensor& prob, Generator& gen = default_generator());
///@{
/// randint for the shape and (unless given) dtype of t, by this thread's generator; from 0 unless
/// given.
Tensor randint_like(const Tensor& t, int64_t high, const TensorOptions& options = {});
Tensor randint_like(const Tensor& t, int64_t low, int64_t high, const TensorOptions& options = {});
///@}

namespace detail {
///@{
/// The members of Tensor that fill it with random numbers: exponential_, geometric_ and so on.
void exponential_in_place(Tensor& x, double lambd);
void cauchy_in_place(Tensor& x, double median, double sigma);
void log_normal_in_place(Tensor& x, double mean, double std);
void geometric_in_place(Tensor& x, double p);
void bernoulli_in_place(Tensor& x, const Tensor& p);
void random_in_place(Tensor& x);
void random_in_place(Tensor& x, int64_t low, int64_t high);
///@}
}  // namespace detail

}  // namespace rw

#pragma GCC visibility pop
