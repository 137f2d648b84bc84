#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <rewind/autograd/anomaly.h>
#include <rewind/autograd/autograd.h>
#include <rewind/autograd/node_hooks.h>
#include <rewind/autograd/sparse_grad.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw {
namespace {

// The gradients that have arrived at a node, by output; undefined until one came. Nearly all nodes
// have one output: its gradient is stored here.
class Gathered {
 public:
  explicit Gathered(size_t outputs) {
    if (outputs > 1) many_.resize(outputs);
  }
  std::span<Tensor> all() { return many_.empty() ? std::span(&one_, 1) : std::span(many_); }
  bool empty() {
    return std::none_of(all().begin(), all().end(), [](const Tensor& g) { return g.defined(); });
  }

  void add(uint32_t nr, Tensor grad) {
    Tensor& slot = all()[nr];
    if (slot.defined())
      detail::accumulate(slot, grad);
    else
      slot = std::move(grad);
  }

 private:
  Tensor one_;
  std::vector<Tensor> many_;
};

// Nodes whose gradients are gathering. Ops come out in the order of their sequence numbers, the
// greatest first; leaves, which may be many and wait to the end, stand apart.
//
// Nearly always few ops are pending: the greatest stand in a short sorted vector, and those for
// which it has no room, which may be any number, in a map.
class Pending {
 public:
  void deliver(Node* node, uint32_t nr, Tensor grad) { at(node).add(nr, std::move(grad)); }
  /// What has been delivered; undefined where nothing has, or others see it.
  Tensor take(const Edge& from, const Shape& shape) {
    Tensor& gathered = at(from.node.get()).all()[from.nr];
    const bool may = gathered.defined() && gathered.shape() == shape && detail::only_ours(gathered);
    return may ? std::move(gathered) : Tensor();
  }

  bool has_ops() const { return !ops_.empty() || !rest_.empty(); }
  std::pair<Node*, Gathered> pop_op() {
    if (ops_.empty()) return std::move(rest_.extract(std::prev(rest_.end())).mapped());
    std::pair<Node*, Gathered> last = std::move(ops_.back());
    ops_.pop_back();
    return last;
  }
  std::vector<std::pair<Node*, Gathered>> take_leaves() { return std::exchange(leaves_, {}); }
  /// What has gathered at this leaf, which gets nothing more; undefined where nothing has.
  Tensor take_leaf(Node* leaf) {
    const auto it = leaf_index_.find(leaf);
    return it == leaf_index_.end() ? Tensor() : std::move(leaves_[it->second].second.all()[0]);
  }

 private:
  Gathered& at(Node* node) { return node->is_leaf() ? at_leaf(node) : at_op(node); }

  Gathered& at_leaf(Node* leaf) {
    const auto [it, fresh] = leaf_index_.try_emplace(leaf, leaves_.size());
    if (fresh) leaves_.emplace_back(leaf, Gathered(1));
    return leaves_[it->second].second;
  }

  Gathered& at_op(Node* node) {
    if (!rest_.empty() && node->sequence() <= rest_.rbegin()->first) return in_rest(node);
    auto it = std::upper_bound(
        ops_.begin(), ops_.end(), node->sequence(),
        [](uint64_t sequence, const auto& op) { return sequence < op.first->sequence(); });
    if (it != ops_.begin() && std::prev(it)->first == node) return std::prev(it)->second;
    if (ops_.size() == most) {
      if (it == ops_.begin()) return in_rest(node);
      rest_.emplace(ops_.front().first->sequence(), std::move(ops_.front()));
      it = std::move(std::next(ops_.begin()), it, ops_.begin());
      *it = {node, Gathered(node->outputs().size())};
      return it->second;
    }
    return ops_.emplace(it, node, Gathered(node->outputs().size()))->second;
  }

  Gathered& in_rest(Node* node) {
    const auto it = rest_.lower_bound(node->sequence());
    if (it != rest_.end() && it->first == node->sequence()) return it->second.second;
    return rest_
        .emplace_hint(it, node->sequence(), std::pair(node, Gathered(node->outputs().size())))
        ->second.second;
  }

