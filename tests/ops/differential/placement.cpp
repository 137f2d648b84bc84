#include "placement.h"

#include <utility>

#include <rewind/tensor/format.h>

namespace rw::test::differential {

Placement choose_placement(Dice& dice, const Shape& shape) {
  const int rank = shape.rank();
  Placement p;
  for (int d = 0; d < rank; ++d) p.order.push_back(d);
  p.before = p.after = Shape::filled(rank, 0);
  p.step = Shape::filled(rank, 1);
  if (rank == 0) return p;
  if (rank >= 3 && dice.one_in(3)) {  // channels last
    p.order.erase(rank - 3);
    p.order.push_back(rank - 3);
  } else if (dice.one_in(4)) {
    for (int d = rank - 1; d > 0; --d)
      std::swap(p.order[d], p.order[static_cast<int>(dice.below(d + 1))]);
  }
  if (dice.one_in(4))
    for (int d = 0; d < rank; ++d) {
      p.before[d] = dice.below(3);
      p.after[d] = dice.below(3);
      if (dice.one_in(4)) p.step[d] = 2;
    }
  if (dice.one_in(6)) p.repeat = static_cast<int>(dice.below(rank));
  return p;
}

Tensor repeated(const Tensor& values, const Placement& p) {
  if (p.repeat < 0) return values;
  return values.narrow(p.repeat, 0, 1).expand(values.shape()).contiguous();
}

Tensor place(const Tensor& values, DType dtype, const Placement& p) {
  if (p.repeat >= 0) {
    Placement one = p;
    one.repeat = -1;
    return place(values.narrow(p.repeat, 0, 1), dtype, one).expand(values.shape());
  }
  const int rank = values.dim();
  Shape memory;
  Dims back = p.order;
  for (int i = 0; i < rank; ++i) {
    const int d = static_cast<int>(p.order[i]);
    back[d] = i;
    memory.push_back(p.before[d] + values.size(d) * p.step[d] + p.after[d]);
  }
  Tensor t = empty(memory, dtype);
  if (rank) t = t.permute(back);
  for (int d = 0; d < rank; ++d)
    t = t.slice(d, p.before[d], p.before[d] + values.size(d) * p.step[d], p.step[d]);
  t.copy_(values);
  return t;
}

std::string describe_placement(const Placement& p) {
  std::string text = fmt::format("order={}", p.order);
  if (p.before != Shape::filled(p.before.rank(), 0) || p.step != Shape::filled(p.step.rank(), 1))
    text += fmt::format(" from={} step={}", p.before, p.step);
  if (p.repeat >= 0) text += fmt::format(" expanded={}", p.repeat);
  return text;
}

}  // namespace rw::test::differential
