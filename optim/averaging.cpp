#include <rewind/optim/averaging.h>

#include <rewind/ops/arithmetic.h>
#include <rewind/tensor/check.h>

namespace rw::optim {

AvgFn get_ema_avg_fn(double decay) {
  check(decay >= 0 && decay <= 1, "get_ema_avg_fn: expected decay in [0, 1], got {}", decay);
  return {.weight = [decay](int64_t) { return 1 - decay; }};
}
AvgFn get_swa_avg_fn() {
  return {.weight = [](int64_t n) { return 1 / (static_cast<double>(n) + 1); }};
}

namespace detail {

namespace {

void check_same(const char* kind, const NamedTensors& a, const NamedTensors& b) {
  check(a.size() == b.size(), "AveragedModel: the model has {} {}, the second one {}", a.size(),
        kind, b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    check(a[i].first == b[i].first, "AveragedModel: the model has '{}' where the second has '{}'",
          a[i].first, b[i].first);
    check<ShapeError>(a[i].second.shape() == b[i].second.shape(),
                      "AveragedModel: '{}' is of shape {} in the model, {} in the second one",
                      a[i].first, a[i].second.shape(), b[i].second.shape());
  }
}

void join_average(Tensor average, const Tensor& t, int64_t n, const AvgFn& fn) {
  if (n == 0)
    average.copy_(t);
  else if (fn.combine)
    average.copy_(fn.combine(average, t, n));
  else if (average.is_floating_point())
    average.lerp_(t.type_as(average), fn.weight(n));
  else
    average.copy_(lerp(average.to(float64), t.to(float64), fn.weight(n)));
}

}  // namespace

void check_same_state(const nn::Module& model, const nn::Module& averaged) {
  check_same("parameters", model.named_parameters(), averaged.named_parameters());
  check_same("buffers", model.named_buffers(), averaged.named_buffers());
}

void update_averages(const nn::Module& model, const nn::Module& averaged, int64_t n,
                     const AveragedModelOptions& options) {
  check(options.avg_fn.weight || options.avg_fn.combine, "AveragedModel: avg_fn is empty");
  check_same_state(model, averaged);
  const no_grad guard;
  const auto averages = averaged.parameters(), params = model.parameters();
  for (size_t i = 0; i < params.size(); ++i)
    join_average(averages[i].detach(), params[i].detach(), n, options.avg_fn);
  const auto copies = averaged.buffers(), buffers = model.buffers();
  for (size_t i = 0; i < buffers.size(); ++i)
    join_average(copies[i].detach(), buffers[i].detach(), options.use_buffers ? n : 0,
                 options.avg_fn);
}

BatchNormPass::BatchNormPass(nn::Module& model) {
  for (const auto& [name, module] : model.named_modules()) {
    modes_.emplace_back(module, module->is_training());
    if (auto* const norm = dynamic_cast<nn::BatchNorm*>(module))
      momenta_.emplace_back(norm, norm->momentum());
  }
  if (momenta_.empty()) return;
  for (const auto& [norm, momentum] : momenta_) {
    norm->reset_running_stats();
    norm->set_momentum({});
  }
  model.train();
}

BatchNormPass::~BatchNormPass() {
  if (momenta_.empty()) return;
  for (const auto& [norm, momentum] : momenta_) norm->set_momentum(momentum);
  // Parents come before their children, whose mode they set.
  for (const auto& [module, mode] : modes_) module->train(mode);
}

}  // namespace detail

}  // namespace rw::optim
