#include <rewind/nn/fuse.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/call_log.h>
#include <rewind/nn/convolution.h>
#include <rewind/nn/layers.h>
#include <rewind/nn/normalization_layers.h>
#include <rewind/nn/parametrize.h>
#include <rewind/ops/conv_relu.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/generator.h>

namespace rw::nn {
namespace {

using detail::CallLog;
using detail::LayerCall;

// --- What the model does ------------------------------------------------------------------------

class GeneratorKept {
 public:
  GeneratorKept() : before_(default_generator()) {}
  ~GeneratorKept() { default_generator() = before_; }
  GeneratorKept(const GeneratorKept&) = delete;
  GeneratorKept& operator=(const GeneratorKept&) = delete;

 private:
  Generator before_;
};

// Draws the same random numbers each time.
Tensor run(Module& model, const Tensor& example) {
  const GeneratorKept kept;
  Tensor result = model(example);
  check(result.defined(), "fuse: the result of {} is undefined", model.name());
  return result;
}

// Lets all parameters require a gradient for a while, so that everything is recorded.
class Unfrozen {
 public:
  explicit Unfrozen(const Module& model) {
    for (Tensor& p : model.parameters())
      if (!p.requires_grad() && p.is_floating_point()) frozen_.push_back(p.requires_grad_());
  }
  ~Unfrozen() {
    for (Tensor& p : frozen_) p.requires_grad_(false);
  }

 private:
  std::vector<Tensor> frozen_;
};

class Logging {
 public:
  explicit Logging(CallLog& log) : before_(std::exchange(detail::call_log, &log)) {}
  ~Logging() { detail::call_log = before_; }

 private:
  CallLog* before_;
};

Tensor run_on_tape(Module& model, const Tensor& example, CallLog& calls) {
  const enable_grad grad;
  const Unfrozen unfrozen(model);
  const Logging logging(calls);
  Tensor result = run(model, example);
  check(result.requires_grad(),
        "fuse: the result of {} is not on the tape, which has to show where results of layers go; "
        "expected a forward without no_grad and detach, and a floating result",
        model.name());
  return result;
}

// --- What can be folded -------------------------------------------------------------------------

// f(layer, dimension of the weight that has the channels of the result) of a layer that a batch
// norm may be folded into. A transposed convolution in groups has channels of several groups in one
// place of its weight, and a parametrized weight is computed anew at each call.
template <class F>
void with_filters(Module& m, const F& f) {
  if (utils::parametrize::is_parametrized(m)) return;
  const auto plain = [&]<class... Layers>(std::type_identity<Layers>...) {
    ((dynamic_cast<Layers*>(&m) ? f(dynamic_cast<Layers&>(m), 0) : void()), ...);
  };
  const auto transposed = [&]<class Layer>(std::type_identity<Layer>) {
    auto* layer = dynamic_cast<Layer*>(&m);
    if (layer && layer->groups() == 1) f(*layer, 1);
  };
  using std::type_identity;
  plain(type_identity<Linear>(), type_identity<ConvNd<1>>(), type_identity<ConvNd<2>>(),
        type_identity<ConvNd<3>>());
  transposed(type_identity<ConvTransposeNd<1>>());
  transposed(type_identity<ConvTransposeNd<2>>());
  transposed(type_identity<ConvTransposeNd<3>>());
}

// Whether the second dimension of the result is the first of the layer's weight.
bool makes_channels(const LayerCall& call) {
  int rank = 0;
  with_filters(*call.layer, [&](auto& layer, int) { rank = static_cast<int>(layer.weight.dim()); });
  return rank != 0 && call.dim == rank;
}

// The layer that the batch norm's input comes from, if there is one that it may be folded into.
// Nothing being saved for a backward pass any more, only the batch norm and the log know the node
// of that result, unless something else takes it too.
Module* source(const CallLog& calls, const LayerCall& norm) {
  if (!norm.node) return nullptr;
  const Node* node = norm.node->inputs()[0].node.get();
  const auto from = std::find_if(calls.begin(), calls.end(),
                                 [&](const LayerCall& c) { return node && c.node.get() == node; });
  const bool fits = from != calls.end() && makes_channels(*from) && node->use_count() == 2;
  return fits ? from->layer : nullptr;
}

// The same for all calls of `norm`, where these are also all that the layer's results are for.
Module* source(const CallLog& calls, const Module& norm) {
  const auto of = [](const Module& m) {
    return [&m](const LayerCall& call) { return call.layer == &m; };
  };
  const auto first = std::find_if(calls.begin(), calls.end(), of(norm));
  if (first == calls.end()) return nullptr;
  Module* layer = source(calls, *first);
  const bool agree = layer && std::all_of(first, calls.end(), [&](const LayerCall& call) {
                       return call.layer != &norm || source(calls, call) == layer;
                     });
  const auto count = [&](const Module& m) {
    return std::count_if(calls.begin(), calls.end(), of(m));
  };
  return agree && count(norm) == count(*layer) ? layer : nullptr;
}

}  // namespace

// --- Folding ------------------------------------------------------------------------------------

// Puts everything back in the end, unless it is told to keep it.
class detail::Folding {
 public:
  ~Folding() {
    for (const auto& [place, before] : before_) *place = before;
    for (BatchNorm* norm : norms_) norm->folded_ = false;
  }

