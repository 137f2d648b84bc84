#include <rewind/io/onnx.h>

#include <algorithm>
#include <map>
#include <set>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/grad_mode.h>
#include <rewind/io/file.h>
#include <rewind/io/onnx_forms.h>
#include <rewind/nn/evaluation.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/rearranging.h>
#include <rewind/tensor/check.h>

namespace rw::onnx {

namespace {

using detail::TracedOp;
using detail::TracedTensor;

constexpr const char* function = "export_model";

// Numbers of tensors, by handle or by where they lie: a handle of its own to the same elements, as
// detach() gives, is the same tensor.
class Numbers {
 public:
  static constexpr int none = -1;

  int find(const Tensor& t) const {
    if (const auto place = handles_.find(t.impl()); place != handles_.end()) return place->second;
    const auto [begin, end] = places_.equal_range(t.impl()->storage.get());
    int last = none;
    for (auto it = begin; it != end; ++it)
      if (lies_as(*it->second.first.impl(), *t.impl())) last = std::max(last, it->second.second);
    return last;
  }
  void enter(const Tensor& t, int number) {
    handles_[t.impl()] = number;
    places_.emplace(t.impl()->storage.get(), std::pair(t, number));
  }

 private:
  static bool lies_as(const TensorImpl& a, const TensorImpl& b) {
    return a.offset == b.offset && a.dtype == b.dtype && a.shape == b.shape &&
           a.strides == b.strides;
  }

  std::map<const TensorImpl*, int> handles_;
  std::multimap<const Storage*, std::pair<Tensor, int>> places_;
};

// A forward: what it took and gave, and the ops that it called.
struct Run {
  Tensors inputs, outputs;
  std::vector<TracedOp> ops;
};

Run run_traced(nn::Module& model, const Function& run, Tensors inputs) {
  const no_grad no_gradients;
  const autocast as_it_is(false);
  const nn::detail::Evaluation evaluation(model);
  detail::Trace trace;
  Tensors outputs = run(inputs);
  for (const Tensor& y : outputs) check(y.defined(), "{}: a result is undefined", function);
  return {std::move(inputs), std::move(outputs), std::move(trace.ops)};
}

// The same values in another order, and a sample more.
Tensor varied(const Tensor& x, bool more) {
  if (x.dim() == 0) return x.clone();
  const Tensor y = flip(x, {x.dim() - 1});
  return more ? cat({y, y.narrow(0, 0, 1)}, 0) : y;
}

class Exporter {
 public:
  Exporter(const nn::Module& model, Run first, Run second, const ExportOptions& options)
      : first_(std::move(first)), second_(std::move(second)), options_(options) {
    to_.opset = options.opset;
    if (options.dynamic_batch) samples_ = first_.inputs[0].size(0);
    name_ends();
    for (const Tensor& p : model.parameters()) trained_.insert(p.impl()->storage.get());
    for (const auto& [name, t] : model.state_dict()) {
      if (state_.find(t) != Numbers::none) continue;
      state_.enter(t, static_cast<int>(state_names_.size()));
      state_names_.push_back(to_.graph.unused(name));
    }
  }

  std::string model() {
    declare_inputs();
    number_all();
    find_live();
    for (const Step& step : steps_)
      if (is_live(step)) write(step);
    declare_outputs();
    return to_.graph.model(function, options_.opset);
  }

 private:
  // A tensor that an op takes.
  struct Operand {
    int number;    // Numbers::none for a constant
    bool changed;  // in place since
  };
  // A call; the numbers of its results follow each other.
  struct Step {
    const TracedOp& first;
    const TracedOp& second;
    std::vector<Operand> inputs;
    int result;
  };

