// A tape for numbers: each entry knows what it was computed from, and the derivatives by these.

#include <cmath>
#include <vector>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

struct Entry {
  size_t from[2];  // places on the tape
  double slope[2];
};
std::vector<Entry> tape;

struct Number {
  double value;
  size_t place;
};

// A leaf, or an op of one input, uses itself with slope 0 for what is missing.
Number put(double value, size_t a, double slope_a, size_t b, double slope_b) {
  tape.push_back({{a, b}, {slope_a, slope_b}});
  return {value, tape.size() - 1};
}
Number leaf(double value) { return put(value, tape.size(), 0, tape.size(), 0); }

Number operator+(Number a, Number b) { return put(a.value + b.value, a.place, 1, b.place, 1); }
Number operator*(Number a, Number b) {
  return put(a.value * b.value, a.place, b.value, b.place, a.value);
}
Number sin(Number a) { return put(std::sin(a.value), a.place, std::cos(a.value), a.place, 0); }

// Entries only refer to earlier ones: from back to front, each gradient is complete when its turn
// comes.
std::vector<double> backward(Number result) {
  std::vector<double> grads(tape.size(), 0);
  grads[result.place] = 1;
  for (size_t i = result.place + 1; i-- > 0;) {
    const double g = grads[i];
    for (size_t k = 0; k < 2; ++k) grads[tape[i].from[k]] += g * tape[i].slope[k];
  }
  return grads;
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Number a = leaf(2), b = leaf(0.5);
  const Number y = sin(a * b) + a * a;
  const std::vector<double> grads = backward(y);

  const TensorOptions options{.dtype = float64, .requires_grad = true};
  const Tensor x = scalar_tensor(2.0, options), z = scalar_tensor(0.5, options);
  ((x * z).sin() + x * x).backward();
  tutorial.expect("da", grads[a.place], 4.2701, 4.2702);
  tutorial.expect("da of Rewind differs by", std::fabs(x.grad().item<double>() - grads[a.place]), 0,
                  1e-10);
  tutorial.expect("db of Rewind differs by", std::fabs(z.grad().item<double>() - grads[b.place]), 0,
                  1e-10);
}
