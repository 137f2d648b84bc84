#include <rewind/io/onnx_operators.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/recurrent.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::onnx {

namespace {

// What PyTorch has no counterpart of is refused: peepholes, clipping, lengths of each sequence, and
// other functions than its own.
struct Recurrent {
  int64_t hidden;
  bool both = false, backward = false, batch_first = false;
  std::vector<int64_t> order;  // where PyTorch's gates stand among ONNX's

  // `functions` are those of one direction, in ONNX's order.
  Recurrent(Node& n, std::vector<int64_t> gates, const std::vector<std::string>& functions)
      : hidden(n.integer("hidden_size")), order(std::move(gates)) {
    const std::string direction = n.text("direction", "forward");
    both = direction == "bidirectional", backward = direction == "reverse";
    if (!both && !backward && direction != "forward")
      n.refuse("its direction is '" + direction + "'");
    batch_first = n.integer("layout", 0) != 0;
    if (n.has(4)) n.refuse("it is given sequence_lens");
    if (n.knows("clip")) n.refuse("it has a clip");
    if (n.knows("activation_alpha") || n.knows("activation_beta"))
      n.refuse("its activations have parameters");
    constexpr int64_t most = int64_t{1} << 40;  // rows of all gates do not overflow
    if (hidden < 1 || hidden > most)
      n.refuse(fmt::format("expected a hidden_size of 1 to {}, got {}", most, hidden));
    const std::vector<std::string> given = n.texts("activations");
    for (size_t i = 0; i < given.size(); ++i)
      if (given[i] != functions[i % functions.size()])
        n.refuse("its activations are others than those of PyTorch");
  }
  int64_t directions() const { return both ? 2 : 1; }

  // Rows of gates in PyTorch's order.
  Tensor ordered(const Tensor& rows) const {
    if (order.size() == 1) return rows;
    const std::vector<Tensor> gates = rows.split(hidden, 0);
    std::vector<Tensor> all;
    for (const int64_t gate : order) all.push_back(gates.at(static_cast<size_t>(gate)));
    return cat(all, 0);
  }
  // Weights and biases of each direction.
  Tensors parameters(const Arguments& in) const {
    const int64_t rows = hidden * static_cast<int64_t>(order.size());
    check<ShapeError>(in[1].dim() == 3 && in[1].size(0) == directions() && in[1].size(1) == rows &&
                          in[2].dim() == 3 && in[2].size(0) == directions() &&
                          in[2].size(1) == rows,
                      "expected W and R [{}, {}, …], got shapes {} and {}", directions(), rows,
                      in[1].shape(), in[2].shape());
    check<ShapeError>(!in.has(3) || in[3].shape() == Shape{directions(), 2 * rows},
                      "expected B [{}, {}], got shape {}", directions(), 2 * rows,
                      in.has(3) ? in[3].shape() : Shape());
    Tensors all;
    for (int64_t d = 0; d < directions(); ++d) {
      all.push_back(ordered(in[1].select(0, d)));
      all.push_back(ordered(in[2].select(0, d)));
      if (!in.has(3)) continue;
      const auto biases = Tensor(in[3].select(0, d)).split(rows, 0);
      all.push_back(ordered(biases[0]));
      all.push_back(ordered(biases[1]));
    }
    return all;
  }
  // The input as steps of a batch, in the order in which they are gone through.
  Tensor steps(const Arguments& in) const {
    const Tensor x = batch_first ? in[0].transpose(0, 1) : in[0];
    return backward ? x.flip({0}) : x;
  }
  Tensor state(const Arguments& in, size_t i, int64_t batch) const {
    if (!in.has(i)) return zeros({directions(), batch, hidden}, {.dtype = in[0].dtype()});
    return batch_first ? in[i].transpose(0, 1) : in[i];
  }
  RecurrentOptions options(const Arguments& in) const {
    return {.has_biases = in.has(3), .bidirectional = both};
  }
  // [steps, batch, directions * hidden] as [steps, directions, batch, hidden].
  Tensor output(const Tensor& y) const {
    Tensor all = y.reshape({y.size(0), y.size(1), directions(), hidden});
    if (backward) all = all.flip({0});
    return batch_first ? all.transpose(0, 1) : all.transpose(1, 2);
  }
  Tensor last(const Tensor& h) const { return batch_first ? h.transpose(0, 1) : h; }
};

Step rnn_of(Node& n) {
  const std::vector<std::string> functions = n.texts("activations");
  const std::string f = functions.empty() ? "Tanh" : functions[0];
  const Recurrent r(n, {0}, {f});
  if (f != "Tanh" && f != "Relu") n.refuse("its activation is '" + f + "'");
  return [r, tanh = f == "Tanh"](Arguments& in) {
    const Tensor x = r.steps(in), h = r.state(in, 5, x.size(1));
    const auto [y, last] = tanh ? rnn_tanh(x, h, r.parameters(in), r.options(in))
                                : rnn_relu(x, h, r.parameters(in), r.options(in));
    return Tensors{r.output(y), r.last(last)};
  };
}

// ONNX's gates: update, reset, new; PyTorch's: reset, update, new.
Step gru_of(Node& n) {
  const Recurrent r(n, {1, 0, 2}, {"Sigmoid", "Tanh"});
  if (n.integer("linear_before_reset", 0) == 0)
    n.refuse("expected linear_before_reset = 1, which is PyTorch's GRU");
  return [r](Arguments& in) {
    const Tensor x = r.steps(in);
    const auto [y, last] = gru(x, r.state(in, 5, x.size(1)), r.parameters(in), r.options(in));
    return Tensors{r.output(y), r.last(last)};
  };
}

// ONNX's gates: input, output, forget, cell; PyTorch's: input, forget, cell, output.
Step lstm_of(Node& n) {
  const Recurrent r(n, {0, 2, 3, 1}, {"Sigmoid", "Tanh", "Tanh"});
  n.expect("input_forget", 0);
  n.expect_no_inputs_from(7, "peepholes");
  return [r](Arguments& in) {
    const Tensor x = r.steps(in);
    const int64_t batch = x.size(1);
    const auto [y, h, c] =
        lstm(x, {r.state(in, 5, batch), r.state(in, 6, batch)}, r.parameters(in), r.options(in));
    return Tensors{r.output(y), r.last(h), r.last(c)};
  };
}

}  // namespace

const Operators& recurrent_operators() {
  static const Operators operators = {
      {"RNN", {7, {3, 6}, rnn_of}},
      {"GRU", {7, {3, 6}, gru_of}},
      {"LSTM", {7, {3, 8}, lstm_of}},
  };
  return operators;
}

}  // namespace rw::onnx
