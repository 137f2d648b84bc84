#pragma once
// Runs a call with its derivatives.

#include <string>

#include "op.h"

namespace rw::fuzz {

/// Which derivatives are taken, and how.
struct Plan {
  explicit Plan(Source& source);

  int derivatives;    ///< 0 to 2
  bool by_backward;   ///< by Tensor::backward of a sum, otherwise by grad of the results
  unsigned constant;  ///< bit i: input i does not require a gradient
  uint64_t seed;      ///< of the weights of the results
};

/// Of a result in the sum that is differentiated, by absolute value.
inline constexpr double greatest_weight = 2;

/// What came of a call: results, then gradients, then those of gradients; undefined where there is
/// none.
struct Outcome {
  Tensors all;
  size_t results = 0;  ///< how many are no gradients
  bool failed = false;
  int stage = 0;           ///< the derivative at which it failed
  bool too_large = false;  ///< to look at: there are no derivatives then
  std::string error;
};

/// Throws only what is no rw::Error.
Outcome run(const Call& call, const Tensors& inputs, const Plan& plan);

/// Until the end of the scope, `with_noise` and `run` move numbers by up to a relative `eps`.
class Noise {
 public:
  Noise(double eps, uint64_t seed);
  ~Noise();
  Noise(const Noise&) = delete;
  Noise& operator=(const Noise&) = delete;
};

}  // namespace rw::fuzz
