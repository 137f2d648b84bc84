#include <rewind/nn/summary.h>

#include <algorithm>
#include <array>
#include <map>
#include <ostream>

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/hooks.h>
#include <rewind/nn/evaluation.h>
#include <rewind/nn/parametrization_list.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::nn {

namespace {

using NamedModules = std::vector<std::pair<std::string, Module*>>;

bool computes_tensors(const Module* m) {
  return dynamic_cast<const detail::Parametrizations*>(m) != nullptr;
}

bool is_below(const std::string& path, const std::string& above) {
  return above.empty() ||
         (path.size() > above.size() && path.starts_with(above) && path[above.size()] == '.');
}

// Without those that compute the tensors of others, whose results are no activations.
NamedModules layers_of(Module& model) {
  NamedModules all = model.named_modules();
  std::vector<std::string> left_out;
  std::erase_if(all, [&](const auto& entry) {
    if (computes_tensors(entry.second)) left_out.push_back(entry.first);
    return std::any_of(left_out.begin(), left_out.end(), [&](const std::string& path) {
      return entry.first == path || is_below(entry.first, path);
    });
  });
  return all;
}
bool has_layers(const Module& m) {
  const auto children = m.named_children();
  return !std::all_of(children.begin(), children.end(),
                      [](const auto& child) { return computes_tensors(child.second); });
}

// Notes all calls in the rows of their modules until the end of the scope.
class Watch {
 public:
  Watch(const NamedModules& modules, std::vector<SummaryRow>& rows) {
    std::map<Module*, SummaryRow*> seen;  // several paths may lead to a module
    for (size_t i = 0; i < modules.size(); ++i) {
      Module* module = modules[i].second;
      SummaryRow* row = &rows[i];
      if (!seen.emplace(module, row).second) continue;
      const bool is_leaf = !has_layers(*module);
      hooks_.push_back(module->register_call_hook(
          [row, is_leaf](Module& m, std::span<const Tensor> inputs, std::span<Tensor> results) {
            row->multiply_adds += m.multiply_adds(inputs, results);
            row->outputs.clear();
            for (const Tensor& t : results) {
              if (!t.defined()) continue;
              row->outputs.push_back(t.shape());
              if (is_leaf) row->activation_bytes += static_cast<int64_t>(t.nbytes());
            }
          }));
    }
  }
  ~Watch() {
    for (HookHandle& hook : hooks_) hook.remove();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  std::vector<HookHandle> hooks_;
};

// Rows come before those below them.
void add_those_below(std::vector<SummaryRow>& rows) {
  for (auto row = rows.begin(); row != rows.end(); ++row)
    for (auto below = row + 1; below != rows.end() && is_below(below->path, row->path); ++below) {
      row->multiply_adds += below->multiply_adds;
      row->activation_bytes += below->activation_bytes;
    }
}

DType dtype_of(const Module& model) {
  for (const Tensor& p : model.parameters())
    if (p.is_floating_point()) return p.dtype();
  return get_default_dtype();
}

}  // namespace

Summary summary(Module& model, const std::function<void()>& run) {
  check(static_cast<bool>(run), "summary: expected a function, got an empty std::function");
  const NamedModules modules = layers_of(model);
  Summary s;
  for (const auto& [path, module] : modules)
    s.rows.push_back({path, module->name(), {}, module->num_parameters(), 0, 0});
  for (const Tensor& p : model.parameters())
    if (p.requires_grad()) s.trainable_parameters += p.numel();
  const detail::Evaluation evaluation(model);
  const Watch watch(modules, s.rows);
  const no_grad guard;
  run();
  add_those_below(s.rows);
  return s;
}

Summary summary(Module& model, const Tensor& input) {
  return summary(model, [&] { model(input); });
}

Summary summary(Module& model, const Shape& input) {
  return summary(model, zeros(input, dtype_of(model)));
}

const SummaryRow& Summary::operator[](const std::string& path) const {
  for (const SummaryRow& row : rows)
    if (row.path == path) return row;
  fail("summary: no module \"{}\"", path);
}

Summary Summary::to_depth(int depth) const {
  Summary s = *this;
  std::erase_if(s.rows, [depth](const SummaryRow& row) {
    const auto dots = std::count(row.path.begin(), row.path.end(), '.');
    return !row.path.empty() && dots + 1 > depth;
  });
  return s;
}

// --- The table ----------------------------------------------------------------------------------

namespace {

// 25557032 as 25,557,032
std::string grouped(int64_t n) {
  std::string digits = std::to_string(n);
  for (auto at = static_cast<int64_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string mebibytes(int64_t bytes) {
  return fmt::format("{:.2f} MiB", static_cast<double>(bytes) / (1 << 20));
}

std::string shapes(const std::vector<Shape>& outputs) {
  std::string text;
  for (const Shape& shape : outputs) text += (text.empty() ? "" : ", ") + shape.str();
  return text.empty() ? "-" : text;
}

// Indented by its depth.
std::string title(const SummaryRow& row) {
  if (row.path.empty()) return row.layer;
  const auto depth = std::count(row.path.begin(), row.path.end(), '.') + 1;
  const size_t last = row.path.rfind('.') + 1;  // 0 where there is none
  return std::string(2 * static_cast<size_t>(depth), ' ') + row.path.substr(last) + ": " +
         row.layer;
}

}  // namespace

std::string to_string(const Summary& s) {
  std::vector<std::array<std::string, 5>> lines = {
      {"module", "output", "parameters", "multiply-adds", "activations"}};
  for (const SummaryRow& row : s.rows)
    lines.push_back({title(row), shapes(row.outputs), grouped(row.parameters),
                     grouped(row.multiply_adds), mebibytes(row.activation_bytes)});
  std::array<size_t, 5> widths = {};
  for (const auto& line : lines)
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  std::string out;
  for (const auto& line : lines)
    out += fmt::format("{:{}}  {:{}}  {:>{}}  {:>{}}  {:>{}}\n", line[0], widths[0], line[1],
                       widths[1], line[2], widths[2], line[3], widths[3], line[4], widths[4]);
  if (s.rows.empty()) return out;
  const SummaryRow& total = s.total();
  return out + fmt::format(
                   "{} parameters, {} of them trainable; {:.4g} G multiply-adds; {} of "
                   "activations\n",
                   grouped(total.parameters), grouped(s.trainable_parameters),
                   static_cast<double>(total.multiply_adds) * 1e-9,
                   mebibytes(total.activation_bytes));
}

std::ostream& operator<<(std::ostream& os, const Summary& s) { return os << to_string(s); }

}  // namespace rw::nn
