#include "cases.h"

#include <rewind/nn/attention_layers.h>
#include <rewind/nn/transformer.h>
#include <rewind/ops/attention.h>
#include <rewind/rewind.h>

using namespace rw;

namespace {

std::vector<OnnxCase> cases;

// A layer, called with one tensor.
template <class Layer>
void layer(const std::string& name, Layer made, const Tensor& x,
           const onnx::ExportOptions& options = {.dynamic_batch = true}) {
  const auto model = std::make_shared<Layer>(std::move(made));
  model->eval();
  randomize(*model);
  cases.push_back({name,
                   model,
                   [model](const onnx::Tensors& in) { return onnx::Tensors{(*model)(in[0])}; },
                   {x},
                   options});
}

// A function of tensors.
template <class F>
void function(const std::string& name, onnx::Tensors inputs, F f,
              const onnx::ExportOptions& options = {.dynamic_batch = true}) {
  const auto none = std::make_shared<nn::Sequential>();
  cases.push_back({name, none,
                   [f](const onnx::Tensors& in) {
                     if constexpr (std::is_invocable_r_v<Tensor, F, Tensor>)
                       return onnx::Tensors{f(in[0])};
                     else if constexpr (std::is_invocable_r_v<Tensor, F, Tensor, Tensor>)
                       return onnx::Tensors{f(in[0], in[1])};
                     else
                       return f(in);
                   },
                   std::move(inputs), options});
}

void convolutions() {
  const Tensor line = randn({2, 4, 13}), image = randn({2, 4, 9, 11}),
               volume = randn({2, 4, 5, 6, 7});
  layer("conv1d", nn::Conv1d(4, 6, 3), line);
  layer("conv1d_options",
        nn::Conv1d(4, 6, 3, {.stride = 2, .padding = 2, .dilation = 2, .groups = 2}), line);
  layer("conv1d_same", nn::Conv1d(4, 6, 4, {.padding = "same"}), line);
  layer("conv2d", nn::Conv2d(4, 6, 3), image);
  layer("conv2d_options",
        nn::Conv2d(
            4, 6, {3, 2},
            {.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 2}, .groups = 2, .bias = false}),
        image);
  layer("conv2d_depthwise", nn::Conv2d(4, 8, 3, {.padding = 1, .groups = 4}), image);
  layer("conv2d_wide_border", nn::Conv2d(4, 6, 2, {.padding = 3}), image);
  layer("conv2d_reflect",
        nn::Conv2d(4, 6, 3, {.padding = {1, 2}, .padding_mode = PaddingMode::reflect}), image);
  layer("conv2d_replicate",
        nn::Conv2d(4, 6, 3, {.padding = 2, .padding_mode = PaddingMode::replicate}), image);
  layer("conv2d_circular",
        nn::Conv2d(4, 6, 3, {.padding = {1, 2}, .padding_mode = PaddingMode::circular}), image);
  layer("conv2d_unbatched", nn::Conv2d(4, 6, 3), image[0], {});
  layer("conv3d", nn::Conv3d(4, 6, 3, {.padding = 1}), volume);
  layer("conv3d_options",
        nn::Conv3d(4, 4, 2, {.stride = 2, .padding = 1, .dilation = {1, 2, 1}, .groups = 4}),
        volume);
  layer("conv_transpose1d", nn::ConvTranspose1d(4, 6, 3, {.stride = 2}), line);
  layer("conv_transpose2d", nn::ConvTranspose2d(4, 6, 3), image);
  layer("conv_transpose2d_options",
        nn::ConvTranspose2d(
            4, 6, 3, {.stride = 3, .padding = 1, .output_padding = 2, .groups = 2, .dilation = 2}),
        image);
  layer("conv_transpose3d",
        nn::ConvTranspose3d(4, 6, 2, {.stride = 2, .padding = 1, .output_padding = 1}), volume);
}

