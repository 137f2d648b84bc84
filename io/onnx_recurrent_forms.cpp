// Forms of recurrent layers: a node for each layer and direction, and for each step of a cell.

#include <rewind/io/onnx_forms.h>

namespace rw::onnx {

namespace {

enum Input : size_t { in_x, in_h, in_c, in_w_ih, in_w_hh, in_b_ih, in_b_hh, in_w_hr };

struct Cell {
  const char* op_type;
  Ints order;  // where ONNX's gates stand among PyTorch's
  NodeAttributes attributes = {};
};

// The rows of a weight or bias in ONNX's order of gates.
std::string ordered(OpCall& c, const Cell& cell, size_t i) {
  if (cell.order.size() == 1) return c.in(i);
  const int64_t each = c.fixed(c.inputs[i].shape[0]) / static_cast<int64_t>(cell.order.size());
  const Names gates = c.nodes(cell.order.size(), "Split",
                              {c.in(i), c.ints(Ints(cell.order.size(), each))}, {{"axis", 0}});
  Names all;
  for (const int64_t gate : cell.order) all.push_back(gates[static_cast<size_t>(gate)]);
  return c.node("Concat", all, {{"axis", 0}});
}

// ONNX's numbers of directions and layers stand in front: there is one of each.
std::string as_one(OpCall& c, const std::string& name) {
  return c.node("Unsqueeze", {name, c.ints({0})});
}

Form layer(const Cell& cell) {
  return [cell](OpCall& c) {
    if (c.integer("packed")) c.refuse("its sequences are of different lengths");
    if (c.has(in_w_hr)) c.refuse("its state is projected");
    const Extents &rows = c.inputs[in_x].shape, &state = c.inputs[in_h].shape;
    const int64_t steps = c.integer("steps");
    Names given = {c.reshape(c.in(in_x), {{steps}, state[0], rows[1]}),
                   as_one(c, ordered(c, cell, in_w_ih)), as_one(c, ordered(c, cell, in_w_hh))};
    given.push_back(
        c.has(in_b_ih)
            ? as_one(c, c.node("Concat", {ordered(c, cell, in_b_ih), ordered(c, cell, in_b_hh)},
                               {{"axis", 0}}))
            : "");
    given.push_back("");  // lengths of sequences
    given.push_back(as_one(c, c.in(in_h)));
    if (c.has(in_c)) given.push_back(as_one(c, c.in(in_c)));
    NodeAttributes attributes = {{"hidden_size", c.fixed(state[1])}};
    if (c.integer("reverse")) attributes.emplace_back("direction", "reverse");
    attributes.insert(attributes.end(), cell.attributes.begin(), cell.attributes.end());
    const Names made = c.nodes(c.results.size(), cell.op_type, given, attributes);
    for (size_t i = 1; i < made.size(); ++i)
      c.results[i].name = c.node("Squeeze", {made[i], c.ints({0})});
    return c.reshape(made[0], c.results[0].shape);
  };
}

}  // namespace

const Forms& recurrent_forms() {
  static const Forms forms = [] {
    const Cell lstm = {"LSTM", {0, 3, 1, 2}},
               gru = {"GRU", {1, 0, 2}, {{"linear_before_reset", 1}}}, tanh = {"RNN", {0}},
               relu = {"RNN", {0}, {{"activations", Names{"Relu"}}}};
    Forms all;
    for (const char* name : {"lstm", "lstm_cell"}) all.emplace(name, layer(lstm));
    for (const char* name : {"gru", "gru_cell"}) all.emplace(name, layer(gru));
    for (const char* name : {"rnn_tanh", "rnn_tanh_cell"}) all.emplace(name, layer(tanh));
    for (const char* name : {"rnn_relu", "rnn_relu_cell"}) all.emplace(name, layer(relu));
    return all;
  }();
  return forms;
}

}  // namespace rw::onnx
