#include <rewind/nn/recurrent_layers.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <rewind/nn/init.h>
#include <rewind/nn/packed_order.h>
#include <rewind/nn/repr.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/recurrent.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {
namespace detail {
namespace {

using Tensors = std::vector<Tensor>;
using Kind = RecurrentKind;

bool is_lstm(const RecurrentConfig& c) { return c.kind == Kind::lstm; }

std::string name_of(const RecurrentConfig& c, const char* suffix = "") {
  return std::string(is_lstm(c) ? "LSTM" : c.kind == Kind::gru ? "GRU" : "RNN") + suffix;
}
int64_t gates_of(const RecurrentConfig& c) { return is_lstm(c) ? 4 : c.kind == Kind::gru ? 3 : 1; }
int64_t width_of(const RecurrentConfig& c) { return c.hidden_size * gates_of(c); }
// That of h.
int64_t output_size(const RecurrentConfig& c) {
  return c.proj_size > 0 ? c.proj_size : c.hidden_size;
}
int64_t directions(const RecurrentConfig& c) { return c.options.bidirectional ? 2 : 1; }

Tensor new_weight(const RecurrentConfig& c, const Shape& shape) {
  const double bound = 1 / std::sqrt(static_cast<double>(c.hidden_size));
  return init::uniform_(empty(shape), -bound, bound);
}

void check_sizes(const RecurrentConfig& c, const std::string& name) {
  check(c.input_size >= 0 && c.hidden_size > 0,
        "{}: expected an input_size of at least 0 and a hidden_size of at least 1, got {} and {}",
        name, c.input_size, c.hidden_size);
  const int64_t times = std::max(gates_of(c), directions(c));
  check(c.hidden_size <= std::numeric_limits<int64_t>::max() / times,
        "{}: expected a hidden_size of which {} fit int64, got {}", name, times, c.hidden_size);
}

void check_config(const RecurrentConfig& c) {
  const std::string name = name_of(c);
  check_sizes(c, name);
  check(c.options.num_layers > 0, "{}: expected num_layers of at least 1, got {}", name,
        c.options.num_layers);
  check(0 <= c.options.dropout && c.options.dropout <= 1,
        "{}: expected a dropout from 0 to 1, got {}", name, c.options.dropout);
  check(0 <= c.proj_size && c.proj_size < c.hidden_size,
        "{}: expected a proj_size from 0 to less than the hidden_size {}, got {}", name,
        c.hidden_size, c.proj_size);
}

void check_features(const RecurrentConfig& c, const Tensor& input, const std::string& name) {
  check<ShapeError>(input.size(-1) == c.input_size,
                    "{}: expected an input of {} features, got shape {}", name, c.input_size,
                    input.shape());
}

const char* state_name(const RecurrentConfig& c, size_t i) {
  return !is_lstm(c) ? "hx" : i == 0 ? "h of hx" : "c of hx";
}

// That of a call, zeros where none is given. All but the last of its sizes are those of `shape`.
Tensors first_state(const RecurrentConfig& c, Tensors hx, Shape shape, DType dtype,
                    const std::string& name) {
  const bool given = !hx.empty();
  hx.resize(is_lstm(c) ? 2 : 1);
  for (size_t i = 0; i < hx.size(); ++i) {
    shape[shape.rank() - 1] = i == 0 ? output_size(c) : c.hidden_size;
    if (!given) hx[i] = zeros(shape, dtype);
    check(hx[i].defined(), "{}: {} is undefined", name, state_name(c, i));
    check<ShapeError>(hx[i].shape() == shape, "{}: expected {} of shape {}, got {}", name,
                      state_name(c, i), shape, hx[i].shape());
  }
  return hx;
}

// As `batched` makes them, a dimension more for the one sequence of an input without batch.
Tensors with_batch(const RecurrentConfig& c, Tensors hx, int rank, const std::string& name) {
  for (size_t i = 0; i < hx.size(); ++i) {
    Tensor& t = hx[i];
    check(t.defined(), "{}: {} is undefined", name, state_name(c, i));
    check<ShapeError>(t.dim() == rank,
                      "{}: expected {} of rank {} as the input has no batch, got "
                      "shape {}",
                      name, state_name(c, i), rank, t.shape());
    t = t.unsqueeze(rank - 1);
  }
  return hx;
}

RecurrentOptions op_options(const RecurrentConfig& c, bool training) {
  const GRUOptions& o = c.options;
  return {o.bias, o.num_layers, o.dropout, training, o.bidirectional, o.batch_first};
}

// The op, over `sizes` of packed sequences or, where undefined, over a batch.
RecurrentOutput call_op(const RecurrentConfig& c, const Tensor& x, const Tensor& sizes,
                        const Tensors& hx, const Tensors& w, const RecurrentOptions& o) {
  if (is_lstm(c)) {
    const auto [y, h, cells] = sizes.defined() ? lstm(x, sizes, hx, w, o) : lstm(x, hx, w, o);
    return {y, {h, cells}};
  }
  const auto run = [&](auto batched, auto packed) -> RecurrentOutput {
    const auto [y, h] = sizes.defined() ? packed(x, sizes, hx[0], w, o) : batched(x, hx[0], w, o);
    return {y, {h}};
  };
  using Batched = std::tuple<Tensor, Tensor> (*)(const Tensor&, const Tensor&, const Tensors&,
                                                 const RecurrentOptions&);
  using Packed = std::tuple<Tensor, Tensor> (*)(const Tensor&, const Tensor&, const Tensor&,
                                                const Tensors&, const RecurrentOptions&);
  if (c.kind == Kind::gru) return run(Batched(gru), Packed(gru));
  if (c.kind == Kind::rnn_relu) return run(Batched(rnn_relu), Packed(rnn_relu));
  return run(Batched(rnn_tanh), Packed(rnn_tanh));
}

Tensors tensors_of(const std::vector<Parameter>& weights) {
  return {weights.begin(), weights.end()};
}

// How many sequences there are; the op checks what batch_sizes are after the first.
int64_t packed_batch(const PackedSequence& input, const std::string& name) {
  const Tensor& sizes = input.batch_sizes;
  check<DTypeError>(is_integer(sizes.dtype()), "{}: expected integer batch_sizes, got {}", name,
                    sizes.dtype());
  check<ShapeError>(sizes.dim() == 1 && sizes.size(0) > 0,
                    "{}: expected batch_sizes [T] of one step or more, got shape {}", name,
                    sizes.shape());
  const auto batch = sizes.select(0, 0).item<int64_t>();
  check(batch > 0, "{}: expected batch_sizes that are positive and never grow, got {} at step 0",
        name, batch);
  check_packed_order(name, "sorted_indices", input.sorted_indices, batch);
  check_packed_order(name, "unsorted_indices", input.unsorted_indices, batch);
  return batch;
}

Tensors reordered(Tensors hx, const Tensor& order) {
  if (order.defined())
    for (Tensor& t : hx) t = index_select(t, 1, order);
  return hx;
}

}  // namespace

NamedTensors new_recurrent_weights(const RecurrentConfig& c) {
  check_config(c);
  NamedTensors all;
  for (int64_t layer = 0; layer < c.options.num_layers; ++layer)
    for (int64_t direction = 0; direction < directions(c); ++direction) {
      const int64_t in = layer == 0 ? c.input_size : output_size(c) * directions(c);
      const auto add = [&](const char* name, const Shape& shape) {
        all.emplace_back(fmt::format("{}_l{}{}", name, layer, direction == 1 ? "_reverse" : ""),
                         new_weight(c, shape));
      };
      add("weight_ih", {width_of(c), in});
      add("weight_hh", {width_of(c), output_size(c)});
      if (c.options.bias) add("bias_ih", {width_of(c)});
      if (c.options.bias) add("bias_hh", {width_of(c)});
      if (c.proj_size > 0) add("weight_hr", {c.proj_size, c.hidden_size});
    }
  return all;
}

NamedTensors new_cell_weights(const RecurrentConfig& c) {
  check_sizes(c, name_of(c, "Cell"));
  const Tensor w_ih = new_weight(c, {width_of(c), c.input_size});
  const Tensor w_hh = new_weight(c, {width_of(c), c.hidden_size});
  const bool bias = c.options.bias;
  const Tensor b_ih = bias ? new_weight(c, {width_of(c)}) : Tensor();
  const Tensor b_hh = bias ? new_weight(c, {width_of(c)}) : Tensor();
  return {{"weight_ih", w_ih}, {"weight_hh", w_hh}, {"bias_ih", b_ih}, {"bias_hh", b_hh}};
}

std::string recurrent_repr(const RecurrentConfig& c) {
  const GRUOptions& o = c.options;
  std::string text = fmt::format("{}, {}", c.input_size, c.hidden_size);
  if (c.proj_size > 0) text += fmt::format(", proj_size={}", c.proj_size);
  if (o.num_layers != 1) text += fmt::format(", num_layers={}", o.num_layers);
  if (!o.bias) text += ", bias=False";
  if (o.batch_first) text += ", batch_first=True";
  if (o.dropout != 0) text += fmt::format(", dropout={}", o.dropout);
  if (o.bidirectional) text += ", bidirectional=True";
  return text;
}

std::string cell_repr(const RecurrentConfig& c) {
  std::string text = fmt::format("{}, {}", c.input_size, c.hidden_size);
  if (!c.options.bias) text += ", bias=False";
  if (c.kind == Kind::rnn_relu) text += ", nonlinearity=relu";
  return text;
}

int64_t recurrent_products(const RecurrentConfig& c, const std::vector<Parameter>& weights,
                           std::span<const Tensor> results) {
  int64_t each = 0;
  for (const Tensor& w : weights)
    if (w.dim() == 2) each += w.numel();
  return results[0].numel() / (output_size(c) * directions(c)) * each;
}

RecurrentOutput run_recurrent(const RecurrentConfig& c, const std::vector<Parameter>& weights,
                              bool training, const Tensor& input, const Tensors& hx) {
  const std::string name = name_of(c);
  check(input.defined(), "{}: the input is undefined", name);
  check<ShapeError>(input.dim() == 2 || input.dim() == 3,
                    "{}: expected an input of rank 3, or 2 without batch, got shape {}", name,
                    input.shape());
  check_features(c, input, name);
  const bool batched = input.dim() == 3, first = c.options.batch_first;
  const Tensor x = batched ? input : input.unsqueeze(first ? 0 : 1);
  const Shape state = {c.options.num_layers * directions(c), x.size(first ? 0 : 1), 0};
  const Tensors first_hx =
      first_state(c, batched ? hx : with_batch(c, hx, 2, name), state, x.dtype(), name);
  RecurrentOutput y = call_op(c, x, {}, first_hx, tensors_of(weights), op_options(c, training));
  if (batched) return y;
  y.output = y.output.squeeze(first ? 0 : 1);
  for (Tensor& t : y.state) t = t.squeeze(1);
  return y;
}

std::pair<PackedSequence, Tensors> run_recurrent(const RecurrentConfig& c,
                                                 const std::vector<Parameter>& weights,
                                                 bool training, const PackedSequence& input,
                                                 const Tensors& hx) {
  const std::string name = name_of(c);
  check(input.data.defined() && input.batch_sizes.defined(), "{}: the packed sequence is undefined",
        name);
  check<ShapeError>(input.data.dim() == 2,
                    "{}: expected a packed sequence of data [N, {}], got shape {}", name,
                    c.input_size, input.data.shape());
  check_features(c, input.data, name);
  const int64_t batch = packed_batch(input, name);
  const Shape state = {c.options.num_layers * directions(c), batch, 0};
  const Tensors first = first_state(c, hx, state, input.data.dtype(), name);
  const RecurrentOutput y =
      call_op(c, input.data, input.batch_sizes, reordered(first, input.sorted_indices),
              tensors_of(weights), op_options(c, training));
  PackedSequence output = input;
  output.data = y.output;
  return {output, reordered(y.state, input.unsorted_indices)};
}

Tensors run_cell(const RecurrentConfig& c, const Tensor& input, const Tensors& hx,
                 const Tensor& weight_ih, const Tensor& weight_hh, const Tensor& bias_ih,
                 const Tensor& bias_hh) {
  const std::string name = name_of(c, "Cell");
  check(input.defined(), "{}: the input is undefined", name);
  check<ShapeError>(input.dim() == 1 || input.dim() == 2,
                    "{}: expected an input of rank 2, or 1 without batch, got shape {}", name,
                    input.shape());
  check_features(c, input, name);
  const bool batched = input.dim() == 2;
  const Tensor x = batched ? input : input.unsqueeze(0);
  const Tensors h =
      first_state(c, batched ? hx : with_batch(c, hx, 1, name), {x.size(0), 0}, x.dtype(), name);
  Tensors next;
  if (is_lstm(c)) {
    const auto [a, b] = lstm_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh);
    next = {a, b};
  } else {
    const auto cell = c.kind == Kind::gru        ? gru_cell
                      : c.kind == Kind::rnn_relu ? rnn_relu_cell
                                                 : rnn_tanh_cell;
    next = {cell(x, h[0], weight_ih, weight_hh, bias_ih, bias_hh)};
  }
  if (!batched)
    for (Tensor& t : next) t = t.squeeze(0);
  return next;
}

}  // namespace detail