  static constexpr size_t most = 32;
  std::vector<std::pair<Node*, Gathered>> ops_;          // by sequence number
  std::map<uint64_t, std::pair<Node*, Gathered>> rest_;  // all of less than those
  std::vector<std::pair<Node*, Gathered>> leaves_;
  std::unordered_map<Node*, size_t> leaf_index_;
};

// Which output of which node an asked-for input is.
struct Target {
  Ref<Node> node;
  uint32_t nr;
  Tensor* result;
};

// What runs on this thread, until the end of the scope.
template <class T>
class Running {
 public:
  Running(T*& place, T* now) : place_(place), before_(std::exchange(place, now)) {}
  ~Running() { place_ = before_; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  T*& place_;
  T* before_;
};

struct Options {
  bool retain_graph;
  bool create_graph;
};

class Pass;
thread_local Pass* running_pass = nullptr;

// One backward pass. An op's sequence number is greater than those of everything it used, so the
// pending node with the greatest number has received all of its gradients: no counting of
// dependencies, no recursion.
//
// A node keeps those alive that it leads to, and the pass those where it begins: hooks may drop the
// caller's last handle to the graph.
class Pass {
 public:
  explicit Pass(Options options) : options_(options) {}

  // Gradients for these alone: nothing goes into leaves, and only nodes that lead there run.
  void aim_at(const std::vector<Tensor>& inputs, std::vector<Tensor>& results,
              const std::vector<Tensor>& outputs) {
    targeted_ = true;
    for (size_t i = 0; i < inputs.size(); ++i)
      targets_.push_back(
          {Ref<Node>::share(inputs[i].impl()->node), inputs[i].impl()->output_nr, &results[i]});
    mark_useful(outputs);
  }

  void seed(const Tensor& output, Tensor gradient) {
    Node* node = output.impl()->node;
    roots_.push_back(Ref<Node>::share(node));
    pending_.deliver(node, output.impl()->output_nr, std::move(gradient));
  }

  void run() {
    const profile_scope scope("engine", profile_scope::Phase::backward);
    const GradMode mode(options_.create_graph);
    const Running<Pass> running(running_pass, this);
    if (!targeted_ && detail::leaves_have_hooks) count_uses();
    while (pending_.has_ops()) {
      auto [node, grads] = pending_.pop_op();
      keep(*node, grads.all());
      pull_back(*node, grads);
    }
    for (auto& [leaf, grads] : pending_.take_leaves())
      if (!grads.empty()) finish(*leaf, std::move(grads.all()[0]));
    for (auto& [leaf, parts] : rows_) leaf->accumulate(std::move(parts));
  }

  // Hooks of the node would see what others gave as its own.
  Tensor take_gathered(const Node& node, const Shape& shape) {
    const std::span<const Edge> inputs = node.inputs();
    const bool may = inputs.size() == 1 && !options_.create_graph && !node.has_hooks();
    return may ? pending_.take(inputs[0], shape) : Tensor();
  }

  // They go by the tensors that the engine passes on, straight to where they are for.
  void give_rows(Node& node, SparseRows rows) {
    auto& leaf = static_cast<LeafNode&>(*node.inputs()[0].node);
    check<AutogradError>(!targeted_ && !options_.create_graph,
                         "{}: the gradient of '{}' for its weight is one of rows (sparse = true), "
                         "which {}; take sparse = false",
                         targeted_ ? "grad" : "backward", node.name(),
                         targeted_ ? "backward() leaves in sparse_grad() and a tensor can't hold"
                                   : "can't be differentiated again");
    leaf.check_takes_rows();
    Grads seen(rows.values);
    detail::report_returned(node, seen);
    rows_[&leaf].push_back(std::move(rows));
  }

 private:
  bool wanted(const Edge& edge) const {
    return edge.node && (!targeted_ || useful_.contains(edge.node->sequence()));
  }

