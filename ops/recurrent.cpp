#include <rewind/ops/recurrent.h>

#include <utility>

#include <rewind/autograd/autocast.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/recurrent_arguments.h>
#include <rewind/tensor/check.h>

namespace rw {

using detail::Cell;
using detail::lowered;
using detail::RecurrentCall;
using detail::RecurrentResult;
using detail::RecurrentState;

namespace {

// PyTorch's rules: all of LSTM and RNN, but GRU only behind what has been lowered.
bool is_lowered(Cell cell, const Tensor& input) {
  return cell != Cell::gru || (input.defined() && input.dtype() == detail::autocast_dtype);
}

std::vector<Tensor> lowered(std::vector<Tensor> all) {
  for (Tensor& t : all) t = lowered(t);
  return all;
}

// All layers over x [N, I], whose rows are those of all steps.
RecurrentResult run_layers(const RecurrentCall& call, Tensor x,
                           const std::vector<int64_t>& batch_sizes) {
  const RecurrentOptions& o = call.options;
  const bool lstm = call.cell == Cell::lstm;
  std::vector<Tensor> h, c;
  for (int64_t layer = 0; layer < o.num_layers; ++layer) {
    std::vector<Tensor> outputs;
    for (int64_t direction = 0; direction < call.directions(); ++direction) {
      const int64_t part = layer * call.directions() + direction;
      const RecurrentState first = {call.h.select(0, part),
                                    lstm ? call.c.select(0, part) : Tensor()};
      const RecurrentResult y =
          detail::recurrent_layer(call.op, call.cell, x, first, call.weights(layer, direction),
                                  batch_sizes, direction == 1);
      outputs.push_back(y.output);
      h.push_back(y.last.h);
      c.push_back(y.last.c);
    }
    x = outputs.size() == 1 ? outputs[0] : cat(outputs, 1);
    if (o.train && o.dropout > 0 && layer + 1 < o.num_layers) x = dropout(x, o.dropout);
  }
  const auto all = [](const std::vector<Tensor>& parts) {
    return parts.size() == 1 ? parts[0].unsqueeze(0) : stack(parts);
  };
  return {x, {all(h), lstm ? all(c) : Tensor()}};
}

RecurrentCall made(const char* op, Cell cell, const Tensor& input, const RecurrentState& hx,
                   const std::vector<Tensor>& params, const RecurrentOptions& options) {
  if (detail::autocast_dtype == float32 || !is_lowered(cell, input))
    return {op, cell, hx.h, hx.c, params, options};
  return {op, cell, lowered(hx.h), lowered(hx.c), lowered(params), options};
}

RecurrentResult over_batch(const Tensor& given, const RecurrentCall& call) {
  const bool batch_first = call.options.batch_first;
  detail::check_recurrent_input(
      call.op, given, 3, batch_first ? "[batch, steps, features]" : "[steps, batch, features]");
  const Tensor input = is_lowered(call.cell, given) ? lowered(given) : given;
  const Tensor by_steps = batch_first ? input.transpose(0, 1) : input;
  const int64_t steps = by_steps.size(0), batch = by_steps.size(1);
  check<ShapeError>(steps > 0, "{}: expected an input of one step or more, got shape {}", call.op,
                    input.shape());
  detail::check_recurrent_call(call, input, batch, input.size(2));
  RecurrentResult y = run_layers(call, by_steps.reshape({steps * batch, input.size(2)}),
                                 std::vector<int64_t>(static_cast<size_t>(steps), batch));
  y.output = y.output.view({steps, batch, y.output.size(1)});
  if (batch_first) y.output = y.output.transpose(0, 1);
  return y;
}

RecurrentResult over_packed(const Tensor& given, const Tensor& batch_sizes,
                            const RecurrentCall& call) {
  detail::check_recurrent_input(call.op, given, 2, "[rows of all steps, features]");
  const Tensor data = is_lowered(call.cell, given) ? lowered(given) : given;
  const std::vector<int64_t> sizes = detail::checked_batch_sizes(call.op, data, batch_sizes);
  detail::check_recurrent_call(call, data, sizes.front(), data.size(1));
  return run_layers(call, data, sizes);
}

RecurrentState one_step(const char* op, Cell cell, const Tensor& given, const RecurrentState& hx,
                        detail::RecurrentWeights w) {
  detail::check_recurrent_input(op, given, 2, "[batch, features]");
  // Of the cells that of RNN is lowered by itself.
  const bool lower = detail::autocast_dtype != float32 && is_lowered(cell, given) &&
                     (cell != Cell::lstm || given.dtype() == detail::autocast_dtype);
  const auto as_computed = [&](const Tensor& t) { return lower ? lowered(t) : t; };
  const Tensor input = as_computed(given);
  const RecurrentState first = {as_computed(hx.h), as_computed(hx.c)};
  w = {as_computed(w.w_ih), as_computed(w.w_hh), as_computed(w.b_ih), as_computed(w.b_hh), {}};
  check(first.h.defined(), "{}: hx is undefined", op);
  check<DTypeError>(first.h.dtype() == input.dtype(),
                    "{}: expected hx of the input's dtype {}, got {}", op, input.dtype(),
                    first.h.dtype());
  const int rank = first.c.defined() ? first.c.dim() : 2;
  check<ShapeError>(first.h.dim() == 2 && rank == 2 && first.h.size(0) == input.size(0),
                    "{}: expected hx [{}, hidden size] for an input of shape {}, got {}", op,
                    input.size(0), input.shape(), (rank == 2 ? first.h : first.c).shape());
  if (cell == Cell::lstm)
    check<ShapeError>(first.h.shape() == first.c.shape(),
                      "{}: expected h and c of one shape, got {} and {}", op, first.h.shape(),
                      first.c.shape());
  detail::check_recurrent_layer(op, cell, input, input.size(1), first, w, false);
  return detail::recurrent_layer(op, cell, input, first, w, {input.size(0)}, false).last;
}

std::tuple<Tensor, Tensor> output_and_h(const RecurrentResult& y) { return {y.output, y.last.h}; }

}  // namespace

#define REWIND_RECURRENT(name)                                                                     \
  std::tuple<Tensor, Tensor> name(const Tensor& input, const Tensor& hx,                           \
                                  const std::vector<Tensor>& params,                               \
                                  const RecurrentOptions& options) {                               \
    return output_and_h(                                                                           \
        over_batch(input, made(#name, Cell::name, input, {hx, {}}, params, options)));             \
  }                                                                                                \
  std::tuple<Tensor, Tensor> name(const Tensor& data, const Tensor& batch_sizes, const Tensor& hx, \
                                  const std::vector<Tensor>& params,                               \
                                  const RecurrentOptions& options) {                               \
    return output_and_h(                                                                           \
        over_packed(data, batch_sizes, made(#name, Cell::name, data, {hx, {}}, params, options))); \
  }                                                                                                \
  Tensor name##_cell(const Tensor& input, const Tensor& hx, const Tensor& w_ih,                    \
                     const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh) {                 \
    return one_step(#name "_cell", Cell::name, input, {hx, {}}, {w_ih, w_hh, b_ih, b_hh, {}}).h;   \
  }
REWIND_RECURRENT(rnn_tanh)
REWIND_RECURRENT(rnn_relu)
REWIND_RECURRENT(gru)
#undef REWIND_RECURRENT

std::tuple<Tensor, Tensor, Tensor> lstm(const Tensor& input, const std::vector<Tensor>& hx,
                                        const std::vector<Tensor>& params,
                                        const RecurrentOptions& options) {
  const RecurrentResult y = over_batch(
      input, made("lstm", Cell::lstm, input, detail::lstm_state("lstm", hx), params, options));
  return {y.output, y.last.h, y.last.c};
}

std::tuple<Tensor, Tensor, Tensor> lstm(const Tensor& data, const Tensor& batch_sizes,
                                        const std::vector<Tensor>& hx,
                                        const std::vector<Tensor>& params,
                                        const RecurrentOptions& options) {
  const RecurrentResult y =
      over_packed(data, batch_sizes,
                  made("lstm", Cell::lstm, data, detail::lstm_state("lstm", hx), params, options));
  return {y.output, y.last.h, y.last.c};
}

std::tuple<Tensor, Tensor> lstm_cell(const Tensor& input, const std::vector<Tensor>& hx,
                                     const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih,
                                     const Tensor& b_hh) {
  const RecurrentState next =
      one_step("lstm_cell", Cell::lstm, input, detail::lstm_state("lstm_cell", hx),
               {w_ih, w_hh, b_ih, b_hh, {}});
  return {next.h, next.c};
}

}  // namespace rw
