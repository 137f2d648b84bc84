#include <algorithm>

#include <rewind/tensor/format.h>

#include "problem.h"

namespace rw::test::differential {
namespace {

// A shape of batches that broadcasts with `batch`.
Shape like(Dice& dice, const Shape& batch) {
  Shape result;
  for (int d = static_cast<int>(dice.below(batch.rank() + 1)); d < batch.rank(); ++d)
    result.push_back(dice.one_in(3) ? 1 : batch[d]);
  return result;
}

Shape with(Shape batch, std::initializer_list<int64_t> sizes) {
  for (const int64_t n : sizes) batch.push_back(n);
  return batch;
}

}  // namespace

Problem product(Dice& dice) {
  const bool large = dice.one_in(6);
  int64_t m, n, k;
  do {
    m = dice.size(large ? 300 : 70);
    n = dice.size(large ? 300 : 70);
    k = dice.size(large ? 300 : 70);
  } while (large && (m * n * k < 1 << 16 || m * n * k > 8 << 20));
  const int64_t most = large ? 2 : 5;
  Problem p;
  const auto set = [&](const char* name, const Shape& a, const Shape& b, const Shape& bias) {
    p.text = fmt::format("{} {} {}{}", name, a, b, bias.rank() ? " with a bias" : "");
    const int64_t rows = std::max({a.numel(), b.numel(), k}) / k;
    p.float32_bound = p.bfloat16_bound = bound_of_terms(std::max({rows, n, k}));
    p.inputs = {dice.numbers(a), dice.numbers(b), bias.rank() ? dice.numbers(bias) : Tensor()};
  };
  switch (dice.below(4)) {
    case 0: {
      Shape a;
      for (int64_t rank = dice.below(4); rank > 0; --rank) a.push_back(dice.between(1, most));
      set("linear",
          with(a, dice.one_in(6) ? std::initializer_list<int64_t>{k}
                                 : std::initializer_list<int64_t>{m, k}),
          {n, k}, dice.one_in(2) ? Shape{n} : Shape{});
      p.f = [](const Tensors& in) { return linear(in[0], in[1], in[2]); };
      return p;
    }
    case 1: {
      const int64_t batch = dice.between(1, most);
      set("bmm", {batch, m, k}, {batch, k, n}, {});
      p.f = [](const Tensors& in) { return bmm(in[0], in[1]); };
      return p;
    }
    case 2:
      set("mm", {m, k}, {k, n}, {});
      p.f = [](const Tensors& in) { return mm(in[0], in[1]); };
      return p;
    default: {
      Shape batch;
      for (int64_t rank = dice.below(4); rank > 0; --rank) batch.push_back(dice.between(1, most));
      const Shape a = dice.one_in(6) ? Shape{k} : with(like(dice, batch), {m, k});
      const Shape b = dice.one_in(6) ? Shape{k} : with(like(dice, batch), {k, n});
      set("matmul", a, b, {});
      p.f = [](const Tensors& in) { return matmul(in[0], in[1]); };
      // The gradient of what was broadcast is a sum of the products'.
      p.bfloat16_bound.of_sum += bfloat16_rounding;
      return p;
    }
  }
}

}  // namespace rw::test::differential
