#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

Rows layers() {
  const Kind m = Kind::products, i = Kind::images, e = Kind::elements;
  const auto filters = [](In t, int64_t out, int64_t in, int64_t size) {
    return (uniform({out, in, size, size}) - 0.5).to(lib::type_of(t[0]));
  };
  return {
      {"matmul", m, floating, 2, smooth, [](In t) { return matmul(t[0], t[1]); }},
      {"mm", m, floating, 2, smooth, [](In t) { return mm(t[0], t[1]); }},
      {"bmm", m, floating, 2, smooth,
       [](In t) { return bmm(t[0].unsqueeze(0), t[1].unsqueeze(0)); }},
      {"matmul, vector", e, floating, 2, smooth,
       [](In t) {
         return matmul(t[0].reshape({-1, t[0].size(-1)}),
                       t[1].reshape({-1}).narrow(0, 0, t[0].size(-1)));
       }},
      {"matmul, dot", e, floating, 2, smooth,
       [](In t) { return matmul(t[0].reshape({-1}), t[1].reshape({-1})); }},
      {"linear", m, floating, 2, smooth, [](In t) { return linear(t[0], t[1]); }},
      {"conv2d, 3x3", i, floating, 1, smooth,
       [=](In t) { return conv(t[0], filters(t, t[0].size(1), t[0].size(1), 3), 1, 1, 1); }},
      {"conv2d, 1x1", i, floating, 1, smooth,
       [=](In t) { return conv(t[0], filters(t, t[0].size(1), t[0].size(1), 1), 1, 0, 1); }},
      {"conv2d, strided", i, floating, 1, smooth,
       [=](In t) { return conv(t[0], filters(t, t[0].size(1), t[0].size(1), 3), 2, 1, 1); }},
      {"conv2d, depthwise", i, floating, 1, smooth,
       [=](In t) { return conv(t[0], filters(t, t[0].size(1), 1, 3), 1, 1, t[0].size(1)); }},
      {"batch_norm", i, floating, 1, smooth,
       [](In t) { return batch_norm_of(t[0], uniform({t[0].size(1)}).to(lib::type_of(t[0]))); }},
      {"layer_norm", e, floating, 1, smooth, [](In t) { return layer_norm_of(t[0]); }},
      {"group_norm", i, floating, 1, smooth, [](In t) { return group_norm(t[0], 2); }},
      {"instance_norm", i, floating, 1, smooth, [](In t) { return instance_norm_of(t[0]); }},
      {"lstm", m, floating, 1, smooth, [](In t) { return lstm_of(t[0]); }},
      {"gru", m, floating, 1, smooth, [](In t) { return gru_of(t[0]); }},
      {"rnn_tanh", m, floating, 1, smooth, [](In t) { return rnn_tanh_of(t[0]); }},
      {"rnn_relu", m, floating, 1, smooth, [](In t) { return rnn_relu_of(t[0]); }},
      {"lstm_cell", m, floating, 1, smooth, [](In t) { return lstm_cell_of(t[0]); }},
      {"gru_cell", m, floating, 1, smooth, [](In t) { return gru_cell_of(t[0]); }},
      {"rnn_tanh_cell", m, floating, 1, smooth, [](In t) { return rnn_tanh_cell_of(t[0]); }},
      {"rnn_relu_cell", m, floating, 1, smooth, [](In t) { return rnn_relu_cell_of(t[0]); }},
      {"mse_loss", e, floating, 2, smooth, [](In t) { return mse_loss(t[0], t[1]); }},
      {"l1_loss", e, floating, 2, smooth, [](In t) { return l1_loss(t[0], t[1]); }},
      {"binary_cross_entropy_with_logits", e, floating, 2, smooth,
       [](In t) { return bce_with_logits(t[0], t[1]); }},
      {"cross_entropy", m, floating, 1, smooth,
       [](In t) { return cross_entropy_of(t[0], some_indices(t[0].size(0), t[0].size(1))); }},
      {"nll_loss", m, floating, 1, smooth,
       [](In t) { return nll_loss(t[0], some_indices(t[0].size(0), t[0].size(1))); }},
  };
}

const Family family(layers);

}  // namespace
}  // namespace bench