void pools() {
  const Tensor line = randn({2, 4, 13}), image = randn({2, 4, 9, 11}),
               volume = randn({2, 4, 5, 6, 7});
  layer("max_pool1d", nn::MaxPool1d(3), line);
  layer("max_pool2d", nn::MaxPool2d(3, {.stride = 2, .padding = 1}), image);
  layer("max_pool2d_ceil", nn::MaxPool2d(2, {.stride = 2, .ceil_mode = true}), image);
  layer("max_pool2d_ceil_padding", nn::MaxPool2d(3, {.stride = 3, .padding = 1, .ceil_mode = true}),
        image);
  layer("max_pool2d_dilation", nn::MaxPool2d(3, {.stride = 2, .dilation = 2, .ceil_mode = true}),
        image);
  layer("max_pool2d_unbatched", nn::MaxPool2d(2), image[0], {});
  layer("max_pool3d", nn::MaxPool3d(2, {.ceil_mode = true}), volume);
  layer("avg_pool1d", nn::AvgPool1d(3, {.padding = 1}), line);
  layer("avg_pool2d", nn::AvgPool2d(3, {.stride = 2}), image);
  layer("avg_pool2d_padding", nn::AvgPool2d(3, {.stride = 2, .padding = 1}), image);
  layer("avg_pool2d_ceil", nn::AvgPool2d(4, {.stride = 3, .padding = 1, .ceil_mode = true}), image);
  layer(
      "avg_pool2d_ceil_inside",
      nn::AvgPool2d(4, {.stride = 3, .padding = 1, .ceil_mode = true, .count_include_pad = false}),
      image);
  layer("avg_pool2d_divisor",
        nn::AvgPool2d(3, {.stride = 2, .padding = 1, .ceil_mode = true, .divisor_override = 5}),
        image);
  layer("avg_pool3d", nn::AvgPool3d(2, {.padding = 1}), volume);
  layer("adaptive_avg_pool1d", nn::AdaptiveAvgPool1d(5), line);
  layer("adaptive_avg_pool2d", nn::AdaptiveAvgPool2d(1), image);
  layer("adaptive_avg_pool2d_even", nn::AdaptiveAvgPool2d({3, 11}), image);
  layer("adaptive_avg_pool2d_uneven", nn::AdaptiveAvgPool2d({4, 13}), image);
  layer("adaptive_avg_pool2d_unbatched", nn::AdaptiveAvgPool2d(1), image[0], {});
  layer("adaptive_avg_pool3d", nn::AdaptiveAvgPool3d(1), volume);
}

void normalizations() {
  const Tensor rows = randn({3, 6}), image = randn({3, 6, 5, 7});
  layer("batch_norm1d", nn::BatchNorm1d(6), rows);
  layer("batch_norm2d", nn::BatchNorm2d(6, {.eps = 1e-3}), image);
  layer("batch_norm2d_plain", nn::BatchNorm2d(6, {.affine = false}), image);
  layer("layer_norm", nn::LayerNorm({5, 7}), image);
  layer("layer_norm_plain", nn::LayerNorm({7}, {.elementwise_affine = false}), image);
  layer("layer_norm_no_bias", nn::LayerNorm({7}, {.bias = false}), image);
  layer("rms_norm", nn::RMSNorm({7}), image);
  layer("group_norm", nn::GroupNorm(3, 6), image);
  layer("group_norm_plain", nn::GroupNorm(2, 6, {.affine = false}), image);
  layer("instance_norm2d", nn::InstanceNorm2d(6, {.affine = true}), image);
}

void activations() {
  const Tensor x = randn({3, 6}) * 3;
  layer("relu", nn::ReLU(), x);
  layer("relu6", nn::ReLU6(), x * 3);
  layer("leaky_relu", nn::LeakyReLU(0.2), x);
  layer("prelu", nn::PReLU(6), x);
  layer("elu", nn::ELU(0.7), x);
  layer("celu", nn::CELU(0.7), x);
  layer("selu", nn::SELU(), x);
  layer("gelu", nn::GELU(), x);
  layer("gelu_tanh", nn::GELU(Gelu::tanh), x);
  layer("silu", nn::SiLU(), x);
  layer("mish", nn::Mish(), x);
  layer("softplus", nn::Softplus(), x);
  layer("softplus_beta", nn::Softplus(2.0), x);
  layer("softsign", nn::Softsign(), x);
  layer("sigmoid", nn::Sigmoid(), x);
  layer("logsigmoid", nn::LogSigmoid(), x);
  layer("tanh", nn::Tanh(), x);
  layer("tanhshrink", nn::Tanhshrink(), x);
  layer("hardtanh", nn::Hardtanh(-2.0, 1.5), x);
  layer("hardsigmoid", nn::Hardsigmoid(), x);
  layer("hardswish", nn::Hardswish(), x);
  layer("threshold", nn::Threshold(0.5, -1.0), x);
  layer("glu", nn::GLU(), x);
  layer("softmax", nn::Softmax(1), x);
  layer("log_softmax", nn::LogSoftmax(1), x);
  layer("softmax_first", nn::Softmax(0), x, {});
  layer("dropout", nn::Dropout(0.5), x);
}

