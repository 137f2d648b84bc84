// From what an ONNX file says to a model that can be run.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <rewind/io/file.h>
#include <rewind/io/onnx_model.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/check.h>

namespace rw::onnx {

namespace {

constexpr int64_t oldest = 7, newest = 23;  // versions of the operators

class Importer {
 public:
  Importer(std::string where, std::string_view bytes, std::string folder)
      : where_(std::move(where)), folder_(std::move(folder)), file_(parse_model(where_, bytes)) {}

  Model model() {
    number_all();
    read_nodes();
    carry_numeric_back();
    check_types();
    refuse_all();
    find_last_uses();
    load_tensors();
    return Model(std::move(plan_));
  }

 private:
  int enter(const std::string& name, const char* what);
  void number_all();
  int find(const StoredNode& node, const std::string& name, const std::set<std::string>& later);
  void read_nodes();
  Step read(const StoredNode& node);
  void carry_numeric_back();
  void check_types();
  void refuse_all() const;
  void find_last_uses();
  void load_tensors();
  bool may_be_trained(const StoredTensor& stored) const;

  std::string where_, folder_;
  StoredModel file_;
  std::unique_ptr<Plan> plan_ = std::make_unique<Plan>();
  std::map<std::string, int, std::less<>> numbers_;    // of values, by name
  std::set<std::string, std::less<>> used_, numeric_;  // tensors; those that can't be trained by
  std::vector<std::string> refused_;
};

// --- The graph ----------------------------------------------------------------------------------

int Importer::enter(const std::string& name, const char* what) {
  check<IOError>(!name.empty(), "{}: {} has no name", where_, what);
  const auto [place, is_new] = numbers_.emplace(name, plan_->values);
  check<IOError>(is_new, "{}: there are two values of the name '{}'", where_, name);
  return plan_->values++;
}

// Files of old list tensors among the inputs, as what these are by default.
void Importer::number_all() {
  std::set<std::string_view> stored;
  for (const StoredTensor& t : file_.tensors) stored.insert(t.name);
  for (const StoredValue& v : file_.inputs)
    if (!stored.contains(v.name)) {
      enter(v.name, "an input");
      plan_->inputs.push_back(v);
      plan_->input_names.push_back(v.name);
    }
  for (const StoredTensor& t : file_.tensors) enter(t.name, "a tensor");
}

int Importer::find(const StoredNode& node, const std::string& name,
                   const std::set<std::string>& later) {
  if (name.empty()) return Instruction::none;
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  check<IOError>(!later.contains(name),
                 "{}: {} takes '{}' before a node makes it; nodes have to be sorted, and not to go "
                 "in circles",
                 where_, node.label(), name);
  fail<IOError>("{}: {} takes '{}', which there is none of", where_, node.label(), name);
}

void Importer::read_nodes() {
  check<IOError>(file_.opset >= oldest && file_.opset <= newest,
                 "{}: expected operators of the versions {} to {}, got {}", where_, oldest, newest,
                 file_.opset);
  std::set<std::string> later;
  for (const StoredNode& node : file_.nodes) later.insert(node.outputs.begin(), node.outputs.end());
  for (const StoredNode& node : file_.nodes) {
    Instruction made{read(node), node.label(), {}, {}, {}};
    for (const std::string& name : node.inputs) made.inputs.push_back(find(node, name, later));
    for (const std::string& name : node.outputs)
      made.outputs.push_back(name.empty() ? Instruction::none : enter(name, "a result"));
    plan_->instructions.push_back(std::move(made));
  }
  check<IOError>(!file_.outputs.empty(), "{}: the graph has no results", where_);
  for (const StoredValue& v : file_.outputs) {
    const auto found = numbers_.find(v.name);
    check<IOError>(found != numbers_.end(), "{}: no node makes the result '{}'", where_, v.name);
    plan_->outputs.push_back(found->second);
    plan_->output_names.push_back(v.name);
    used_.insert(v.name);
  }
}

// --- What its nodes are -------------------------------------------------------------------------

// Inputs that are numbers to go by, and no weights.
bool is_numeric(const std::string& op_type, size_t i) {
  if (op_type == "BatchNormalization") return i >= 3;
  const auto is_one_of = [&](std::initializer_list<const char*> names) {
    return std::find(names.begin(), names.end(), op_type) != names.end();
  };
  if (is_one_of({"Clip", "Pad", "Resize", "Upsample", "Dropout", "OneHot"})) return i >= 1;
  return is_one_of({"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"});
}

// Whose result is what it is given, as another type or shape.
bool passes_on(const std::string& op_type) {
  for (const char* name : {"Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten"})
    if (op_type == name) return true;
  return false;
}

// Also what becomes such an input by way of nodes that pass it on.
void Importer::carry_numeric_back() {
  for (auto node = file_.nodes.rbegin(); node != file_.nodes.rend(); ++node)
    if (passes_on(node->op_type) && !node->inputs.empty() && !node->outputs.empty() &&
        numeric_.contains(node->outputs[0]))
      numeric_.insert(node->inputs[0]);
}

Step Importer::read(const StoredNode& stored) {
  const Step nothing = [](Arguments&) { return Tensor(); };
  for (size_t i = 0; i < stored.inputs.size(); ++i) {
    used_.insert(stored.inputs[i]);
    if (is_numeric(stored.op_type, i)) numeric_.insert(stored.inputs[i]);
  }
  const bool is_ours = stored.domain.empty() || stored.domain == "ai.onnx";
  const Operator* op = is_ours ? find_operator(stored.op_type) : nullptr;
  if (!op) {
    refused_.push_back(is_ours ? "operator " + stored.op_type
                               : fmt::format("operator {} of '{}'", stored.op_type, stored.domain));
    return nothing;
  }
  Node node(where_, stored, file_.opset, folder_);
  try {
    if (file_.opset < op->since)
      node.refuse(fmt::format("there is one since version {} only", op->since));
    if (stored.inputs.size() > op->inputs.most)
      node.refuse(fmt::format("expected {} inputs at most", op->inputs.most));
    for (size_t i = 0; i < op->inputs.least; ++i)
      if (!node.has(i)) node.refuse(fmt::format("its input {} is missing", i));
    Step step = op->build(node);
    for (const std::string& attribute : node.unknown())
      refused_.push_back(fmt::format("{}: its attribute {}", stored.label(), attribute));
    if (stored.outputs.empty() || stored.outputs.size() > step.results())
      node.refuse(fmt::format("it has {} results", stored.outputs.size()));
    return step;
  } catch (const Refusal& e) {
    refused_.push_back(e.what());
    return nothing;
  }
}

void Importer::check_types() {
  for (const StoredValue& v : plan_->inputs)
    if (!dtype_of_onnx(v.type))
      refused_.push_back(
          fmt::format("input '{}': {}", v.name,
                      v.type ? "numbers of " + name_of_onnx_type(v.type) : "it is no tensor"));
  for (const StoredTensor& t : file_.tensors)
    if (!dtype_of_onnx(t.type))
      refused_.push_back(
          fmt::format("tensor '{}': numbers of {}", t.name, name_of_onnx_type(t.type)));
}

void Importer::refuse_all() const {
  constexpr size_t most = 20;
  std::vector<std::string> each;
  for (const std::string& r : refused_)
    if (std::find(each.begin(), each.end(), r) == each.end() && each.size() <= most)
      each.push_back(r);
  if (each.empty()) return;
  if (each.size() > most) each.back() = "and more";
  fail<IOError>("{}: it has what can't be computed here: {}", where_, fmt::join(each, "; "));
}

// --- Its tensors --------------------------------------------------------------------------------

// Values are let go of by the last node that takes them, or by the one that makes them.
void Importer::find_last_uses() {
  std::set<int> seen(plan_->outputs.begin(), plan_->outputs.end());
  const std::vector<Instruction>::reverse_iterator end = plan_->instructions.rend();
  for (auto node = plan_->instructions.rbegin(); node != end; ++node) {
    for (int& made : node->outputs)
      if (made >= 0 && !seen.contains(made)) made = Instruction::none;
    for (const int i : node->inputs)
      if (i >= 0 && seen.insert(i).second) node->last.push_back(i);
  }
}

bool Importer::may_be_trained(const StoredTensor& stored) const {
  return stored.dims.size() > 0 && !numeric_.contains(stored.name) && stored.note != "buffer" &&
         stored.note != "constant";
}

void Importer::load_tensors() {
  for (const StoredTensor& stored : file_.tensors) {
    Tensor t;
    if (used_.contains(stored.name)) t = load_tensor(where_, stored, folder_);
    // A number that was written in the code, so that no state has it.
    const bool is_written = stored.note == "constant" && stored.dims.empty();
    if (!t.defined() || !t.is_floating_point() || is_written) {
      plan_->tensors.push_back(&plan_->constants.emplace_back(t));
      continue;
    }
    const bool is_trained = may_be_trained(stored) && isfinite(t).all().item<bool>();
    plan_->tensors.push_back(&plan_->hold(stored.name, t, is_trained));
  }
}

}  // namespace

Model import_model(const std::string& path) {
  const io::MappedFile file("import_model", path);
  const std::string folder = std::filesystem::path(path).parent_path();
  return Importer("import_model: " + path, file.bytes(), folder.empty() ? "." : folder).model();
}

Model decode_model(std::string_view bytes) { return Importer("decode_model", bytes, "").model(); }

}  // namespace rw::onnx
