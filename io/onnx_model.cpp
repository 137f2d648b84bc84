#include <rewind/io/onnx_model.h>

#include <algorithm>

#include <rewind/nn/call.h>
#include <rewind/tensor/check.h>

namespace rw::onnx {

namespace {

constexpr size_t most_layers = 32;  // inside each other

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t dot; (dot = path.find('.', begin)) != path.npos; begin = dot + 1)
    parts.push_back(path.substr(begin, dot - begin));
  parts.push_back(path.substr(begin));
  return parts;
}

std::string declared_shape(const std::vector<int64_t>& dims) {
  std::string text;
  for (const int64_t n : dims)
    text += (text.empty() ? "" : ", ") + (n < 0 ? std::string("any") : std::to_string(n));
  return "[" + text + "]";
}

}  // namespace

// --- What belongs to the model ------------------------------------------------------------------

// The name itself where its parts can be those of layers; otherwise one without dots.
std::string Plan::place_for(const std::string& name) const {
  const std::vector<std::string> parts = parts_of(name);
  bool fits = parts.size() <= most_layers;
  const Branch* at = &root;
  std::string path;
  for (size_t i = 0; i < parts.size() && fits; ++i) {
    path += (i ? "." : "") + parts[i];
    const auto below = branches_.find(path);
    const bool is_last = i + 1 == parts.size(), is_branch = below != branches_.end();
    fits = !parts[i].empty() && !(at && at->has_member(parts[i]) && (is_last || !is_branch));
    at = is_branch ? below->second.get() : nullptr;
  }
  if (fits) return name;
  std::string flat = name, numbered;
  std::replace(flat.begin(), flat.end(), '.', '_');
  numbered = flat;
  for (int i = 1; root.has_member(numbered); ++i) numbered = flat + "_" + std::to_string(i);
  return numbered;
}

const Tensor& Plan::hold(const std::string& name, const Tensor& t, bool is_trained) {
  const std::vector<std::string> parts = parts_of(place_for(name));
  Branch* at = &root;
  std::string path;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    path += (i ? "." : "") + parts[i];
    std::shared_ptr<Branch>& below = branches_[path];
    if (!below) below = at->add(parts[i], std::make_shared<Branch>());
    at = below.get();
  }
  return members.emplace_back(is_trained ? at->parameter(parts.back(), t)
                                         : at->buffer(parts.back(), t));
}

// --- Running it ---------------------------------------------------------------------------------

void Plan::check_input(size_t i, const Tensor& x) const {
  const StoredValue& declared = inputs[i];
  check(x.defined(), "{}: the input is undefined", declared.name);
  const DType dtype = *dtype_of_onnx(declared.type);
  check<DTypeError>(x.dtype() == dtype || (is_floating(dtype) && x.is_floating_point()),
                    "input '{}': expected {}, got {}", declared.name, dtype, x.dtype());
  if (!declared.dims) return;
  const std::vector<int64_t>& dims = *declared.dims;
  bool fits = dims.size() == static_cast<size_t>(x.dim());
  for (size_t d = 0; d < dims.size() && fits; ++d)
    fits = dims[d] == StoredValue::open || dims[d] == x.size(static_cast<int64_t>(d));
  check<ShapeError>(fits, "input '{}': expected shape {}, got {}", declared.name,
                    declared_shape(dims), x.shape());
}

Tensors Plan::run(const Tensors& given, bool training) const {
  check(given.size() == inputs.size(), "expected {} inputs, got {}", inputs.size(), given.size());
  Tensors all(static_cast<size_t>(values));
  for (size_t i = 0; i < given.size(); ++i) {
    check_input(i, given[i]);
    all[i] = given[i];
  }
  for (size_t i = 0; i < tensors.size(); ++i) all[given.size() + i] = *tensors[i];
  Tensors kept(all.begin(),
               all.begin() + static_cast<std::ptrdiff_t>(given.size() + tensors.size()));
  for (const Instruction& instruction : instructions) try {
      Tensors in;
      for (const int i : instruction.inputs)
        in.push_back(i < 0 ? Tensor() : all[static_cast<size_t>(i)]);
      for (const int i : instruction.last) all[static_cast<size_t>(i)] = Tensor();
      Arguments arguments(std::move(in), training);
      Tensors made = instruction.step(arguments);
      if (instruction.inputs.empty()) kept.insert(kept.end(), made.begin(), made.end());
      check(made.size() >= instruction.outputs.size(), "expected {} results, there are {}",
            instruction.outputs.size(), made.size());
      for (size_t i = 0; i < instruction.outputs.size(); ++i)
        if (const int to = instruction.outputs[i]; to >= 0)
          all[static_cast<size_t>(to)] = std::move(made[i]);
    } catch (Error& e) {
      e.set_place(instruction.label);
      throw;
    }
  Tensors results;
  for (const int i : outputs) {
    const Tensor& result = all[static_cast<size_t>(i)];
    const bool is_kept = std::any_of(kept.begin(), kept.end(), [&](const Tensor& t) {
      return t.defined() && t.impl()->storage == result.impl()->storage;
    });
    results.push_back(is_kept ? result.clone() : result);
  }
  return results;
}

// --- The module ---------------------------------------------------------------------------------

Model::Model(std::unique_ptr<Plan> plan)
    : nn::Module(std::move(plan->root)), plan_(std::move(plan)) {
  eval();
}
Model::Model(Model&&) noexcept = default;
Model::~Model() = default;

const std::vector<std::string>& Model::input_names() const { return plan_->input_names; }
const std::vector<std::string>& Model::output_names() const { return plan_->output_names; }

Tensors Model::forward(const Tensors& inputs) { return plan_->run(inputs, is_training()); }
Tensor Model::forward(const Tensor& x) { return forward(Tensors{x})[0]; }

Tensors Model::operator()(const Tensors& inputs) {
  return nn::detail::call(
      *this, [this](const Tensors& in) { return forward(in); }, inputs);
}

StateDict Model::operator()(const StateDict& inputs) {
  Tensors given;
  for (const auto& [name, t] : inputs)
    check(std::count(input_names().begin(), input_names().end(), name) == 1,
          "onnx::Model: there is no input '{}'; there are: {}", name,
          fmt::join(input_names(), ", "));
  for (const std::string& name : input_names()) {
    check(inputs.contains(name), "onnx::Model: the input '{}' is missing", name);
    given.push_back(inputs.at(name));
  }
  const Tensors results = (*this)(given);
  StateDict named;
  for (size_t i = 0; i < results.size(); ++i) named.emplace_back(output_names()[i], results[i]);
  return named;
}

}  // namespace rw::onnx