  // Nodes on a path from the outputs to a target. Walking up the sequence numbers meets every node
  // after those it used.
  void mark_useful(const std::vector<Tensor>& outputs) {
    std::map<uint64_t, Node*> reached;
    std::vector<Node*> open;
    for (const Tensor& t : outputs) open.push_back(t.impl()->node);
    while (!open.empty()) {
      Node* node = open.back();
      open.pop_back();
      if (!reached.emplace(node->sequence(), node).second) continue;
      for (const Edge& e : node->inputs())
        if (e.node) open.push_back(e.node.get());
    }
    for (const Target& t : targets_) useful_.emplace(t.node->sequence(), t.node.get());
    for (const auto& [sequence, node] : reached)
      for (const Edge& e : node->inputs())
        if (e.node && useful_.contains(e.node->sequence())) useful_.emplace(sequence, node);
  }

  // How often the graph uses each leaf that has hooks. Such a leaf gets its gradient once the last
  // of these uses has given its share, so that what its hooks start, an exchange between processes,
  // say, runs beside the rest of the pass.
  void count_uses() {
    std::unordered_set<Node*> seen;
    std::vector<Node*> open;
    for (const Ref<Node>& root : roots_)
      if (seen.insert(root.get()).second) open.push_back(root.get());
    while (!open.empty()) {
      Node* node = open.back();
      open.pop_back();
      for (const Edge& e : node->inputs()) {
        if (!e.node) continue;
        if (!e.node->is_leaf()) {
          if (seen.insert(e.node.get()).second) open.push_back(e.node.get());
        } else if (e.node->has_hooks()) {
          ++uses_[e.node.get()];
        }
      }
    }
  }

  // Leaves of which these were the last uses.
  void finish_leaves(std::span<const Edge> edges) {
    for (const Edge& edge : edges) {
      const auto it = uses_.find(edge.node.get());
      if (it == uses_.end() || --it->second > 0) continue;
      if (Tensor grad = pending_.take_leaf(it->first); grad.defined())
        finish(*it->first, std::move(grad));
    }
  }

  void finish(Node& leaf, Tensor grad) {
    keep(leaf, {&grad, 1});
    if (!targeted_) static_cast<LeafNode&>(leaf).accumulate(std::move(grad), options_.create_graph);
  }

  // Gradients that somebody asked to see.
  void keep(Node& node, std::span<Tensor> grads) {
    if (node.has_hooks()) [[unlikely]]
      node.see_grads(grads);
    for (const Target& t : targets_)
      if (t.node.get() == &node) *t.result = grads[t.nr];
  }

  void pull_back(Node& node, Gathered& grads) {
    if (node.has_hooks() && grads.empty()) return;  // one has taken what there was
    const std::span<const Edge> edges = node.inputs();
    uint64_t needs = 0;
    bool any = false;
    for (size_t i = 0; i < edges.size(); ++i) {
      if (!wanted(edges[i])) continue;
      any = true;
      if (i < 64) needs |= uint64_t{1} << i;
    }
    if (!any) return;
    Grads out = apply(node, grads.all(), Needs(needs));
    check<AutogradError>(out.size() == edges.size(),
                         "backward of '{}' returned {} gradients for {} inputs", node.name(),
                         out.size(), edges.size());
    for (size_t i = 0; i < edges.size(); ++i)
      if (wanted(edges[i]) && out[i].defined())
        pending_.deliver(edges[i].node.get(), edges[i].nr, fit(std::move(out[i]), node, i));
    if (!uses_.empty()) [[unlikely]]
      finish_leaves(edges);
  }

  // Drops the node's own gradients and saved tensors as soon as they are used.
  Grads apply(Node& node, std::span<Tensor> grads, Needs needs) {
    const Running<Node> running(detail::running_node, &node);
    const profile_scope scope(node.name(), profile_scope::Phase::pullback);
    detail::report_arrived(node, grads);
    std::vector<Tensor> seen;
    if (node.has_hooks()) [[unlikely]]
      seen = node.grads_for_hooks(grads);
    Grads out = node.pull_back(grads, needs, !options_.retain_graph);
    detail::report_returned(node, out);
    for (Tensor& g : grads) g = Tensor();
    if (!seen.empty()) [[unlikely]]
      node.see_input_grads(out, seen);
    return out;
  }

