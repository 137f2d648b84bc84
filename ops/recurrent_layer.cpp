#include <rewind/ops/recurrent_layer.h>

#include <algorithm>
#include <array>
#include <numeric>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/autograd.h>
#include <rewind/autograd/record.h>
#include <rewind/autograd/share_data.h>
#include <rewind/autograd/traced.h>
#include <rewind/kernels/recurrent/recurrent_kernel.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>

namespace rw::detail {
namespace {

// The inputs of the op, in order. Those of a layer are often undefined.
enum Input : size_t { in_x, in_h, in_c, in_w_ih, in_w_hh, in_b_ih, in_b_hh, in_w_hr, n_inputs };
using Tensors = std::vector<Tensor>;
using Saved = std::array<SavedTensor, n_inputs>;

struct Layer {
  const char* name;
  Cell cell;
  std::vector<int64_t> batch_sizes;
  bool reverse;

  int64_t rows() const {
    return std::accumulate(batch_sizes.begin(), batch_sizes.end(), int64_t{0});
  }
};

template <class T>
T* data(const Tensor& t) {
  return t.defined() ? static_cast<T*>(t.raw_data()) : nullptr;
}

// As kernels take it.
Tensor computed_in(const Tensor& t, DType dtype) {
  return t.defined() ? t.to(dtype).contiguous() : t;
}
Tensors computed(const Tensors& in) {
  Tensors all(n_inputs);
  for (size_t i = 0; i < n_inputs; ++i)
    all[i] = computed_in(in[i], compute_dtype(in[in_x].dtype()));
  return all;
}

template <class T>
kernels::Recurrence<T> recurrence(const Layer& l, const Tensors& in) {
  return {l.cell,
          in[in_w_hh].size(0) / kernels::gates_of(l.cell),
          in[in_w_hh].size(1),
          l.batch_sizes,
          l.reverse,
          in[in_w_ih].size(1),
          data<T>(in[in_w_ih]),
          data<T>(in[in_b_ih]),
          data<T>(in[in_w_hh]),
          data<T>(in[in_b_hh]),
          data<T>(in[in_w_hr])};
}

// --- Forward ------------------------------------------------------------------------------------

// What is computed on the way, and kept for the pullback; see kernels::RecurrentForward.
struct Kept {
  Tensor gates, h_before, c_before, share;
};

// With `keep`, the rest of `kept` is made as well.
RecurrentResult run(const Layer& l, const Tensors& given, bool keep, Kept& kept) {
  const no_grad guard;
  const autocast as_given(false);
  const Tensors in = computed(given);
  const DType dtype = in[in_x].dtype();
  const int64_t n = l.rows(), output = in[in_w_hh].size(1);
  const int64_t hidden = in[in_w_hh].size(0) / kernels::gates_of(l.cell);
  const bool lstm = l.cell == Cell::lstm, gru = l.cell == Cell::gru;
  kept.gates = make_tensor({n, in[in_w_hh].size(0)}, dtype);
  if (keep) kept.h_before = make_tensor({n, output}, dtype);
  if (keep && lstm) kept.c_before = make_tensor({n, hidden}, dtype);
  if (keep && gru) kept.share = make_tensor({n, hidden}, dtype);
  RecurrentResult y = {make_tensor({n, output}, dtype),
                       {in[in_h].clone(MemoryFormat::contiguous), {}}};
  if (lstm) y.last.c = in[in_c].clone(MemoryFormat::contiguous);
  dispatch_among<float, double>(dtype, [&]<class T>() {
    kernels::recurrent_forward<T>(
        recurrence<T>(l, in),
        {data<T>(in[in_x]), data<T>(kept.gates), data<T>(y.last.h), data<T>(y.last.c),
         data<T>(y.output), data<T>(kept.h_before), data<T>(kept.c_before), data<T>(kept.share)});
  });
  const auto round = [&](Tensor& t) {
    if (t.defined()) t = t.to(given[in_x].dtype());
  };
  round(y.output);
  round(y.last.h);
  round(y.last.c);
  return y;
}

// --- Backward -----------------------------------------------------------------------------------

// Gradients as kernels write them.
struct Steps {
  Tensor dh, dc;              // of the state at first
  Tensor dgates, drecurrent;  // of both shares of the gates
  Tensor cells, dprojected;   // what w_hr was multiplied by, and the gradient of the product
};

// A copy of a gradient that the kernel goes on from; zeros where none has come.
Tensor begun(const Tensor& g, const Shape& shape, DType dtype) {
  return g.defined() ? g.to(dtype).clone(MemoryFormat::contiguous) : zeros(shape, dtype);
}

Steps run_back(const Layer& l, const Tensors& in, const Kept& kept, std::span<const Tensor> g) {
  const DType dtype = in[in_x].dtype();
  const bool lstm = l.cell == Cell::lstm, gru = l.cell == Cell::gru;
  const int64_t n = l.rows(), width = in[in_w_hh].size(0), output = in[in_w_hh].size(1);
  const Tensor doutput = computed_in(g[0], dtype);
  Steps s;
  s.dh = begun(g[1], in[in_h].shape(), dtype);
  if (lstm) s.dc = begun(g[2], in[in_c].shape(), dtype);
  s.dgates = make_tensor({n, width}, dtype);
  if (gru) s.drecurrent = make_tensor({n, width}, dtype);
  if (in[in_w_hr].defined()) {
    s.cells = make_tensor({n, width / 4}, dtype);
    s.dprojected = make_tensor({n, output}, dtype);
  }
  dispatch_among<float, double>(dtype, [&]<class T>() {
    kernels::recurrent_backward<T>(
        recurrence<T>(l, in),
        {data<T>(kept.gates), data<T>(lstm ? kept.c_before : kept.h_before), data<T>(kept.share),
         data<T>(doutput), data<T>(s.dh), data<T>(s.dc), data<T>(s.dgates), data<T>(s.drecurrent),
         data<T>(s.cells), data<T>(s.dprojected)});
  });
  if (!gru) s.drecurrent = s.dgates;
  return s;
}

// Gradients of all inputs: what steps have in common is multiplied once for all of them.
std::vector<Tensor> gradients(const Layer& l, const Tensors& given, const Kept& kept,
                              std::span<const Tensor> g, Needs needs) {
  const Tensors in = computed(given);
  const Steps s = run_back(l, in, kept, g);
  std::vector<Tensor> all(n_inputs);
  if (needs[in_x]) all[in_x] = mm(s.dgates, in[in_w_ih]);
  all[in_h] = s.dh;
  all[in_c] = s.dc;
  if (needs[in_w_ih]) all[in_w_ih] = mm(s.dgates.t(), in[in_x]);
  if (needs[in_w_hh]) all[in_w_hh] = mm(s.drecurrent.t(), kept.h_before);
  if (needs[in_b_ih]) all[in_b_ih] = s.dgates.sum({0});
  if (needs[in_b_hh])
    all[in_b_hh] = all[in_b_ih].defined() && l.cell != Cell::gru ? all[in_b_ih].clone()
                                                                 : s.drecurrent.sum({0});
  if (needs[in_w_hr]) all[in_w_hr] = mm(s.dprojected.t(), s.cells);
  return all;
}

// The same on the tape: those of the layer made of other ops.
std::vector<Tensor> recorded_gradients(const Layer& l, const Tensors& given,
                                       std::span<const Tensor> g, Needs needs) {
  const DType dtype = compute_dtype(given[in_x].dtype());
  Tensors in(n_inputs);
  std::vector<Tensor> wanted, outputs, weights;
  std::vector<size_t> which;
  for (size_t i = 0; i < n_inputs; ++i) {
    if (!given[i].defined()) continue;
    in[i] = given[i];
    if (!needs[i]) continue;
    // On the tape by itself: what else depends on this input does not count.
    in[i] = record(l.name, share_data(given[i]), {given[i]},
                   [](const Tensor& dy, Needs) -> Grads { return dy; });
    wanted.push_back(in[i]);
    which.push_back(i);
  }
  const auto as_computed = [&](Input i) { return in[i].defined() ? in[i].to(dtype) : in[i]; };
  const RecurrentResult y =
      recurrent_layer_by_ops(l.cell, as_computed(in_x), {as_computed(in_h), as_computed(in_c)},
                             {as_computed(in_w_ih), as_computed(in_w_hh), as_computed(in_b_ih),
                              as_computed(in_b_hh), as_computed(in_w_hr)},
                             l.batch_sizes, l.reverse);
  const Tensor results[] = {y.output, y.last.h, y.last.c};
  for (size_t i = 0; i < g.size(); ++i) {
    if (!g[i].defined() || !results[i].requires_grad()) continue;
    outputs.push_back(results[i]);
    weights.push_back(g[i].to(dtype));
  }
  const std::vector<Tensor> found =
      grad(outputs, wanted, {.grad_outputs = weights, .create_graph = true, .allow_unused = true});
  std::vector<Tensor> all(n_inputs);
  for (size_t i = 0; i < which.size(); ++i) all[which[i]] = found[i];
  return all;
}

// Puts results on the tape.
std::vector<Tensor> recorded(const Layer& layer, std::vector<Tensor> results, const Tensors& in,
                             const Kept& kept) {
  Saved saved;
  for (size_t i = 0; i < n_inputs; ++i) saved[i] = save(in[i]);
  return record(layer.name, std::move(results), in,
                [layer, saved = std::move(saved), gates = save(kept.gates),
                 h_before = save(kept.h_before), c_before = save(kept.c_before),
                 share = save(kept.share)](std::span<const Tensor> g, Needs needs) -> Grads {
                  Tensors at(n_inputs);
                  for (size_t i = 0; i < n_inputs; ++i) at[i] = saved[i].get();
                  const autocast as_given(false);
                  if (is_grad_enabled()) return recorded_gradients(layer, at, g, needs);
                  return gradients(layer, at,
                                   {gates.get(), h_before.get(), c_before.get(), share.get()}, g,
                                   needs);
                });
}

}  // namespace

RecurrentResult recurrent_layer(const char* name, Cell cell, const Tensor& x,
                                const RecurrentState& first, const RecurrentWeights& w,
                                const std::vector<int64_t>& batch_sizes, bool reverse) {
  const profile_scope scope(name);
  const Layer layer = {name, cell, batch_sizes, reverse};
  const Tensors in = {x, first.h, first.c, w.w_ih, w.w_hh, w.b_ih, w.b_hh, w.w_hr};
  const bool keep =
      std::any_of(in.begin(), in.end(), [](const Tensor& t) { return is_recorded(t); });
  Kept kept;
  RecurrentResult y = run(layer, in, keep, kept);
  std::vector<Tensor> results = {y.output, y.last.h};
  if (y.last.c.defined()) results.push_back(y.last.c);
  if (keep) results = recorded(layer, std::move(results), in, kept);
  enter(name, in, results, [&] {
    const bool packed = batch_sizes.front() != batch_sizes.back();
    return Attributes{{"steps", static_cast<int64_t>(batch_sizes.size())},
                      {"packed", packed},
                      {"reverse", reverse}};
  });
  return {results[0], {results[1], y.last.c.defined() ? results[2] : Tensor()}};
}

}  // namespace rw::detail
