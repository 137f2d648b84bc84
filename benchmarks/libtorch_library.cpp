#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include "library.h"
#include "libtorch_models.h"

namespace F = torch::nn::functional;

namespace bench {

struct Value {
  torch::Tensor t;
};

namespace {

ValuePtr wrap(torch::Tensor t) { return std::make_shared<Value>(Value{std::move(t)}); }

torch::nn::Sequential lenet() {
  using namespace torch::nn;
  return Sequential(Conv2d(Conv2dOptions(1, 6, 5).padding(2)), ReLU(), MaxPool2d(2),
                    Conv2d(Conv2dOptions(6, 16, 5)), ReLU(), MaxPool2d(2), Flatten(),
                    Linear(400, 120), ReLU(), Linear(120, 84), ReLU(), Linear(84, 10));
}

torch::nn::Sequential mlp(int64_t in, int64_t hidden) {
  using namespace torch::nn;
  return Sequential(Linear(in, hidden), ReLU(), Linear(hidden, hidden), ReLU(), Linear(hidden, 10));
}

torch::nn::Sequential make(Net net) {
  switch (net) {
    case Net::mlp32:
      return mlp(32, 32);
    case Net::mlp512:
      return mlp(784, 512);
    case Net::lenet:
      return lenet();
    case Net::resnet50:
      return resnet50();
    case Net::mobilenet_v2:
      return mobilenet_v2();
    case Net::resnet18:
    case Net::resnet18_plain:
      break;
  }
  return resnet18();
}

// As nn.TransformerEncoderLayer(512, 8) of Python computes it: that of C++ asks for the weights of
// attention, and takes longer.
struct EncoderLayer : torch::nn::Module {
  torch::nn::Linear in_proj{512, 1536}, out_proj{512, 512}, linear1{512, 2048}, linear2{2048, 512};
  torch::nn::LayerNorm norm1{torch::nn::LayerNormOptions({512})};
  torch::nn::LayerNorm norm2{torch::nn::LayerNormOptions({512})};
  double p;

  explicit EncoderLayer(double dropout) : p(dropout) {
    register_module("in_proj", in_proj);
    register_module("out_proj", out_proj);
    register_module("linear1", linear1);
    register_module("linear2", linear2);
    register_module("norm1", norm1);
    register_module("norm2", norm2);
  }
  torch::Tensor attend(const torch::Tensor& x) {
    const auto qkv = in_proj(x).unflatten(-1, {3, 8, 64}).permute({2, 1, 3, 0, 4}).unbind();
    const auto y = torch::scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], {}, p);
    return out_proj(y.permute({2, 0, 1, 3}).flatten(2));
  }
  torch::Tensor drop(const torch::Tensor& x) { return p > 0 ? torch::dropout(x, p, true) : x; }
  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = norm1(x + drop(attend(x)));
    return norm2(y + drop(linear2(drop(torch::relu(linear1(y))))));
  }
};

// The convolutions of these nets are at their best with channels-last memory, which a user of
// libtorch has to ask for.
void channels_last(Net net, torch::nn::Sequential& model, torch::Tensor& x) {
  if (net != Net::resnet18 && net != Net::resnet50 && net != Net::mobilenet_v2) return;
  for (torch::Tensor& p : model->parameters())
    if (p.dim() == 4) p.set_data(p.data().contiguous(torch::MemoryFormat::ChannelsLast));
  x = x.contiguous(torch::MemoryFormat::ChannelsLast);
}

