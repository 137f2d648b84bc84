#pragma once

#include <atomic>
#include <span>
#include <utility>
#include <vector>

#include <rewind/tensor/sparse_rows.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw {

namespace detail {
struct NodeHooks;
}

/// Which inputs of an op want a gradient. Inputs past the 64th always count as wanting one.
class Needs {
 public:
  /// Bit i stands for input i.
  explicit Needs(uint64_t bits) : bits_(bits) {}
  /// Whether input i wants one.
  bool operator[](size_t i) const { return i >= 64 || ((bits_ >> i) & 1u) != 0; }

 private:
  uint64_t bits_;
};

/// Gradients that a pullback returns, one per input in order; undefined where none is wanted.
class Grads {
 public:
  /// None: of an op without inputs.
  Grads() = default;
  /// Those of up to five inputs.
  template <class... T>
  Grads(Tensor first, T&&... rest) : size_(1 + sizeof...(rest)) {
    static_assert(1 + sizeof...(rest) <= inline_capacity, "return a std::vector<Tensor> instead");
    inline_[0] = std::move(first);
    size_t i = 1;
    ((inline_[i++] = std::forward<T>(rest)), ...);
  }
  /// Those of any number of inputs.
  Grads(std::vector<Tensor> many) : many_(std::move(many)), size_(many_.size()) {}

  /// How many there are.
  size_t size() const { return size_; }
  /// That of input i, which is not checked.
  Tensor& operator[](size_t i) { return many_.empty() ? inline_[i] : many_[i]; }

 private:
  static constexpr size_t inline_capacity = 5;
  Tensor inline_[inline_capacity];
  std::vector<Tensor> many_;
  size_t size_ = 0;
};

/// Output `nr` of `node`; no node where no gradient is required.
struct Edge {
  Ref<Node> node;   ///< what made a tensor
  uint32_t nr = 0;  ///< which of its outputs that is
};

/// What the engine needs to know of an output in order to check and reduce its gradient.
struct OutputInfo {
  Shape shape;                   ///< sizes
  DType dtype = DType::float32;  ///< element type
};

/// A recorded op: where its inputs came from, and how to pull gradients back. Sequence numbers
/// grow as nodes are made, so a node's number is greater than those of everything it used.
///
/// Backward passes of several threads may meet at a node: see pull_back.
class Node : public RefCounted {
 public:
  /// Drops the inputs' nodes; called by dispose.
  virtual ~Node();
  /// Gradients of the inputs from those of the outputs (undefined where no gradient arrived), which
  /// may be moved from. With `last`, what was saved for it is dropped once every pass that is in
  /// here has left, unless the call throws: this node can then be tried again. Throws AutogradError
  /// after a last call that succeeded, unless there was nothing to drop.
  Grads pull_back(std::span<Tensor> grads, Needs needs, bool last);
  /// Drops what was saved for the pullback.
  void release_saved();
  /// What is saved for it: not what saved_tensors_hooks packed away, and nothing where the pullback
  /// can't be copied. Counts as a pass that is not the last.
  std::vector<Tensor> saved();
  /// Whether it is a LeafNode, and no op.
  virtual bool is_leaf() const { return false; }
  /// Frees a node, and what only it kept alive, without recursion.
  static void dispose(Node* node) noexcept;

  /// The name of the op, or "leaf".
  const char* name() const { return name_; }
  /// Its number, in the order in which nodes of all threads were made.
  uint64_t sequence() const { return sequence_; }
  /// Where each input came from.
  std::span<const Edge> inputs() const { return {edges_, n_edges_}; }
  ///@{
  /// What each output looks like.
  std::span<const OutputInfo> outputs() const { return {outputs_, n_outputs_}; }
  OutputInfo& output(uint32_t nr) { return outputs_[nr]; }
  ///@}

