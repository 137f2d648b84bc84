#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include "library.h"

namespace F = torch::nn::functional;

namespace bench {

struct Value {
  torch::Tensor t;
};

namespace {

ValuePtr wrap(torch::Tensor t) { return std::make_shared<Value>(Value{std::move(t)}); }

torch::nn::Conv2d conv3x3(int64_t in, int64_t out, int64_t stride) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(false));
}

struct BasicBlock : torch::nn::Module {
  torch::nn::Conv2d conv1, conv2;
  torch::nn::BatchNorm2d bn1, bn2;
  torch::nn::Sequential shortcut;

  BasicBlock(int64_t in, int64_t out, int64_t stride)
      : conv1(conv3x3(in, out, stride)), conv2(conv3x3(out, out, 1)), bn1(out), bn2(out) {
    register_module("conv1", conv1);
    register_module("bn1", bn1);
    register_module("conv2", conv2);
    register_module("bn2", bn2);
    if (stride != 1 || in != out) {
      shortcut->push_back(
          torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 1).stride(stride).bias(false)));
      shortcut->push_back(torch::nn::BatchNorm2d(out));
    }
    register_module("shortcut", shortcut);
  }
  torch::Tensor forward(torch::Tensor x) {
    torch::Tensor y = torch::relu(bn1(conv1(x)));
    y = bn2(conv2(y));
    return torch::relu(y + (shortcut->is_empty() ? x : shortcut->forward(x)));
  }
};

torch::nn::Sequential resnet18() {
  torch::nn::Sequential net(conv3x3(3, 64, 1), torch::nn::BatchNorm2d(64), torch::nn::ReLU());
  int64_t in = 64;
  for (const int64_t out : {64, 128, 256, 512}) {
    net->push_back(BasicBlock(in, out, out == 64 ? 1 : 2));
    net->push_back(BasicBlock(out, out, 1));
    in = out;
  }
  net->push_back(torch::nn::AdaptiveAvgPool2d(1));
  net->push_back(torch::nn::Flatten());
  net->push_back(torch::nn::Linear(512, 10));
  return net;
}

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
    case Net::resnet18:
    case Net::resnet18_plain:
      break;
  }
  return resnet18();
}

// The convolutions of this net are at their best with channels-last memory, which a user of
// libtorch has to ask for.
void channels_last(Net net, torch::nn::Sequential& model, torch::Tensor& x) {
  if (net != Net::resnet18) return;
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
