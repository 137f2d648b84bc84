#include <rewind/train/callbacks.h>

#include <algorithm>
#include <limits>
#include <utility>

#include <rewind/io/tensorboard.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::training {

namespace {

const double* find(const Values& values, const std::string& name) {
  for (const auto& [other, value] : values)
    if (other == name) return &value;
  return nullptr;
}

std::string names_of(const Values& values) {
  std::string out;
  for (const auto& [name, value] : values) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

std::vector<double> History::operator[](const std::string& name) const {
  std::vector<double> out;
  bool found = false;
  for (const Values& values : epochs) {
    const double* value = find(values, name);
    found |= value != nullptr;
    out.push_back(value ? *value : std::numeric_limits<double>::quiet_NaN());
  }
  check<IndexError>(found, "History: there is no '{}'", name);
  return out;
}

std::vector<std::string> History::names() const {
  std::vector<std::string> out;
  for (const Values& values : epochs)
    for (const auto& [name, value] : values)
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  return out;
}

double Run::value(const char* who, const std::string& name) const {
  const double* value = find(values, name);
  check<IndexError>(value != nullptr, "{}: there is no '{}' among {}", who, name, names_of(values));
  return *value;
}

Monitor::Monitor(const char* name, MonitorOptions options)
    : name_(name), options_(std::move(options)) {
  check(options_.mode == "min" || options_.mode == "max",
        "{}: expected mode \"min\" or \"max\", got \"{}\"", name, options_.mode);
  const double infinity = std::numeric_limits<double>::infinity();
  best_ = options_.mode == "min" ? infinity : -infinity;
}

bool Monitor::improved(const Run& run) {
  const double value = run.value(name_, options_.monitor);
  const bool better = options_.mode == "min" ? value < best_ - options_.min_delta
                                             : value > best_ + options_.min_delta;
  if (better) best_ = value, best_epoch_ = run.epoch;
  return better;
}

void Monitor::check_names(const std::vector<std::string>& names) const {
  check<IndexError>(std::find(names.begin(), names.end(), options_.monitor) != names.end(),
                    "{}: there is no '{}' among {}", name_, options_.monitor,
                    fmt::join(names, ", "));
}

StateDict Monitor::state_dict() const {
  return {{"best", full({}, best_, float64)}, {"best_epoch", full({}, best_epoch_, int64)}};
}

void Monitor::load_state_dict(const StateDict& state) {
  const auto best = state["best"].item<double>();
  best_epoch_ = state["best_epoch"].item<int64_t>();
  best_ = best;
}

EarlyStopping::EarlyStopping(int64_t patience, const MonitorOptions& options)
    : Monitor("EarlyStopping", options), patience_(patience) {
  check(patience > 0, "EarlyStopping: expected patience > 0, got {}", patience);
}

void EarlyStopping::on_epoch_end(Run& run) {
  // Epochs before the first that has a number, as where all are NaN, count as well.
  if (!improved(run) && run.epoch - best_epoch() >= patience_) run.stop = true;
}

BestModel::BestModel(const MonitorOptions& options) : Monitor("BestModel", options) {}

void BestModel::on_epoch_end(Run& run) {
  if (improved(run)) state_ = run.model.state_dict().clone();
}

StateDict BestModel::state_dict() const {
  StateDict out = Monitor::state_dict();
  for (const auto& [name, t] : state_) out.emplace_back("model." + name, t);
  return out;
}

void BestModel::load_state_dict(const StateDict& state) {
  Monitor::load_state_dict(state);
  state_.clear();
  for (const auto& [name, t] : state)
    if (name.starts_with("model.")) state_.emplace_back(name.substr(6), t.clone());
}

void TensorBoard::on_step_end(Run& run) {
  for (const auto& [name, value] : run.values) writer_->add_scalar(name + "/step", value, run.step);
}

void TensorBoard::on_epoch_end(Run& run) {
  for (const auto& [name, value] : run.values) {
    const bool is_validation = name.starts_with("val_");
    const std::string tag = is_validation ? name.substr(4) + "/val" : name + "/train";
    writer_->add_scalar(tag, value, run.step);
  }
  writer_->flush();
}

void TensorBoard::on_train_end(Run&) { writer_->flush(); }

}  // namespace rw::training