  /// What retain_grad kept of the gradient of output `nr`; undefined until then.
  Tensor retained_grad(uint32_t nr) const;
  /// Keeps the gradient of output `nr` from now on; see Tensor::retain_grad.
  void retain_grad(uint32_t nr);
  /// Whether it does so.
  bool retains_grad(uint32_t nr) const;
  /// The tensor that was output `nr` has become output `to_nr` of `to`: what it asked for goes
  /// along.
  void hand_retained_grad(uint32_t nr, Node& to, uint32_t to_nr);
  /// Whether anything of hooks() has been asked for.
  bool has_hooks() const { return present_hooks() != nullptr; }
  /// Hooks and kept gradients, made at the first call.
  detail::NodeHooks& hooks();
  /// Shows the outputs' gradients to hooks, which may replace them, and to retain_grad.
  void see_grads(std::span<Tensor> grads);
  /// Copies of the outputs' gradients, which the pullback may use up, where hooks ask for them.
  std::vector<Tensor> grads_for_hooks(std::span<const Tensor> grads) const;
  /// `grad_outputs` as from grads_for_hooks, before the pullback.
  void see_input_grads(Grads& grads, std::span<const Tensor> grad_outputs);

 protected:
  /// Over arrays that live as long as the node. With `keeps_nothing`, it can be passed any number
  /// of times.
  Node(const char* name, Edge* edges, size_t n_edges, OutputInfo* outputs, size_t n_outputs,
       bool keeps_nothing);
  /// Runs the pullback.
  virtual Grads apply(std::span<Tensor> grads, Needs needs) = 0;
  /// Destroys the pullback, with all that it saved.
  virtual void drop_saved() = 0;
  /// Copies the pullback, if that is possible, and drops the copy: see
  /// detail::copied_saved_tensors.
  virtual void copy_saved() const = 0;
  /// Null where nobody looks.
  detail::NodeHooks* present_hooks() const { return hooks_.load(std::memory_order_acquire); }

 private:
  bool enter(bool last);
  void leave();

  const char* name_;
  uint64_t sequence_;
  Edge* edges_;
  OutputInfo* outputs_;
  uint32_t n_edges_;
  uint32_t n_outputs_;
  bool keeps_nothing_;
  std::atomic<uint32_t> passes_{0};  // that are in the pullback, and `closed`
  Node* next_dead_ = nullptr;
  std::atomic<detail::NodeHooks*> hooks_{nullptr};  // owned
};

/// Where the gradient of a leaf gathers. The tensor holds the node, the node not the tensor.
class LeafNode final : public Node {
 public:
  /// Of the leaf's shape and dtype, without a gradient.
  static Ref<Node> make(const Tensor& leaf);
  bool is_leaf() const override { return true; }

  ///@{
  /// What has gathered; undefined where nothing has. It is dense, or of rows: grad() throws for
  /// those, sparse_grad() is undefined for the other.
  Tensor grad() const;
  SparseRows sparse_grad() const;
  ///@}
  ///@{
  /// Replaces it; an undefined one drops it.
  void set_grad(Tensor grad);
  void set_sparse_grad(SparseRows grad);
  ///@}
  /// The tensor's shape and dtype have changed; a gradient that does not fit any more is dropped.
  void set_info(const OutputInfo& info);
  /// Adds a gradient, out of place (and kept on the tape) with create_graph, and shows the sum to
  /// hooks.
  void accumulate(Tensor grad, bool create_graph);
  /// Adds rows, in any number of parts: to a gradient of rows as more of them.
  void accumulate(std::vector<SparseRows> parts);
  /// Throws AutogradError where a hook would have to see a gradient of rows.
  void check_takes_rows() const;

 private:
  explicit LeafNode(const Tensor& leaf);
  Grads apply(std::span<Tensor>, Needs) override { return {}; }
  void drop_saved() override {}
  void copy_saved() const override {}
  void add(Tensor grad, bool create_graph);

  OutputInfo info_;
  mutable std::atomic_flag busy_;
  Tensor grad_;
  SparseRows rows_;  // where grad_ is undefined
};

}  // namespace rw

#pragma GCC visibility pop