// Until the end of the scope, as torch.autocast("cpu", torch.bfloat16) does.
class Autocast {
 public:
  explicit Autocast(Precision precision) : on_(precision == Precision::bfloat16_autocast) {
    if (!on_) return;
    at::autocast::set_autocast_cpu_dtype(torch::kBFloat16);
    set_enabled(true);
  }
  ~Autocast() {
    if (!on_) return;
    at::autocast::clear_cache();
    set_enabled(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  static void set_enabled(bool on) { at::autocast::set_cpu_enabled(on); }

  bool on_;
};

}  // namespace

ValuePtr leaf(const std::vector<int64_t>& shape) {
  return wrap(torch::randn(shape, torch::requires_grad()));
}
ValuePtr constant(const std::vector<int64_t>& shape) { return wrap(torch::randn(shape)); }
std::vector<int64_t> shape(const ValuePtr& y) { return y->t.sizes().vec(); }

std::function<ValuePtr(const ValuePtr&)> op(const std::string& name) {
  const auto parameter = [](std::vector<int64_t> s) {
    return torch::randn(s, torch::requires_grad());
  };
  const torch::Tensor w64 = parameter({64}), b64 = parameter({64});
  const auto of = [](auto f) { return [f](const ValuePtr& x) { return wrap(f(x->t)); }; };
  if (name == "conv3x3_64")
    return of([w = parameter({64, 64, 3, 3}), b64](const torch::Tensor& x) {
      return torch::conv2d(x, w, b64, 1, 1);
    });
  if (name == "conv_depthwise")
    return of([w = parameter({64, 1, 3, 3}), b64](const torch::Tensor& x) {
      return torch::conv2d(x, w, b64, 1, 1, 1, 64);
    });
  if (name == "maxpool2") return of([](const torch::Tensor& x) { return torch::max_pool2d(x, 2); });
  if (name == "avgpool2") return of([](const torch::Tensor& x) { return torch::avg_pool2d(x, 2); });
  if (name == "batchnorm")
    return of([w64, b64, mean = torch::zeros(64), var = torch::ones(64)](const torch::Tensor& x) {
      return torch::batch_norm(x, w64, b64, mean, var, true, 0.1, 1e-5, false);
    });
  if (name == "groupnorm")
    return of([w64, b64](const torch::Tensor& x) { return torch::group_norm(x, 8, w64, b64); });
  if (name == "instancenorm")
    return of([w64, b64](const torch::Tensor& x) {
      return torch::instance_norm(x, w64, b64, {}, {}, true, 0.1, 1e-5, false);
    });
  if (name == "layernorm")
    return of([w = parameter({512}), b = parameter({512})](const torch::Tensor& x) {
      return torch::layer_norm(x, 512, w, b);
    });
  if (name == "relu") return of([](const torch::Tensor& x) { return torch::relu(x); });
  if (name == "gelu") return of([](const torch::Tensor& x) { return torch::gelu(x); });
  if (name == "tanh") return of([](const torch::Tensor& x) { return torch::tanh(x); });
  if (name == "add") return of([](const torch::Tensor& x) { return x + x; });
  if (name == "sum_nhw") return of([](const torch::Tensor& x) { return x.sum({0, 2, 3}); });
  if (name == "softmax") return of([](const torch::Tensor& x) { return torch::softmax(x, -1); });
  if (name == "matmul1024") return of([](const torch::Tensor& x) { return torch::matmul(x, x); });
  for (const int64_t n : {512, 2048})
    for (const bool causal : {false, true})
      if (name == (causal ? "attention_causal" : "attention") + std::to_string(n))
        return of([causal, k = parameter({1, 8, n, 64}),
                   v = parameter({1, 8, n, 64})](const torch::Tensor& x) {
          return torch::scaled_dot_product_attention(x, k, v, {}, 0, causal);
        });
  if (name == "encoder_layer" || name == "encoder_layer_dropout")
    return of([layer = std::make_shared<EncoderLayer>(name == "encoder_layer" ? 0 : 0.1)](
                  const torch::Tensor& x) {
      layer->zero_grad();
      return layer->forward(x);
    });
  return {};
}

void backward(const ValuePtr& x, const ValuePtr& y, const ValuePtr& g) {
  x->t.mutable_grad().reset();
  y->t.backward(g->t);
}

Prepare chain(int64_t elements, int ops) {
  return [=] {
    return [a = torch::randn(elements, torch::requires_grad()), ops] {
      torch::Tensor b = a;
      for (int i = 0; i < ops; ++i) b = b * 1.0001;
      b.sum().backward();
    };
  };
}

Prepare training(Net net, Precision precision, const std::vector<int64_t>& input) {
  return [=] {
    torch::nn::Sequential model = make(net);
    torch::Tensor x = torch::randn(input), y = torch::randint(10, {input[0]}, torch::kInt64);
    channels_last(net, model, x);
    auto sgd = std::make_shared<torch::optim::SGD>(model->parameters(),
                                                   torch::optim::SGDOptions(0.1).momentum(0.9));
    return [=]() mutable {
      for (torch::Tensor& p : model->parameters()) p.mutable_grad().reset();
      torch::Tensor loss;
      {
        const Autocast autocast(precision);
        loss = F::cross_entropy(model->forward(x), y);
      }
      loss.backward();
      sgd->step();
    };
  };
}

Prepare recurrent_training(Recurrent kind, const std::vector<int64_t>& input) {
  const auto prepare = [=](auto make) -> Prepare {
    return [=] {
      auto layer = make(input[2]);
      torch::nn::Linear out(input[2], 10);
      std::vector<torch::Tensor> parameters = layer->parameters();
      for (const torch::Tensor& p : out->parameters()) parameters.push_back(p);
      auto sgd = std::make_shared<torch::optim::SGD>(parameters,
                                                     torch::optim::SGDOptions(0.1).momentum(0.9));
      torch::Tensor x = torch::randn(input), y = torch::randint(10, {input[1]}, torch::kInt64);
      return [=]() mutable {
        for (torch::Tensor& p : parameters) p.mutable_grad().reset();
        const torch::Tensor last = std::get<0>(layer->forward(x)).select(0, -1);
        F::cross_entropy(out->forward(last), y).backward();
        sgd->step();
      };
    };
  };
  using namespace torch::nn;
  if (kind == Recurrent::lstm)
    return prepare([](int64_t n) { return LSTM(LSTMOptions(n, n).num_layers(2)); });
  return prepare([](int64_t n) { return GRU(GRUOptions(n, n).num_layers(2)); });
}

Prepare inference(Net net, const std::vector<int64_t>& input) {
  return [=] {
    torch::nn::Sequential model = make(net);
    torch::Tensor x = torch::randn(input);
    channels_last(net, model, x);
    model->eval();
    return [=]() mutable {
      const torch::NoGradGuard guard;
      model->forward(x);
    };
  };
}

namespace {

template <class O, class Options>
Prepare step_of(int tensors, int64_t elements, const Options& options) {
  return [=] {
    std::vector<torch::Tensor> params;
    for (int i = 0; i < tensors; ++i) {
      params.push_back(torch::randn(elements).requires_grad_());
      params.back().mutable_grad() = torch::randn(elements);
    }
    return [optimizer = std::make_shared<O>(params, options)] { optimizer->step(); };
  };
}

}  // namespace

Prepare optimizer_step(const std::string& name, int n, int64_t elements) {
  namespace optim = torch::optim;
  if (name == "SGD") return step_of<optim::SGD>(n, elements, optim::SGDOptions(1e-6).momentum(0.9));
  if (name == "Adam") return step_of<optim::Adam>(n, elements, optim::AdamOptions());
  if (name == "AdamW") return step_of<optim::AdamW>(n, elements, optim::AdamWOptions());
  if (name == "Adagrad") return step_of<optim::Adagrad>(n, elements, optim::AdagradOptions());
  if (name == "RMSprop")
    return step_of<optim::RMSprop>(n, elements, optim::RMSpropOptions(1e-6).momentum(0.9));
  return {};
}

}  // namespace bench