namespace {

using detail::RecurrentKind;
using Tensors = std::vector<Tensor>;

// What has no state to begin with takes an undefined one.
Tensors given(const Tensor& hx) { return hx.defined() ? Tensors{hx} : Tensors(); }
Tensors given(const std::optional<LSTM::State>& hx) {
  return hx ? Tensors{std::get<0>(*hx), std::get<1>(*hx)} : Tensors();
}

RecurrentKind kind_of(Nonlinearity f) {
  return f == Nonlinearity::relu ? RecurrentKind::rnn_relu : RecurrentKind::rnn_tanh;
}

}  // namespace

RNN::RNN(int64_t input_size, int64_t hidden_size, const RNNOptions& o)
    : RecurrentModule({kind_of(o.nonlinearity),
                       input_size,
                       hidden_size,
                       {o.num_layers, o.bias, o.batch_first, o.dropout, o.bidirectional}}) {}
std::tuple<Tensor, Tensor> RNN::forward(const Tensor& input, const Tensor& hx) {
  const auto y = run(input, given(hx));
  return {y.output, y.state[0]};
}
std::tuple<PackedSequence, Tensor> RNN::forward(const PackedSequence& input, const Tensor& hx) {
  const auto [output, state] = run(input, given(hx));
  return {output, state[0]};
}