  void name_ends();
  Names names_of(const char* what, const std::vector<std::string>& given, size_t count);
  void declare_inputs();
  void declare_outputs();
  void number_all();
  Operand operand(const TracedOp& op, const TracedTensor& a, const TracedTensor& b);
  int enter(const char* op, const Tensor& a, const Tensor& b, uint32_t version);
  void find_live();
  bool is_constant(const Step& step) const;
  bool is_live(const Step& step) const;
  void write(const Step& step);
  Value constant(OpCall& call, const Tensor& a, const Tensor& b);
  std::string repeated(OpCall& call, const Tensor& a, const Tensor& b);
  Extents extents(const char* op, const Tensor& a, const Tensor& b) const;
  [[noreturn]] void fail_differing(const char* op) const;

  Run first_, second_;
  const ExportOptions& options_;
  int64_t samples_ = -1;  // of the first run, where their number may change
  Exported to_ = {};
  Names input_names_, output_names_;
  Numbers state_;
  Names state_names_;
  std::set<int> stored_;              // of the state
  std::set<const Storage*> trained_;  // that of parameters

  Numbers numbers_[2];  // of the tensors of both runs
  std::vector<Value> values_;
  std::vector<uint32_t> versions_;
  std::vector<bool> live_;
  std::vector<Step> steps_;
};

// --- Names, inputs and results ------------------------------------------------------------------

Names Exporter::names_of(const char* what, const std::vector<std::string>& given, size_t count) {
  check(given.empty() || given.size() == count, "{}: expected {} {}_names, got {}", function, count,
        what, given.size());
  Names names;
  for (size_t i = 0; i < count; ++i) {
    const std::string name = given.empty() ? std::string(what) : given[i];
    names.push_back(to_.graph.unused(name));
    check(given.empty() || names.back() == name, "{}: two inputs or results have the name '{}'",
          function, name);
  }
  return names;
}

void Exporter::name_ends() {
  input_names_ = names_of("input", options_.input_names, first_.inputs.size());
  output_names_ = names_of("output", options_.output_names, first_.outputs.size());
  to_.first_input = input_names_.empty() ? "" : input_names_[0];
}

Extents Exporter::extents(const char* op, const Tensor& a, const Tensor& b) const {
  if (a.dim() != b.dim() || a.dtype() != b.dtype()) fail_differing(op);
  Extents all;
  for (int d = 0; d < a.dim(); ++d) {
    const int64_t factor = b.size(d) - a.size(d);
    if (factor != 0 && samples_ < 0) fail_differing(op);
    all.push_back({factor ? a.size(d) - factor * samples_ : a.size(d), factor});
  }
  return all;
}

void Exporter::declare_inputs() {
  for (size_t i = 0; i < first_.inputs.size(); ++i) {
    const Tensor &a = first_.inputs[i], &b = second_.inputs[i];
    const int number = enter("the input", a, b, a.impl()->storage->version());
    Value& value = values_[static_cast<size_t>(number)];
    value.name = input_names_[i];
    to_.graph.input(value.name, value.dtype, value.shape);
  }
}

void Exporter::declare_outputs() {
  std::set<std::string> taken(input_names_.begin(), input_names_.end());
  for (size_t i = 0; i < first_.outputs.size(); ++i) {
    const auto number = static_cast<size_t>(numbers_[0].find(first_.outputs[i]));
    const Value value = values_[number];
    const std::string& name = output_names_[i];
    if (taken.contains(value.name) || !to_.graph.rename(value.name, name))
      to_.graph.node("Identity", {value.name}, {name}, {});
    else
      for (Value& v : values_)
        if (v.name == value.name) v.name = name;
    taken.insert(name);
    to_.graph.output(name, value.dtype, value.shape);
  }
}

// --- What was called ----------------------------------------------------------------------------

void Exporter::fail_differing(const char* op) const {
  fail(
      "{}: the forward does something else for other values of its input, or for another batch: "
      "see '{}'. A graph can't branch on values, nor hold sizes that were computed from them",
      function, op);
}

int Exporter::enter(const char* op, const Tensor& a, const Tensor& b, uint32_t version) {
  const int number = static_cast<int>(values_.size());
  numbers_[0].enter(a, number);
  numbers_[1].enter(b, number);
  values_.push_back({"", a.dtype(), extents(op, a, b)});
  versions_.push_back(version);
  return number;
}

Exporter::Operand Exporter::operand(const TracedOp& op, const TracedTensor& a,
                                    const TracedTensor& b) {
  if (a.tensor.defined() != b.tensor.defined()) fail_differing(op.name);
  if (!a.tensor.defined()) return {Numbers::none, false};
  const int number = numbers_[0].find(a.tensor);
  if (number != numbers_[1].find(b.tensor)) fail_differing(op.name);
  return {number, number >= 0 && versions_[static_cast<size_t>(number)] != a.version};
}

void Exporter::number_all() {
  const auto &a = first_.ops, &b = second_.ops;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const TracedOp &p = a[i], &q = b[i];
    if (std::string_view(p.name) != q.name || p.inputs.size() != q.inputs.size() ||
        p.results.size() != q.results.size())
      fail_differing(p.name);
    Step step{p, q, {}, static_cast<int>(values_.size())};
    for (size_t j = 0; j < p.inputs.size(); ++j)
      step.inputs.push_back(operand(p, p.inputs[j], q.inputs[j]));
    if (is_constant(step)) continue;
    for (size_t j = 0; j < p.results.size(); ++j) {
      const TracedTensor &y = p.results[j], &z = q.results[j];
      if (y.tensor.defined() != z.tensor.defined()) fail_differing(p.name);
      if (y.tensor.defined())
        enter(p.name, y.tensor, z.tensor, y.version);
      else
        values_.emplace_back(), versions_.push_back(0);
    }
    steps_.push_back(std::move(step));
  }
  if (a.size() != b.size()) fail_differing((a.size() > b.size() ? a : b).back().name);
}

// Whether it computes with numbers of its own alone, as masks and positions are made: the result is
// a constant then.
bool Exporter::is_constant(const Step& step) const {
  for (size_t i = 0; i < step.inputs.size(); ++i) {
    const Tensor& t = step.first.inputs[i].tensor;
    if (step.inputs[i].number >= 0 || (t.defined() && state_.find(t) >= 0)) return false;
  }
  return true;
}

bool Exporter::is_live(const Step& step) const {
  for (size_t i = 0; i < step.first.results.size(); ++i)
    if (live_[static_cast<size_t>(step.result) + i]) return true;
  return false;
}

void Exporter::find_live() {
  live_.assign(values_.size(), false);
  for (size_t i = 0; i < first_.outputs.size(); ++i) {
    const int number = numbers_[0].find(first_.outputs[i]);
    if (number != numbers_[1].find(second_.outputs[i])) fail_differing("the result");
    check(number >= 0,
          "{}: result {} is not computed from the input by ops that are recorded; it would be a "
          "constant",
          function, i);
    live_[static_cast<size_t>(number)] = true;
  }
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
    if (is_live(*step))
      for (const Operand& o : step->inputs)
        if (o.number >= 0) live_[static_cast<size_t>(o.number)] = true;
}

// --- Writing it ---------------------------------------------------------------------------------

const Form& form_of(const char* op) {
  for (const Forms* forms :
       {&pointwise_forms(), &shape_forms(), &order_forms(), &layer_forms(), &recurrent_forms()})
    if (const auto found = forms->find(op); found != forms->end()) return found->second;
  fail(
      "{}: '{}' has no ONNX form; write it with other ops, or compute it outside of what is "
      "exported",
      function, op);
}

void Exporter::write(const Step& step) {
  const Form& form = form_of(step.first.name);
  OpCall call(to_, step.first, step.second);
  const auto result = static_cast<size_t>(step.result);
  call.results.assign(
      values_.begin() + step.result,
      values_.begin() + step.result + static_cast<int64_t>(step.first.results.size()));
  call.wanted.assign(live_.begin() + step.result,
                     live_.begin() + step.result + static_cast<int64_t>(call.results.size()));
  for (size_t i = 0; i < step.inputs.size(); ++i) {
    const auto& [t, version] = step.first.inputs[i];
    const auto [number, changed] = step.inputs[i];
    if (changed || (number < 0 && t.defined() && t.impl()->storage->version() != version))
      call.refuse(
          "its input was changed in place, by an op that is not recorded or through a "
          "view");
    call.inputs.push_back(number >= 0   ? values_[static_cast<size_t>(number)]
                          : t.defined() ? constant(call, t, step.second.inputs[i].tensor)
                                        : Value());
  }
  call.results[0].name = form(call);
  for (size_t i = 0; i < call.results.size(); ++i) values_[result + i] = call.results[i];
}

// What no op has made: a tensor of the state, or a constant, which is the same in both runs.
Value Exporter::constant(OpCall& call, const Tensor& a, const Tensor& b) {
  Value value = {"", a.dtype(), extents(call.name(), a, b)};
  if (const int number = state_.find(a); number >= 0) {
    value.name = state_names_[static_cast<size_t>(number)];
    const char* note = trained_.contains(a.impl()->storage.get()) ? "" : "buffer";
    if (stored_.insert(number).second) to_.graph.initializer(value.name, a, note);
  } else if (a.shape() == b.shape() && bytes_of(a) == bytes_of(b)) {
    value.name = to_.graph.constant(a);
  } else {
    value.name = repeated(call, a, b);
  }
  return value;
}

// A constant that is the same for each sample, once for each.
std::string Exporter::repeated(OpCall& call, const Tensor& a, const Tensor& b) {
  Tensor once = a, other = b;
  for (int d = 0; d < a.dim(); ++d) {
    if (a.size(d) == b.size(d)) continue;
    once = once.narrow(d, 0, 1);
    other = other.narrow(d, 0, 1);
  }
  const auto repeats = [&](const Tensor& t) {
    return bytes_of(once.expand(t.shape())) == bytes_of(t);
  };
  if (a.shape() == b.shape() || once.numel() == 0 || bytes_of(once) != bytes_of(other) ||
      !repeats(a) || !repeats(b))
    call.refuse(
        "one of its inputs depends on the values of the model's input and was computed by "
        "an op that is not recorded, such as bucketize");
  return call.node("Expand", {to_.graph.constant(once), call.shape(extents(call.name(), a, b))});
}

void check_arguments(const Tensors& examples, const ExportOptions& o) {
  check(o.opset == 17 || o.opset == 18, "{}: expected an opset of 17 or 18, got {}", function,
        o.opset);
  check(!examples.empty(), "{}: expected an example at least", function);
  for (const Tensor& x : examples) {
    check(x.defined(), "{}: an example is undefined", function);
    onnx_dtype(function, x.dtype());
    if (o.dynamic_batch)
      check<ShapeError>(x.dim() > 0 && x.size(0) > 0 && x.size(0) == examples[0].size(0),
                        "{}: dynamic_batch: expected examples of one batch [N, …], got shape {}",
                        function, x.shape());
  }
}

}  // namespace

void export_model(nn::Module& model, const Function& run, const Tensors& examples,
                  const std::string& path, const ExportOptions& options) {
  check_arguments(examples, options);
  Tensors inputs, others;
  for (const Tensor& x : examples) {
    inputs.push_back(x.detach());  // a handle of its own, where one tensor is given twice
    others.push_back(varied(x, options.dynamic_batch));
  }
  Run first = run_traced(model, run, inputs), second = run_traced(model, run, others);
  check(first.outputs.size() == second.outputs.size() && !first.outputs.empty(),
        "{}: expected results, as many in each run, got {} and {}", function, first.outputs.size(),
        second.outputs.size());
  const std::string bytes = Exporter(model, std::move(first), std::move(second), options).model();
  io::write_file(function, path, bytes);
}

void export_model(nn::Module& model, const Tensor& example, const std::string& path,
                  const ExportOptions& options) {
  export_model(
      model, [&](const Tensors& in) { return Tensors{model(in[0])}; }, Tensors{example}, path,
      options);
}

}  // namespace rw::onnx