  // Classes derived from ours may do more in their forward.
  static bool possible(const BatchNorm& norm) {
    const bool ours = typeid(norm) == typeid(BatchNorm1d) || typeid(norm) == typeid(BatchNorm2d) ||
                      typeid(norm) == typeid(BatchNorm3d);
    return ours && !utils::parametrize::is_parametrized(norm) && !norm.folded_ &&
           !norm.is_training() && norm.running_mean.defined();
  }
  void fold(Module& layer, BatchNorm& norm) {
    with_filters(layer, [&](auto& of, int channels) { fold(of.weight, of.bias, channels, norm); });
  }
  static bool done(const BatchNorm& norm) { return norm.folded_; }
  int64_t keep() {
    before_.clear();
    return static_cast<int64_t>(std::exchange(norms_, {}).size());
  }

 private:
  void fold(Parameter& weight, Parameter& bias, int channels, BatchNorm& norm) {
    const no_grad guard;
    const auto exact = [](const Tensor& t, double otherwise) {
      return t.defined() ? t.to(float64) : full({}, otherwise, float64);
    };
    const Tensor s =
        exact(norm.weight, 1) * (norm.running_var.to(float64) + norm.options_.eps).rsqrt();
    Shape per_filter = Shape::filled(weight.dim(), 1);
    per_filter[channels] = -1;
    const Tensor new_weight = weight.to(float64) * s.reshape(per_filter);
    const Tensor new_bias =
        (exact(bias, 0) - norm.running_mean.to(float64)) * s + exact(norm.bias, 0);
    const Tensor old = weight;
    for (const auto& [place, t] : {std::pair{&weight, &new_weight}, std::pair{&bias, &new_bias}})
      replace(*place, t->to(old.dtype()).requires_grad_(old.requires_grad()));
    for (ModuleTensor* t : {&norm.weight, &norm.bias, &norm.running_mean, &norm.running_var,
                            &norm.num_batches_tracked})
      replace(*t, {});
    norm.folded_ = true;
    norms_.push_back(&norm);
  }
  void replace(ModuleTensor& place, const Tensor& t) {
    before_.emplace_back(&place, place);
    place = t;
  }

  std::vector<std::pair<ModuleTensor*, Tensor>> before_;
  std::vector<BatchNorm*> norms_;
};

namespace {

// Of the norm of a result: far above what rounding does in deep models, far below what a batch norm
// in the wrong place does.
double tolerance_of(DType dtype) {
  if (dtype == float64) return 1e-8;
  if (dtype == float32) return 1e-4;
  return dtype == float16 ? 1e-2 : 5e-2;
}

// Whether they are the same but for rounding. NaN is taken to be equal to NaN.
bool agree(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return false;
  const double tolerance = tolerance_of(b.dtype());
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  double difference = 0, norm = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (std::isfinite(y[i])) norm += y[i] * y[i];
    if (x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]))) continue;
    difference += (x[i] - y[i]) * (x[i] - y[i]);
  }
  return difference <= tolerance * tolerance * norm;
}

}  // namespace

int64_t fuse(Module& model, const Tensor& example) {
  check(!model.is_training(),
        "fuse: {} is in training mode, where batch norms go by the statistics of the batch; call "
        "eval() first",
        model.name());
  check(example.defined(), "fuse: the example is undefined");
  check<ShapeError>(example.numel() > 0, "fuse: expected an example with elements, got shape {}",
                    example.shape());
  CallLog calls;
  const Tensor before = run_on_tape(model, example, calls);
  check(before.isfinite().any().item<bool>(),
        "fuse: expected an example whose result has finite numbers, to compare with the fused "
        "model's, got a result of shape {} without any",
        before.shape());
  for (const LayerCall& call : calls)
    if (dynamic_cast<BatchNorm*>(call.layer) && call.node) call.node->release_saved();

  detail::Folding folding;
  std::vector<Module*> own;
  model.apply([&](Module& m) { own.push_back(&m); });
  for (Module* m : own) {
    auto* norm = dynamic_cast<BatchNorm*>(m);
    if (!norm || !detail::Folding::possible(*norm)) continue;
    Module* layer = source(calls, *norm);
    if (std::find(own.begin(), own.end(), layer) != own.end()) folding.fold(*layer, *norm);
  }
  const no_grad guard;
  check(agree(run(model, example), before),
        "fuse: {} computes something else when its batch norms are folded: its forward uses the "
        "result of a convolution in a way that the tape does not show, or differs from run to run",
        model.name());
  return folding.keep();
}

// A class derived from Conv2d may do more in its forward.
Tensor conv_norm_relu(Conv2d& conv, BatchNorm2d& norm, const Tensor& x, const Tensor& residual) {
  const auto watched = detail::HookedCall::wanted;
  const bool one_pass = detail::Folding::done(norm) && !norm.is_training() && !is_grad_enabled() &&
                        typeid(conv) == typeid(Conv2d) && !watched(conv) && !watched(norm);
  if (one_pass)
    return detail::call(
        conv,
        [&](const Tensor& t) {
          return rw::detail::conv2d_relu(t, conv.weight, conv.bias, conv.options(), residual);
        },
        x);
  Tensor y = norm(conv(x));
  if (residual.defined()) y = std::move(y) + residual;
  return relu(std::move(y));
}

}  // namespace rw::nn
