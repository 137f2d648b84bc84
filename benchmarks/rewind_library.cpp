#include <cmath>

#include <rewind/models/lenet.h>
#include <rewind/models/mobilenet.h>
#include <rewind/models/resnet.h>
#include <rewind/nn/transformer.h>
#include <rewind/ops/attention.h>
#include <rewind/optim/optim.h>
#include <rewind/rewind.h>

#include "library.h"

namespace bench {

using rw::Tensor;

struct Value {
  Tensor t;
};

namespace {

namespace nn = rw::nn;

ValuePtr wrap(Tensor t) { return std::make_shared<Value>(Value{std::move(t)}); }

nn::Sequential mlp(int64_t in, int64_t hidden) {
  return nn::Sequential(nn::Linear(in, hidden), nn::ReLU(), nn::Linear(hidden, hidden), nn::ReLU(),
                        nn::Linear(hidden, 10));
}

template <class Model>
std::shared_ptr<nn::Module> shared(Model model) {
  return std::make_shared<Model>(std::move(model));
}

std::shared_ptr<nn::Module> make(Net net) {
  switch (net) {
    case Net::mlp32:
      return shared(mlp(32, 32));
    case Net::mlp512:
      return shared(mlp(784, 512));
    case Net::lenet:
      return shared(rw::models::lenet());
    case Net::resnet50:
      return shared(rw::models::resnet50({.num_classes = 10}));
    case Net::mobilenet_v2:
      return shared(rw::models::mobilenet_v2({.num_classes = 10}));
    case Net::resnet18:
    case Net::resnet18_plain:
      break;
  }
  return shared(rw::models::resnet18({.num_classes = 10, .small_images = true}));
}

std::shared_ptr<nn::TransformerEncoderLayer> encoder_layer(double dropout) {
  return std::make_shared<nn::TransformerEncoderLayer>(
      512, 8, nn::TransformerLayerOptions{.dropout = dropout});
}

rw::Shape shape_of(const std::vector<int64_t>& sizes) { return rw::Shape(sizes); }

}  // namespace

ValuePtr leaf(const std::vector<int64_t>& shape) {
  return wrap(rw::randn(shape_of(shape)).requires_grad_());
}
ValuePtr constant(const std::vector<int64_t>& shape) { return wrap(rw::randn(shape_of(shape))); }
std::vector<int64_t> shape(const ValuePtr& y) { return y->t.shape().vec(); }

std::function<ValuePtr(const ValuePtr&)> op(const std::string& name) {
  const auto parameter = [](const rw::Shape& s) { return rw::randn(s).requires_grad_(); };
  const Tensor w64 = parameter(64), b64 = parameter(64);
  const auto of = [](auto f) { return [f](const ValuePtr& x) { return wrap(f(x->t)); }; };
  if (name == "conv3x3_64")
    return of([w = parameter({64, 64, 3, 3}), b64](const Tensor& x) {
      return rw::conv2d(x, w, b64, {.padding = 1});
    });
  if (name == "conv_depthwise")
    return of([w = parameter({64, 1, 3, 3}), b64](const Tensor& x) {
      return rw::conv2d(x, w, b64, {.padding = 1, .groups = 64});
    });
  if (name == "maxpool2") return of([](const Tensor& x) { return rw::max_pool2d(x, 2); });
  if (name == "avgpool2") return of([](const Tensor& x) { return rw::avg_pool2d(x, 2); });
  if (name == "batchnorm")
    return of([w64, b64, mean = rw::zeros(64), var = rw::ones(64)](const Tensor& x) {
      return rw::batch_norm(x, w64, b64, mean, var, {.training = true});
    });
  if (name == "groupnorm")
    return of([w64, b64](const Tensor& x) { return rw::group_norm(x, 8, w64, b64); });
  if (name == "instancenorm")
    return of([w64, b64](const Tensor& x) { return rw::instance_norm(x, w64, b64); });
  if (name == "layernorm")
    return of([w = parameter(512), b = parameter(512)](const Tensor& x) {
      return rw::layer_norm(x, 512, w, b);
    });
  if (name == "relu") return of([](const Tensor& x) { return rw::relu(x); });
  if (name == "gelu") return of([](const Tensor& x) { return rw::gelu(x); });
  if (name == "tanh") return of([](const Tensor& x) { return rw::tanh(x); });
  if (name == "add") return of([](const Tensor& x) { return x + x; });
  if (name == "sum_nhw") return of([](const Tensor& x) { return x.sum({0, 2, 3}); });
  if (name == "softmax") return of([](const Tensor& x) { return rw::softmax(x, -1); });
  if (name == "matmul1024") return of([](const Tensor& x) { return rw::matmul(x, x); });
  for (const int64_t n : {512, 2048})
    for (const bool causal : {false, true})
      if (name == (causal ? "attention_causal" : "attention") + std::to_string(n))
        return of(
            [causal, k = parameter({1, 8, n, 64}), v = parameter({1, 8, n, 64})](const Tensor& x) {
              return rw::scaled_dot_product_attention(x, k, v, {.is_causal = causal});
            });
  if (name == "encoder_layer" || name == "encoder_layer_dropout")
    return of([layer = encoder_layer(name == "encoder_layer" ? 0 : 0.1)](const Tensor& x) {
      layer->zero_grad();
      return (*layer)(x);
    });
  return {};
}

void backward(const ValuePtr& x, const ValuePtr& y, const ValuePtr& g) {
  x->t.set_grad({});
  y->t.backward(g->t);
}

Prepare chain(int64_t elements, int ops) {
  return [=] {
    return [a = rw::randn(elements).requires_grad_(), ops] {
      Tensor b = a;
      for (int i = 0; i < ops; ++i) b = b * 1.0001;
      b.sum().backward();
    };
  };
}

Prepare training(Net net, Precision precision, const std::vector<int64_t>& input) {
  if (net == Net::resnet18_plain) return {};  // the layout is not for the user to choose
  return [=] {
    const auto model = make(net);
    auto sgd = std::make_shared<rw::optim::SGD>(model->parameters(),
                                                rw::optim::SGDOptions{.lr = 0.1, .momentum = 0.9});
    const Tensor x = rw::randn(shape_of(input)), y = rw::randint(0, 10, input[0]);
    return [=] {
      sgd->zero_grad();
      Tensor loss;
      {
        const rw::autocast guard(precision == Precision::bfloat16_autocast);
        loss = rw::cross_entropy((*model)(x), y);
      }
      loss.backward();
      sgd->step();
    };
  };
}

Prepare recurrent_training(Recurrent kind, const std::vector<int64_t>& input) {
  const auto prepare = [=]<class Layer>(std::type_identity<Layer>) -> Prepare {
    return [=] {
      struct Model : nn::Module {
        explicit Model(int64_t n) : layer(n, n, {.num_layers = 2}), out(n, 10) {
          add("layer", layer);
          add("out", out);
        }
        Tensor forward(const Tensor& x) override {
          return out(std::get<0>(layer(x)).select(0, x.size(0) - 1));
        }
        Layer layer;
        nn::Linear out;
      };
      auto model = std::make_shared<Model>(input[2]);
      auto sgd = std::make_shared<rw::optim::SGD>(
          model->parameters(), rw::optim::SGDOptions{.lr = 0.1, .momentum = 0.9});
      const Tensor x = rw::randn(shape_of(input)), y = rw::randint(0, 10, input[1]);
      return [=] {
        sgd->zero_grad();
        rw::cross_entropy((*model)(x), y).backward();
        sgd->step();
      };
    };
  };
  return kind == Recurrent::lstm ? prepare(std::type_identity<nn::LSTM>())
                                 : prepare(std::type_identity<nn::GRU>());
}

Prepare inference(Net net, const std::vector<int64_t>& input) {
  return [=] {
    const auto model = make(net);
    const Tensor x = rw::randn(shape_of(input));
    nn::fuse(model->eval(), x);
    return [model, x] {
      const rw::no_grad guard;
      (*model)(x);
    };
  };
}

namespace {

template <class O, class Options>
Prepare step_of(int tensors, const rw::Shape& shape, const Options& options) {
  return [=] {
    std::vector<Tensor> params;
    for (int i = 0; i < tensors; ++i) {
      params.push_back(rw::randn(shape).requires_grad_());
      params.back().set_grad(rw::randn(shape));
    }
    return [optimizer = std::make_shared<O>(std::move(params), options)] { optimizer->step(); };
  };
}

}  // namespace

Prepare optimizer_step(const std::string& name, int n, int64_t elements) {
  namespace optim = rw::optim;
  if (name == "copy")
    return [=] {
      const Tensor x = rw::randn({n, elements});
      Tensor y = rw::randn({n, elements});
      return [x, y]() mutable { y.copy_(x); };
    };
  if (name == "SGD")
    return step_of<optim::SGD>(n, elements, optim::SGDOptions{.lr = 1e-6, .momentum = 0.9});
  if (name == "Adam") return step_of<optim::Adam>(n, elements, optim::AdamOptions{});
  if (name == "AdamW") return step_of<optim::AdamW>(n, elements, optim::AdamWOptions{});
  if (name == "NAdam") return step_of<optim::NAdam>(n, elements, optim::NAdamOptions{});
  if (name == "RAdam") return step_of<optim::RAdam>(n, elements, optim::RAdamOptions{});
  if (name == "Adamax") return step_of<optim::Adamax>(n, elements, optim::AdamaxOptions{});
  if (name == "Adagrad") return step_of<optim::Adagrad>(n, elements, optim::AdagradOptions{});
  if (name == "Adadelta") return step_of<optim::Adadelta>(n, elements, optim::AdadeltaOptions{});
  if (name == "RMSprop")
    return step_of<optim::RMSprop>(n, elements, optim::RMSpropOptions{.lr = 1e-6, .momentum = 0.9});
  if (name == "Rprop") return step_of<optim::Rprop>(n, elements, optim::RpropOptions{});
  if (name == "ASGD") return step_of<optim::ASGD>(n, elements, optim::ASGDOptions{});
  if (name == "LAMB") return step_of<optim::LAMB>(n, elements, optim::LAMBOptions{});
  const auto side = static_cast<int64_t>(std::sqrt(static_cast<double>(elements)));
  if (name == "Adafactor")
    return step_of<optim::Adafactor>(n, {elements / 50, 50}, optim::AdafactorOptions{});
  if (name == "Muon") return step_of<optim::Muon>(n, {side, side}, optim::MuonOptions{});
  if (name == "products")
    return [=] {
      return [n, x = rw::randn({side, side}).to(rw::bfloat16)] {
        const rw::no_grad guard;
        for (int i = 0; i < 15 * n; ++i) rw::matmul(x, x);
      };
    };
  if (name == "Lion") return step_of<optim::Lion>(n, elements, optim::LionOptions{});
  return {};
}

}  // namespace bench
