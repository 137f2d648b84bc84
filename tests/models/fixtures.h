#pragma once
// The models by name, and what generate.py writes of them.

#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <rewind/models/models.h>
#include <rewind/rewind.h>

#include "../check.h"

namespace rw::test {

using Make = std::function<std::unique_ptr<nn::Module>()>;

/// What makes the model that `f(options)` returns.
template <class Options, class Model>
Make maker(Model (*f)(const Options&), const Options& options = {}) {
  return [=]() -> std::unique_ptr<nn::Module> { return std::make_unique<Model>(f(options)); };
}

inline std::ifstream open_fixture(const char* name) {
  std::ifstream in(std::string(REWIND_MODEL_FIXTURES) + "/" + name);
  BOOST_TEST_REQUIRE(in.good(), "no " << name);
  return in;
}

/// As generate.py's `numbers`: n numbers within -1 and 1, of a sequence that goes by k; f(i, x)
/// each.
template <class F>
void numbers(int64_t n, int64_t k, const F& f) {
  const auto start = static_cast<uint32_t>(static_cast<uint64_t>(k) * 0x9E3779B9U);
  parallel_for(0, n, 1 << 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      uint32_t h = static_cast<uint32_t>(i) * 2654435761U + start;
      h = (h ^ (h >> 16)) * 0x85EBCA6BU;
      h = (h ^ (h >> 13)) * 0xC2B2AE35U;
      h ^= h >> 16;
      f(i, (h >> 8) * 0x1p-23 - 1);
    }
  });
}

/// As generate.py's `fill`.
inline void fill(nn::Module& model) {
  int64_t k = 0;
  for (const auto& [key, t] : model.state_dict()) {
    ++k;
    if (t.dtype() == int64) continue;
    Tensor row_major = empty(t.shape());
    float* to = row_major.data<float>();
    const auto set = [&](double factor, double shift) {
      numbers(t.numel(), k, [=](int64_t i, double x) { to[i] = float(shift + factor * x); });
    };
    if (t.dim() > 1)
      set(std::sqrt(6 / (static_cast<double>(t.numel()) / static_cast<double>(t.size(0)))), 0);
    else if (key.ends_with("weight") || key.ends_with("running_var"))
      set(0.25, 1);
    else
      set(0.125, 0);
    Tensor(t).copy_(row_major);
  }
}

inline Tensor images(const Shape& shape) {
  Tensor x = empty(shape);
  float* to = x.data<float>();
  numbers(x.numel(), 0, [=](int64_t i, double v) { to[i] = static_cast<float>(v); });
  return x;
}

}  // namespace rw::test
