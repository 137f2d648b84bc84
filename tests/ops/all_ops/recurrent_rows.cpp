#include <rewind/ops/recurrent.h>

#include "table.h"

namespace rw::test {
namespace {

constexpr int64_t features = 2, hidden = 2;

Tensors weights(int64_t gates, int64_t output = hidden) {
  Tensors all = {normal({gates * hidden, features}), normal({gates * hidden, output}),
                 normal({gates * hidden}), normal({gates * hidden})};
  if (output != hidden) all.push_back(normal({output, hidden}));
  return all;
}

Tensors joined(Tensors first, const Tensors& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}
Tensors from_third(const Tensors& in, size_t k = 2) {
  return {in.begin() + static_cast<std::ptrdiff_t>(k), in.end()};
}

Tensors list(const std::tuple<Tensor, Tensor>& y) { return {std::get<0>(y), std::get<1>(y)}; }
Tensors list(const std::tuple<Tensor, Tensor, Tensor>& y) {
  return {std::get<0>(y), std::get<1>(y), std::get<2>(y)};
}

using Layer = std::tuple<Tensor, Tensor> (*)(In, In, const Tensors&, const RecurrentOptions&);
using Packed = std::tuple<Tensor, Tensor> (*)(In, In, In, const Tensors&, const RecurrentOptions&);
using Cell = Tensor (*)(In, In, In, In, In, In);

Rows rows_of(const std::string& name, int64_t gates, Layer layer, Packed packed, Cell cell) {
  const Tensor x = normal({2, 2, features}), h = normal({1, 2, hidden});
  const Tensor data = normal({3, features}), sizes = from<int64_t>({2, 1}),
               h2 = normal({2, hidden});
  const Tensors w = weights(gates);
  return {
      {name, [=](const Tensors& in) { return list(layer(in[0], in[1], from_third(in), {})); },
       joined({x, h}, w)},
      {name + ", packed",
       [=](const Tensors& in) { return list(packed(in[0], sizes, in[1], from_third(in), {})); },
       joined({data, h}, w)},
      {name + "_cell",
       [=](const Tensors& in) { return Tensors{cell(in[0], in[1], in[2], in[3], in[4], in[5])}; },
       joined({data.detach().narrow(0, 0, 2).clone().requires_grad_(), h2}, w)},
  };
}

Rows lstm_rows() {
  const Tensor x = normal({2, 2, features}), c = normal({1, 2, hidden});
  const Tensor data = normal({3, features}), sizes = from<int64_t>({2, 1});
  const Tensor row = normal({2, features}), h2 = normal({2, hidden}), c2 = normal({2, hidden});
  const Tensors w = weights(4), projected = weights(4, 1);
  const auto layer = [](const Tensors& in) {
    return list(lstm(in[0], {in[1], in[2]}, from_third(in, 3)));
  };
  return {
      {"lstm", layer, joined({x, normal({1, 2, hidden}), c}, w)},
      {"lstm, projected", layer, joined({x, normal({1, 2, 1}), c}, projected)},
      {"lstm, packed",
       [=](const Tensors& in) {
         return list(lstm(in[0], sizes, {in[1], in[2]}, from_third(in, 3)));
       },
       joined({data, normal({1, 2, hidden}), c}, w)},
      {"lstm_cell",
       [](const Tensors& in) {
         return list(lstm_cell(in[0], {in[1], in[2]}, in[3], in[4], in[5], in[6]));
       },
       joined({row, h2, c2}, w)},
  };
}

Rows recurrent_rows() {
  Rows all = lstm_rows();
  for (const Rows& more : {rows_of("rnn_tanh", 1, rnn_tanh, rnn_tanh, rnn_tanh_cell),
                           rows_of("rnn_relu", 1, rnn_relu, rnn_relu, rnn_relu_cell),
                           rows_of("gru", 3, gru, gru, gru_cell)})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

static const Family recurrent_family(recurrent_rows);

}  // namespace rw::test