void products() {
  const Tensor rows = randn({3, 6}), batch = randn({3, 5, 6});
  layer("linear", nn::Linear(6, 4), rows);
  layer("linear_no_bias", nn::Linear(6, 4, {.bias = false}), rows);
  layer("linear_of_batch", nn::Linear(6, 4), batch);
  layer("linear_of_vector", nn::Linear(6, 4), rows[0], {});
  layer("embedding", nn::Embedding(9, 4), randint(0, 9, {3, 5}));
  layer("embedding_padding", nn::Embedding(9, 4, {.padding_idx = 2}), randint(0, 9, {3, 5}));
  function("matmul", {batch, randn({3, 6, 2})},
           [](const Tensor& a, const Tensor& b) { return matmul(a, b); });
  function("matmul_vector", {batch},
           [](const Tensor& a) { return matmul(a, arange(6).to(float32)); });
  function("matmul_of_matrix_and_vector", {rows},
           [](const Tensor& a) { return matmul(a, arange(6).to(float32)); });
  function("mm", {rows}, [](const Tensor& a) { return mm(a, a.t()); }, {});
  function("attention", {randn({2, 3, 5, 4}), randn({2, 3, 7, 4})},
           [](const Tensor& q, const Tensor& k) { return scaled_dot_product_attention(q, k, k); });
  function("attention_causal", {randn({2, 3, 5, 4})}, [](const Tensor& q) {
    return scaled_dot_product_attention(q, q, q, {.is_causal = true, .scale = 0.3});
  });
  function("attention_mask", {randn({2, 3, 5, 4})}, [](const Tensor& q) {
    const Tensor mask = ones({5, 5}, boolean).tril(-1);  // the first sees nothing
    return scaled_dot_product_attention(q, q, q, {.attn_mask = mask});
  });
  function("attention_added", {randn({2, 4, 5, 4})}, [](const Tensor& q) {
    return scaled_dot_product_attention(
        q, q.narrow(1, 0, 2), q.narrow(1, 2, 2),
        {.attn_mask = arange(25).to(float32).view({5, 5}) / 9, .enable_gqa = true});
  });
  const auto attention = std::make_shared<nn::MultiheadAttention>(
      8, 2, nn::MultiheadAttentionOptions{.batch_first = true});
  attention->eval();
  randomize(*attention);
  cases.push_back({"multihead_attention",
                   attention,
                   [attention](const onnx::Tensors& in) {
                     const auto [y, weights] = (*attention)(in[0], in[1], in[1]);
                     return onnx::Tensors{y, weights};
                   },
                   {randn({2, 3, 8}), randn({2, 5, 8})},
                   {.output_names = {"attended", "weights"}, .dynamic_batch = true}});
  layer("transformer_encoder_layer",
        nn::TransformerEncoderLayer(8, 2, {.dim_feedforward = 16, .batch_first = true}),
        randn({2, 5, 8}));
}

// A layer whose results are several.
template <class Layer, class F>
void layer_of_several(const std::string& name, Layer made, onnx::Tensors inputs, F run,
                      const onnx::ExportOptions& options = {.dynamic_batch = true}) {
  const auto model = std::make_shared<Layer>(std::move(made));
  model->eval();
  randomize(*model);
  cases.push_back({name, model, [=](const onnx::Tensors& in) { return run(*model, in); },
                   std::move(inputs), options});
}

