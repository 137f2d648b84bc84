#include <rewind/ops/recurrent_arguments.h>

#include <numeric>
#include <utility>

#include <rewind/tensor/check.h>

namespace rw::detail {
namespace {

void check_argument(const char* op, const char* what, const Tensor& t, const Tensor& input,
                    const Shape& expected) {
  check(t.defined(), "{}: {} is undefined", op, what);
  check<DTypeError>(t.dtype() == input.dtype(), "{}: expected {} of the input's dtype {}, got {}",
                    op, what, input.dtype(), t.dtype());
  check<ShapeError>(t.shape() == expected, "{}: expected {} of shape {}, got {}", op, what,
                    expected, t.shape());
}

int64_t params_of_each(const RecurrentCall& call) {
  return (call.options.has_biases ? 4 : 2) + (call.has_projection() ? 1 : 0);
}

// h or c: [L D, B, …].
void check_state(const RecurrentCall& call, const char* what, const Tensor& t, const Tensor& input,
                 int64_t batch) {
  check(t.defined(), "{}: {} is undefined", call.op, what);
  check<ShapeError>(t.dim() == 3,
                    "{}: expected {} [layers * directions, batch, size], got shape {}", call.op,
                    what, t.shape());
  const int64_t parts = call.options.num_layers * call.directions();
  check_argument(call.op, what, t, input, {parts, batch, t.size(2)});
}

}  // namespace

RecurrentWeights RecurrentCall::weights(int64_t layer, int64_t direction) const {
  const int64_t each = params_of_each(*this);
  const Tensor* p = params.data() + (layer * directions() + direction) * each;
  RecurrentWeights w = {p[0], p[1], {}, {}, {}};
  if (options.has_biases) w.b_ih = p[2], w.b_hh = p[3];
  if (has_projection()) w.w_hr = p[each - 1];
  return w;
}

RecurrentState lstm_state(const char* op, const std::vector<Tensor>& hx) {
  check(hx.size() == 2, "{}: expected hx of two tensors, h and c, got {}", op, hx.size());
  check(hx[0].defined() && hx[1].defined(), "{}: {} of hx is undefined", op,
        hx[0].defined() ? "c" : "h");
  return {hx[0], hx[1]};
}

void check_recurrent_input(const char* op, const Tensor& input, int rank, const char* sizes) {
  check(input.defined(), "{}: the input is undefined", op);
  check<DTypeError>(input.is_floating_point(), "{}: expected a floating input, got {}", op,
                    input.dtype());
  check<ShapeError>(input.dim() == rank, "{}: expected an input {}, got shape {}", op, sizes,
                    input.shape());
}

void check_recurrent_layer(const char* op, Cell cell, const Tensor& input, int64_t features,
                           const RecurrentState& first, const RecurrentWeights& w, bool projected) {
  const int64_t batch = first.h.size(0), output = first.h.size(1);
  const int64_t hidden = cell == Cell::lstm ? first.c.size(1) : output;
  const int64_t width = kernels::gates_of(cell) * hidden;
  check_argument(op, "w_ih", w.w_ih, input, {width, features});
  check_argument(op, "w_hh", w.w_hh, input, {width, output});
  if (w.b_ih.defined()) check_argument(op, "b_ih", w.b_ih, input, {width});
  if (w.b_hh.defined()) check_argument(op, "b_hh", w.b_hh, input, {width});
  if (cell == Cell::lstm) check_argument(op, "c of hx", first.c, input, {batch, hidden});
  if (projected) check_argument(op, "w_hr", w.w_hr, input, {output, hidden});
}

void check_recurrent_call(const RecurrentCall& call, const Tensor& input, int64_t batch,
                          int64_t features) {
  const RecurrentOptions& o = call.options;
  const char* const op = call.op;
  check(o.num_layers >= 1, "{}: expected num_layers of at least 1, got {}", op, o.num_layers);
  check(0 <= o.dropout && o.dropout <= 1, "{}: expected a dropout from 0 to 1, got {}", op,
        o.dropout);
  check(o.num_layers <= std::ssize(call.params), "{}: expected params of {} layers, got {} tensors",
        op, o.num_layers, call.params.size());
  const bool lstm = call.cell == Cell::lstm;
  check_state(call, lstm ? "h of hx" : "hx", call.h, input, batch);
  if (lstm) check_state(call, "c of hx", call.c, input, batch);
  const int64_t each = params_of_each(call), parts = o.num_layers * call.directions();
  check(std::ssize(call.params) == each * parts,
        "{}: expected {} params, {} for each of {} layers and {} directions, got {}", op,
        each * parts, each, o.num_layers, call.directions(), call.params.size());
  for (int64_t i = 0; i < parts; ++i) {
    const int64_t layer = i / call.directions(), direction = i % call.directions();
    const RecurrentWeights w = call.weights(layer, direction);
    if (o.has_biases)
      check(w.b_ih.defined() && w.b_hh.defined(), "{}: {} of layer {} is undefined", op,
            w.b_ih.defined() ? "b_hh" : "b_ih", layer);
    const RecurrentState first = {call.h.select(0, i), lstm ? call.c.select(0, i) : Tensor()};
    check_recurrent_layer(op, call.cell, input,
                          layer == 0 ? features : call.h.size(2) * call.directions(), first, w,
                          call.has_projection());
  }
}

std::vector<int64_t> checked_batch_sizes(const char* op, const Tensor& data,
                                         const Tensor& batch_sizes) {
  check(batch_sizes.defined(), "{}: the batch sizes are undefined", op);
  check<DTypeError>(is_integer(batch_sizes.dtype()), "{}: expected integer batch sizes, got {}", op,
                    batch_sizes.dtype());
  check<ShapeError>(batch_sizes.dim() == 1 && batch_sizes.size(0) > 0,
                    "{}: expected batch sizes [T] of one step or more, got shape {}", op,
                    batch_sizes.shape());
  std::vector<int64_t> sizes = batch_sizes.to_vector<int64_t>();
  int64_t rest = data.size(0);
  for (size_t t = 0; t < sizes.size(); ++t) {
    check(sizes[t] >= 1 && (t == 0 || sizes[t] <= sizes[t - 1]),
          "{}: expected batch sizes that are positive and never grow, got {} at step {}", op,
          sizes[t], t);
    check<ShapeError>(sizes[t] <= rest, "{}: batch sizes add up to more than the {} rows of data",
                      op, data.size(0));
    rest -= sizes[t];
  }
  check<ShapeError>(rest == 0, "{}: batch sizes add up to {}, but data has {} rows", op,
                    data.size(0) - rest, data.size(0));
  return sizes;
}

}  // namespace rw::detail
