#include <rewind/train/fit_state.h>

#include <charconv>
#include <map>

#include <rewind/autograd/grad_mode.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/from.h>

namespace rw::training::detail {

Totals::Totals(const std::vector<NamedMetric>& named) {
  for (const NamedMetric& metric : named) {
    names.push_back(metric.name);
    metrics.push_back(metric.make());
  }
}

double Totals::update(const Tensor& batch_loss, const Tensor& output, const Tensor& target) {
  const no_grad guard;
  const auto value = batch_loss.item<double>();
  loss.update(value, static_cast<double>(samples_of(target)));
  for (const auto& metric : metrics) metric->update(output, target);
  return value;
}

Values Totals::values(const std::string& prefix) const {
  Values out = {{prefix + "loss", loss.value()}};
  for (size_t i = 0; i < metrics.size(); ++i)
    out.emplace_back(prefix + names[i], metrics[i]->value());
  return out;
}

std::string Totals::description() const {
  std::string out;
  for (size_t i = 0; i < metrics.size(); ++i)
    out += fmt::format("; {}: {}({})", names[i], metrics[i]->name(), metrics[i]->options());
  return out;
}

int64_t Totals::samples() const {
  return static_cast<int64_t>(loss.state_dict().at("weight").item<double>());
}

void Totals::reset() {
  loss.reset();
  for (const auto& metric : metrics) metric->reset();
}

StateDict SetupPart::state_dict() const {
  return {{"text", from(std::vector<uint8_t>(text.begin(), text.end()))}};
}

void SetupPart::load_state_dict(const StateDict& state) const {
  const Tensor& saved = state["text"];
  check(saved.dtype() == uint8, "fit: expected a text, got {}", saved.dtype());
  const std::vector<uint8_t> bytes = saved.to_vector<uint8_t>();
  const std::string other(bytes.begin(), bytes.end());
  check(other == text, "fit: the file is of another training: expected {}, got {}", text, other);
}

int64_t samples_of(const Tensor& target) { return target.dim() > 0 ? target.size(0) : 1; }

StateDict HistoryPart::state_dict() const {
  const std::vector<std::string> names = history.names();
  StateDict out;
  for (size_t i = 0; i < names.size(); ++i)
    out.emplace_back(fmt::format("{}.{}", i, names[i]), from(history[names[i]]));
  return out;
}

void HistoryPart::load_state_dict(const StateDict& state) {
  std::map<size_t, std::pair<std::string, std::vector<double>>> curves;  // by place
  for (const auto& [name, t] : state) {
    size_t place = 0;
    const char *begin = name.data(), *end = begin + name.size();
    const char* dot = std::from_chars(begin, end, place).ptr;
    check(dot != begin && dot != end && *dot == '.' && t.dim() == 1,
          "fit: '{}' is no number of all epochs", name);
    curves[place] = {std::string(dot + 1, end), t.to_vector<double>()};
  }
  std::vector<Values> epochs;
  for (const auto& [place, curve] : curves) {
    const auto& [name, values] = curve;
    if (epochs.empty()) epochs.resize(values.size());
    check(values.size() == epochs.size(), "fit: '{}' is of {} epochs, others of {}", name,
          values.size(), epochs.size());
    for (size_t i = 0; i < values.size(); ++i) epochs[i].emplace_back(name, values[i]);
  }
  history.epochs = std::move(epochs);
}

}  // namespace rw::training::detail