void recurrent() {
  const Tensor x = randn({3, 5, 4}), row = randn({3, 4});
  layer_of_several("lstm",
                   nn::LSTM(4, 6, {.num_layers = 2, .batch_first = true, .bidirectional = true}),
                   {x}, [](nn::LSTM& lstm, const onnx::Tensors& in) {
                     const auto [y, state] = lstm(in[0]);
                     return onnx::Tensors{y, std::get<0>(state), std::get<1>(state)};
                   });
  layer_of_several("lstm_with_state", nn::LSTM(4, 6, {.bias = false}),
                   {x, randn({1, 5, 6}), randn({1, 5, 6})},
                   [](nn::LSTM& lstm, const onnx::Tensors& in) {
                     return onnx::Tensors{std::get<0>(lstm(in[0], nn::LSTM::State(in[1], in[2])))};
                   },
                   {});
  const auto run = [](auto& layer, const onnx::Tensors& in) {
    const auto [y, state] = layer(in[0]);
    return onnx::Tensors{y, state};
  };
  layer_of_several("gru", nn::GRU(4, 6, {.batch_first = true, .bidirectional = true}), {x}, run);
  layer_of_several("rnn", nn::RNN(4, 6, {.batch_first = true}), {x}, run);
  layer_of_several("rnn_relu",
                   nn::RNN(4, 6, {.nonlinearity = nn::Nonlinearity::relu, .batch_first = true}),
                   {x}, run);
  layer_of_several("gru_cell", nn::GRUCell(4, 6), {row},
                   [](nn::GRUCell& cell, const onnx::Tensors& in) {
                     return onnx::Tensors{cell(in[0], cell(in[0]))};
                   });
  layer_of_several("lstm_cell", nn::LSTMCell(4, 6), {row},
                   [](nn::LSTMCell& cell, const onnx::Tensors& in) {
                     const auto [h, c] = cell(in[0]);
                     return onnx::Tensors{h, c};
                   });
}

void order() {
  const Tensor x = randn({3, 4, 6});
  function("cumsum", {x}, [](const Tensor& t) { return cumsum(t, 1); });
  function("sort", {x}, [](const onnx::Tensors& in) {
    const auto [values, places] = sort(in[0], 1);
    return onnx::Tensors{values, places, argsort(in[0], -1, true)};
  });
  function("topk", {x}, [](const onnx::Tensors& in) {
    const auto [values, places] = topk(in[0], 3);
    return onnx::Tensors{values, places, topk(in[0], 2, 1, false).first};
  });
  function("kthvalue", {x}, [](const onnx::Tensors& in) {
    return onnx::Tensors{kthvalue(in[0], 2).first, median(in[0], 1, true).first,
                         median(in[0], 2).second};
  });
  function("argmax", {x}, [](const onnx::Tensors& in) {
    return onnx::Tensors{argmax(in[0], 1), argmin(in[0], -1, true)};
  });
  function("argmax_of_all", {x}, [](const Tensor& t) { return argmax(t); }, {});
  function("max_and_place", {x}, [](const onnx::Tensors& in) {
    const auto [values, places] = max(in[0], 1);
    return onnx::Tensors{values, places};
  });
  function("var", {x}, [](const onnx::Tensors& in) {
    const auto [variance, average] = var_mean(in[0], 1, 0, true);
    return onnx::Tensors{var(in[0], {1, 2}), in[0].std(2), variance, average};
  });
  function("flip", {x}, [](const Tensor& t) { return flip(t, {1, -1}); });
  function("roll", {x}, [](const Tensor& t) { return roll(t, {1, -2}, {1, 2}); });
  function("gather", {x, randint(0, 4, {3, 2, 6})},
           [](const Tensor& t, const Tensor& i) { return gather(t, 1, i); });
  function("index_select", {x}, [](const Tensor& t) {
    return index_select(t, 1, from<int64_t>({2, 0, 2}));
  });
  function("triangles", {x}, [](const Tensor& t) { return tril(t) - triu(t, 1) * 2; });
}

void resampling() {
  const Tensor line = randn({2, 3, 5}), image = randn({2, 3, 5, 7});
  using Mode = InterpolateMode;
  const auto resized = [](const std::string& name, const Tensor& x, const InterpolateOptions& o) {
    function("interpolate_" + name, {x}, [o](const Tensor& t) { return interpolate(t, o); });
  };
  resized("nearest", image, {.scale_factor = {2}});
  resized("nearest_size", image, {.size = {8, 3}});
  resized("nearest_exact", image, {.size = {8, 3}, .mode = Mode::nearest_exact});
  resized("linear", line, {.size = {8}, .mode = Mode::linear});
  resized("bilinear", image, {.scale_factor = {2}, .mode = Mode::bilinear});
  resized("bilinear_size", image, {.size = {8, 3}, .mode = Mode::bilinear});
  resized("bilinear_corners", image,
          {.size = {8, 3}, .mode = Mode::bilinear, .align_corners = true});
  resized("bicubic", image, {.size = {10, 14}, .mode = Mode::bicubic});
  layer("pixel_shuffle", nn::PixelShuffle(2), randn({2, 8, 3, 4}));
}