  // The gradient in the shape and dtype of the input it belongs to.
  static Tensor fit(Tensor g, const Node& node, size_t i) {
    const Edge& edge = node.inputs()[i];
    const OutputInfo& info = edge.node->outputs()[edge.nr];
    if (g.shape() == info.shape && g.dtype() == info.dtype) return g;
    const int extra = g.dim() - info.shape.rank();
    bool ok = extra >= 0;
    for (int d = 0; ok && d < info.shape.rank(); ++d)
      ok = info.shape[d] == g.shape()[extra + d] || info.shape[d] == 1;
    check<AutogradError>(
        ok, "backward of '{}' returned a gradient of shape {} for input {} of shape {}",
        node.name(), g.shape(), i, info.shape);
    return detail::reduce_to(g, info.shape, info.dtype);
  }

  Options options_;
  std::vector<Ref<Node>> roots_;
  bool targeted_ = false;
  std::vector<Target> targets_;
  std::map<uint64_t, Node*> useful_;
  Pending pending_;
  std::unordered_map<Node*, int64_t> uses_;
  std::map<LeafNode*, std::vector<SparseRows>> rows_;
};

void check_output(const char* op, const Tensor& t) {
  check(t.defined(), "{}: an output is undefined", op);
  check<AutogradError>(t.requires_grad(),
                       "{}: the output of shape {} does not require grad: it was computed from "
                       "nothing that does, under no_grad, or detached",
                       op, t.shape());
}

Tensor seed_gradient(const char* op, const Tensor& output, const std::vector<Tensor>& given,
                     size_t i) {
  if (i < given.size() && given[i].defined()) {
    check<ShapeError>(given[i].shape() == output.shape(),
                      "{}: the gradient has shape {}, the output {}", op, given[i].shape(),
                      output.shape());
    check<DTypeError>(given[i].dtype() == output.dtype(), "{}: the gradient is {}, the output {}",
                      op, given[i].dtype(), output.dtype());
    return given[i];
  }
  check<AutogradError>(output.numel() == 1,
                       "{}: only a one-element output has an implicit gradient; this one has shape "
                       "{}, so pass a gradient (or reduce it, as by sum())",
                       op, output.shape());
  return ones_like(output);
}

void seed_all(Pass& pass, const char* op, const std::vector<Tensor>& outputs,
              const std::vector<Tensor>& gradients) {
  check(gradients.size() <= outputs.size(), "{}: {} gradients for {} outputs", op, gradients.size(),
        outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i)
    pass.seed(outputs[i], seed_gradient(op, outputs[i], gradients, i));
}

}  // namespace

Tensor detail::take_gathered(const Shape& shape) {
  return running_pass ? running_pass->take_gathered(*running_node, shape) : Tensor();
}

void detail::give_rows(SparseRows rows) { running_pass->give_rows(*running_node, std::move(rows)); }

void backward(const std::vector<Tensor>& outputs, const std::vector<Tensor>& grad_outputs,
              bool retain_graph, bool create_graph) {
  for (const Tensor& t : outputs) check_output("backward", t);
  Pass pass({retain_graph || create_graph, create_graph});
  seed_all(pass, "backward", outputs, grad_outputs);
  pass.run();
}

void Tensor::backward(const Tensor& gradient, bool retain_graph, bool create_graph) const {
  rw::backward({*this}, {gradient}, retain_graph, create_graph);
}

std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const GradOptions& options) {
  for (const Tensor& t : outputs) check_output("grad", t);
  for (size_t i = 0; i < inputs.size(); ++i)
    check<AutogradError>(inputs[i].defined() && inputs[i].requires_grad(),
                         "grad: input {} does not require grad", i);
  std::vector<Tensor> results(inputs.size());
  Pass pass({options.retain_graph || options.create_graph, options.create_graph});
  pass.aim_at(inputs, results, outputs);
  seed_all(pass, "grad", outputs, options.grad_outputs);
  pass.run();
  for (size_t i = 0; i < results.size() && !options.allow_unused; ++i)
    check<AutogradError>(results[i].defined(),
                         "grad: the outputs do not depend on input {}; pass allow_unused = true to "
                         "get an undefined gradient for it",
                         i);
  return results;
}

}  // namespace rw
