#include <rewind/ops/joining.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/recurrent_layer.h>

namespace rw::detail {
namespace {

// One step, of the input's share of the gates.
RecurrentState step(Cell cell, const Tensor& gates, const RecurrentState& s,
                    const RecurrentWeights& w) {
  const Tensor recurrent = linear(s.h, w.w_hh, w.b_hh);
  if (cell == Cell::rnn_tanh) return {tanh(gates + recurrent), {}};
  if (cell == Cell::rnn_relu) return {relu(gates + recurrent), {}};
  if (cell == Cell::gru) {
    const auto x = gates.chunk(3, 1), y = recurrent.chunk(3, 1);
    const Tensor r = sigmoid(x[0] + y[0]), z = sigmoid(x[1] + y[1]), n = tanh(x[2] + r * y[2]);
    return {n + z * (s.h - n), {}};
  }
  const auto x = (gates + recurrent).chunk(4, 1);
  const Tensor c = sigmoid(x[1]) * s.c + sigmoid(x[0]) * tanh(x[2]);
  const Tensor h = sigmoid(x[3]) * tanh(c);
  return {w.w_hr.defined() ? linear(h, w.w_hr) : h, c};
}

// A part of the state from step to step: sequences leave it at their end, and come in at their
// beginning.
class Running {
 public:
  Running(const Tensor& first, int64_t rows) : now(first.narrow(0, 0, rows)), first_(first) {}

  void take(int64_t rows) {
    const int64_t before = now.size(0);
    if (rows < before) ended_.push_back(now.narrow(0, rows, before - rows));
    if (rows < before) now = now.narrow(0, 0, rows);
    if (rows > before) now = cat({now, first_.narrow(0, before, rows - before)});
  }
  Tensor last() const {
    std::vector<Tensor> all = {now};
    all.insert(all.end(), ended_.rbegin(), ended_.rend());
    return cat(all);
  }

  Tensor now;

 private:
  Tensor first_;
  std::vector<Tensor> ended_;
};

}  // namespace

RecurrentResult recurrent_layer_by_ops(Cell cell, const Tensor& x, const RecurrentState& first,
                                       const RecurrentWeights& w,
                                       const std::vector<int64_t>& batch_sizes, bool reverse) {
  const std::vector<Tensor> gates = linear(x, w.w_ih, w.b_ih).split_with_sizes(batch_sizes);
  const int64_t rows = reverse ? batch_sizes.back() : batch_sizes.front();
  Running h(first.h, rows), c(cell == Cell::lstm ? first.c : first.h, rows);
  std::vector<Tensor> outputs(gates.size());
  for (size_t i = 0; i < gates.size(); ++i) {
    const size_t t = reverse ? gates.size() - 1 - i : i;
    h.take(batch_sizes[t]);
    if (cell == Cell::lstm) c.take(batch_sizes[t]);
    RecurrentState next = step(cell, gates[t], {h.now, c.now}, w);
    outputs[t] = h.now = next.h;
    c.now = next.c;
  }
  return {cat(outputs), {h.last(), cell == Cell::lstm ? c.last() : Tensor()}};
}

}  // namespace rw::detail