void shapes() {
  const Tensor x = randn({3, 4, 6});
  function("reshape", {x}, [](const Tensor& t) { return t.reshape({t.size(0), 2, 12}); });
  function("reshape_of_batch", {x}, [](const Tensor& t) { return t.reshape({t.size(0) * 2, 12}); });
  function("flatten", {x}, [](const Tensor& t) { return t.flatten(1); });
  function("permute", {x}, [](const Tensor& t) {
    return t.permute({0, 2, 1}) + t.transpose(1, 2);
  });
  function("squeeze", {x}, [](const Tensor& t) { return t.unsqueeze(1).squeeze(1).unsqueeze(-1); });
  function("expand", {randn({3, 1, 6})}, [](const Tensor& t) {
    return t.expand({t.size(0), 4, 6});
  });
  function("expand_of_constant", {x}, [](const Tensor& t) {
    return arange(6).to(float32).expand({t.size(0), 4, 6}) + t;
  });
  function("zeros_of_batch", {x}, [](const Tensor& t) {
    return cat({zeros({t.size(0), 1, 6}), t}, 1);
  });
  function("cat", {x}, [](const Tensor& t) { return cat({t, t * 2}, -1); });
  function("stack", {x}, [](const Tensor& t) { return stack({t, t + 1}, 1); });
  function("split", {x}, [](const onnx::Tensors& in) {
    return in[0].split(std::vector<int64_t>{1, 3}, 1);
  });
  function("chunk", {x}, [](const Tensor& t) {
    const auto c = t.chunk(3, 2);
    return c[0] * c[2];
  });
  function("unbind", {x}, [](const Tensor& t) {
    const auto c = t.unbind(1);
    return c[0] - c[3];
  });
  function("slice", {x}, [](const Tensor& t) { return t.slice(2, 1, 6, 2) + t.narrow(2, 3, 3); });
  function("slice_of_batch", {x}, [](const Tensor& t) { return t.slice(0, 1, t.size(0)); });
  function("select", {x}, [](const Tensor& t) { return t.select(1, -1) + t[0][1]; });
  function("pad", {x}, [](const Tensor& t) {
    return pad(t, {1, 2, 0, 1}, PaddingMode::zeros, 0.5);
  });
  function("pad_cut", {x}, [](const Tensor& t) { return pad(t, {-1, 2}); });
  function("sum", {x}, [](const Tensor& t) { return sum(t, {1, 2}); });
  function("sum_keepdim", {x}, [](const Tensor& t) { return t / sum(t.abs(), 1, true); });
  function("mean", {x}, [](const Tensor& t) { return mean(t, {-1}); });
  function("mean_of_all", {x}, [](const Tensor& t) { return mean(t); });
  function("amax", {x}, [](const Tensor& t) { return amax(t, 1, true) - amin(t, {2}, true); });
  function("max", {x}, [](const Tensor& t) { return t.max(1).first; });
  function("logsumexp", {x}, [](const Tensor& t) { return logsumexp(t, 1); });
  function("numbers", {x}, [](const Tensor& t) { return 3 - (2 / (t * 2 + 9) - 1) / 4; });
  function("pow", {x.abs()},
           [](const Tensor& t) { return pow(t, 1.5) + t.square() + t.sqrt() + t.rsqrt(); });
  function("functions", {x}, [](const Tensor& t) {
    return exp(-t.abs()) + sin(t) * cos(t) + erf(t) + log1p(t.abs()) + clamp(t, -1.0, {});
  });
  function("where", {x}, [](const Tensor& t) { return where(t > 0, t, t * 0.1) + maximum(t, -t); });
  function("masked_fill", {x},
           [](const Tensor& t) { return t.masked_fill((t < 0.5).logical_and(t >= -1), 7); });
  function("to", {x}, [](const Tensor& t) { return t.to(float64) * 2; });
  function("two_results", {x}, [](const onnx::Tensors& in) {
    return onnx::Tensors{in[0], in[0] + 1, in[0] + 1};
  });
  function("opset_18", {x}, [](const Tensor& t) { return mean(t, {1}) + t.amax(1); },
           {.opset = 18, .input_names = {"x"}, .output_names = {"y"}});
}

}  // namespace

std::vector<OnnxCase> layer_cases() {
  manual_seed(1);
  cases.clear();
  convolutions();
  pools();
  normalizations();
  activations();
  products();
  recurrent();
  order();
  resampling();
  shapes();
  return std::move(cases);
}