GRU::GRU(int64_t input_size, int64_t hidden_size, const GRUOptions& o)
    : RecurrentModule({RecurrentKind::gru, input_size, hidden_size, o}) {}
std::tuple<Tensor, Tensor> GRU::forward(const Tensor& input, const Tensor& hx) {
  const auto y = run(input, given(hx));
  return {y.output, y.state[0]};
}
std::tuple<PackedSequence, Tensor> GRU::forward(const PackedSequence& input, const Tensor& hx) {
  const auto [output, state] = run(input, given(hx));
  return {output, state[0]};
}

LSTM::LSTM(int64_t input_size, int64_t hidden_size, const LSTMOptions& o)
    : RecurrentModule({RecurrentKind::lstm,
                       input_size,
                       hidden_size,
                       {o.num_layers, o.bias, o.batch_first, o.dropout, o.bidirectional},
                       o.proj_size}) {}
std::tuple<Tensor, LSTM::State> LSTM::forward(const Tensor& input, const std::optional<State>& hx) {
  const auto y = run(input, given(hx));
  return {y.output, {y.state[0], y.state[1]}};
}
std::tuple<PackedSequence, LSTM::State> LSTM::forward(const PackedSequence& input,
                                                      const std::optional<State>& hx) {
  const auto [output, state] = run(input, given(hx));
  return {output, {state[0], state[1]}};
}

RNNCell::RNNCell(int64_t input_size, int64_t hidden_size, const RNNCellOptions& o)
    : CellModule({kind_of(o.nonlinearity), input_size, hidden_size, {.bias = o.bias}}) {}
Tensor RNNCell::forward(const Tensor& input, const Tensor& hx) { return run(input, given(hx))[0]; }

GRUCell::GRUCell(int64_t input_size, int64_t hidden_size, const RecurrentCellOptions& o)
    : CellModule({RecurrentKind::gru, input_size, hidden_size, {.bias = o.bias}}) {}
Tensor GRUCell::forward(const Tensor& input, const Tensor& hx) { return run(input, given(hx))[0]; }

LSTMCell::LSTMCell(int64_t input_size, int64_t hidden_size, const RecurrentCellOptions& o)
    : CellModule({RecurrentKind::lstm, input_size, hidden_size, {.bias = o.bias}}) {}
LSTMCell::State LSTMCell::forward(const Tensor& input, const std::optional<State>& hx) {
  const Tensors next = run(input, given(hx));
  return {next[0], next[1]};
}

}  // namespace rw::nn
