#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <rewind/autograd/debug.h>
#include <rewind/autograd/node.h>
#include <rewind/tensor/check.h>

namespace rw {
namespace {

// Everything that these were computed from, in the order in which it was recorded.
std::vector<Node*> reached_from(const std::vector<Tensor>& outputs) {
  std::vector<Node*> all, open;
  std::unordered_set<const Node*> seen;
  const auto reach = [&](Node* node) {
    if (node && seen.insert(node).second) open.push_back(node);
  };
  for (const Tensor& t : outputs) reach(t.impl()->node);
  while (!open.empty()) {
    all.push_back(open.back());
    open.pop_back();
    for (const Edge& e : all.back()->inputs()) reach(e.node.get());
  }
  std::sort(all.begin(), all.end(),
            [](const Node* a, const Node* b) { return a->sequence() < b->sequence(); });
  return all;
}

// Where a tensor stands on the tape.
using Place = std::pair<const Node*, uint32_t>;
Place place_of(const Tensor& t) { return {t.impl()->node, t.impl()->output_nr}; }

// Inside a quoted string of the dot language.
std::string escaped(std::string_view s) {
  std::string out;
  for (const char c : s) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string size_text(size_t bytes) {
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  constexpr const char* units[] = {"kB", "MB", "GB", "TB"};
  double size = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  for (; size >= 999.5 && unit + 1 < std::size(units); ++unit) size /= 1000;
  return fmt::format("{:.3g} {}", size, units[unit]);
}

// Memory that is saved for backward, each once.
class SavedBytes {
 public:
  size_t add(Node& node) {
    SavedBytes own;
    for (const Tensor& t : node.saved())
      for (SavedBytes* s : {&own, this})
        if (s->seen_.insert(t.impl()->storage.get()).second)
          s->total_ += t.impl()->storage->bytes();
    return own.total_;
  }
  size_t total() const { return total_; }

 private:
  std::unordered_set<const Storage*> seen_;
  size_t total_ = 0;
};

// The op's name, a line for each result, and what is saved for it; of a leaf its own name, where it
// has one.
std::string label(const Node& node, const std::map<Place, std::string>& names, size_t saved) {
  std::string out = node.is_leaf() ? "" : node.name();
  for (uint32_t nr = 0; nr < node.outputs().size(); ++nr) {
    const auto name = names.find({&node, nr});
    const OutputInfo& info = node.outputs()[nr];
    if (!out.empty()) out += '\n';
    if (name != names.end())
      out += name->second + (node.is_leaf() ? "\n" : ": ");
    else if (node.is_leaf())
      out += "leaf\n";
    out += fmt::format("{} {}", info.shape, info.dtype);
  }
  if (saved > 0) out += "\nsaves " + size_text(saved);
  return escaped(out);
}

}  // namespace

std::string graph_to_dot(const std::vector<Tensor>& outputs, const NamedTensors& names) {
  for (size_t i = 0; i < outputs.size(); ++i)
    check<AutogradError>(outputs[i].defined() && outputs[i].requires_grad(),
                         "graph_to_dot: output {} is {}, so it has no graph", i,
                         outputs[i].defined() ? "not on the tape" : "undefined");
  std::map<Place, std::string> names_by_place;
  for (const auto& [name, t] : names)
    if (t.defined() && t.requires_grad()) names_by_place.emplace(place_of(t), name);
  std::unordered_set<const Node*> ends;
  for (const Tensor& t : outputs) ends.insert(t.impl()->node);

  const std::vector<Node*> nodes = reached_from(outputs);
  std::unordered_map<const Node*, size_t> numbers;
  for (Node* node : nodes) numbers.emplace(node, numbers.size());

  std::string out = "digraph rewind {\n  node [shape=box, fontname=\"sans-serif\"];\n";
  SavedBytes saved;
  for (Node* node : nodes)
    out += fmt::format("  n{} [label=\"{}\"{}{}];\n", numbers[node],
                       label(*node, names_by_place, saved.add(*node)),
                       node->is_leaf() ? ", style=\"rounded,filled\", fillcolor=lightblue" : "",
                       ends.contains(node) ? ", penwidth=3" : "");
  for (Node* node : nodes)
    for (const Edge& e : node->inputs()) {
      if (!e.node) continue;
      const bool many = e.node->outputs().size() > 1;
      out += fmt::format("  n{} -> n{}{};\n", numbers[e.node.get()], numbers[node],
                         many ? fmt::format(" [label=\"{}\"]", e.nr) : "");
    }
  if (saved.total() > 0)
    out += fmt::format("  label=\"saved for backward: {}\";\n", size_text(saved.total()));
  return out + "}\n";
}

std::string graph_to_dot(const Tensor& output, const NamedTensors& names) {
  return graph_to_dot(std::vector<Tensor>{output}, names);
}

namespace {

// The ops among `nodes`, in their order, that take `leaf`.
std::string users_of(const Node* leaf, const std::vector<Node*>& nodes) {
  std::vector<std::string_view> names;
  for (const Node* node : nodes)
    for (const Edge& e : node->inputs())
      if (e.node.get() == leaf &&
          std::find(names.begin(), names.end(), node->name()) == names.end())
        names.push_back(node->name());
  std::string out;
  for (const std::string_view name : names)
    out += fmt::format("{}'{}'", out.empty() ? "" : ", ", name);
  return out.empty() ? "nothing" : out;
}

}  // namespace

std::vector<std::string> unused_parameters(const Tensor& loss, const NamedTensors& parameters) {
  check(loss.defined(), "unused_parameters: the loss is undefined");
  const std::vector<Node*> nodes = reached_from({loss});
  const std::unordered_set<const Node*> used(nodes.begin(), nodes.end());
  std::unordered_set<const Node*> known;
  std::vector<std::string> found;
  for (const auto& [name, t] : parameters) {
    if (!t.defined() || !t.requires_grad()) continue;
    known.insert(t.impl()->node);
    if (!used.contains(t.impl()->node)) found.push_back(name);
  }
  for (const Node* node : nodes)
    if (node->is_leaf() && !known.contains(node))
      found.push_back(fmt::format("a leaf of shape {} that is no parameter, used by {}",
                                  node->outputs()[0].shape, users_of(node, nodes)));
  return found;
}

}  // namespace rw
