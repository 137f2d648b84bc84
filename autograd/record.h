#pragma once

#include <memory>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/node.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/profile_scope.h>

#pragma GCC visibility push(default)

namespace rw {

namespace detail {
/// What saved_tensors_hooks made of a tensor.
struct PackedTensor;
inline thread_local bool saved_tensors_are_hooked = false;
std::shared_ptr<PackedTensor> pack(const Tensor& t);
Tensor unpack(const PackedTensor& packed);
/// Where a saved tensor that is copied on this thread enters what it holds, if anywhere. A pullback
/// can't be asked what it has saved, but it can be copied.
inline thread_local std::vector<Tensor>* copied_saved_tensors = nullptr;
}  // namespace detail

/// A tensor kept for the pullback: shares the data, remembers where it stood on the tape, and
/// refuses to be read once the data was changed in place.
class SavedTensor {
 public:
  /// Of an undefined tensor.
  SavedTensor() = default;
  ///@{
  /// Copies share what was saved.
  SavedTensor(const SavedTensor& other);
  SavedTensor(SavedTensor&&) = default;
  SavedTensor& operator=(const SavedTensor&) = default;
  SavedTensor& operator=(SavedTensor&&) = default;
  ///@}
  /// The tensor, on the tape as it was when saved. Throws AutogradError, naming both ops, when the
  /// data was changed in place since. Undefined when an undefined tensor was saved.
  Tensor get() const;

 private:
  friend SavedTensor save(const Tensor& t);
  friend SavedTensor save_result(const Tensor& t, uint32_t nr);

  Tensor data_;  // an input itself; an own result off the tape
  Edge edge_;    // where it stood on the tape
  const Storage* storage_ = nullptr;
  uint32_t version_ = 0;
  bool own_result_ = false;
  std::shared_ptr<detail::PackedTensor> packed_;  // in place of data_, by saved_tensors_hooks
};

/// Saves an input of the op being recorded, or what it has computed on the way (its result is for
/// save_result). Costs nothing in no_grad mode.
SavedTensor save(const Tensor& t);
/// The same of what only the gradient of `other` needs: of nothing where that requires none.
SavedTensor save_for(const Tensor& other, const Tensor& t);
/// Saves output `nr` of the op being recorded, without the node that would own itself.
SavedTensor save_result(const Tensor& t, uint32_t nr = 0);

namespace detail {

struct TensorRef {
  const Tensor* t;
  TensorRef(const Tensor& x) : t(&x) {}
};

/// The inputs of an op: `{x, y}` or a vector of tensors; undefined ones are allowed.
class Inputs {
 public:
  Inputs(std::initializer_list<TensorRef> list) : size_(list.size()) { refs_ = list.begin(); }
  Inputs(const std::vector<Tensor>& v) : tensors_(v.data()), size_(v.size()) {}
  size_t size() const { return size_; }
  const Tensor& operator[](size_t i) const { return tensors_ ? tensors_[i] : *refs_[i].t; }

 private:
  const TensorRef* refs_ = nullptr;
  const Tensor* tensors_ = nullptr;
  size_t size_;
};

class Trace;
/// Where ops of this thread are entered, see autograd/traced.h; null nearly always.
inline constinit thread_local Trace* trace = nullptr;
/// Enters a call of an op there.
void enter(const char* name, const Inputs& inputs, std::span<const Tensor> results);

/// The node being run by backward on this thread, for save_result.
inline thread_local Node* running_node = nullptr;

/// Whether to record. Views whose base was since changed in place on the tape get their nodes anew;
/// throws for one that does not know its base.
bool any_requires_grad(const Inputs& inputs);
/// Where a result is a view, but of something that the op made on the way, it counts as a tensor of
/// its own.
void own_if_fresh(Tensor& result, const Inputs& inputs);
/// Gives a result that is one of the inputs, or was attached to `node` before, a handle of its own:
/// a view, which can't be changed in place on the tape, as that would leave the pullback out.
void own_handle(Tensor& result, const Inputs& inputs, const Node* node);
void fill_edges(Edge* edges, const Inputs& inputs);
void set_node(TensorImpl& t, Ref<Node> node, uint32_t nr);
/// Makes `result` output `nr` of `node`; results of integer type stay off the tape.
void attach(Tensor& result, Ref<Node> node, uint32_t nr);
[[noreturn]] void fail_released(const char* name);
[[noreturn]] void fail_undefined_result(const char* name);

/// A node with its pullback, edges and output descriptions in one block of memory.
template <class F>
class OpNode final : public Node {
 public:
  static Ref<Node> make(const char* name, const Inputs& inputs, size_t n_outputs, F&& f) {
    const size_t head = round_up(sizeof(OpNode), alignof(Edge));
    const size_t bytes = head + inputs.size() * sizeof(Edge) + n_outputs * sizeof(OutputInfo);
    char* block = static_cast<char*>(detail::allocate(bytes));
    Edge* edges = reinterpret_cast<Edge*>(block + head);
    for (size_t i = 0; i < inputs.size(); ++i) new (edges + i) Edge();
    auto* outputs = reinterpret_cast<OutputInfo*>(edges + inputs.size());
    for (size_t i = 0; i < n_outputs; ++i) new (outputs + i) OutputInfo();
    Ref<Node> node = Ref<Node>::adopt(
        new (block) OpNode(name, edges, inputs.size(), outputs, n_outputs, bytes, std::move(f)));
    fill_edges(edges, inputs);
    return node;
  }
  static void operator delete(OpNode* node, std::destroying_delete_t) {
    const size_t bytes = node->bytes_;
    node->~OpNode();
    detail::deallocate(node, bytes);
  }

  Grads apply(std::span<Tensor> grads, Needs needs) override {
    if constexpr (std::is_invocable_r_v<Grads, F&, Tensor, Needs>)
      return (*f_)(std::move(grads[0]), needs);
    else
      return (*f_)(grads, needs);
  }
  void drop_saved() override { f_.reset(); }
  void copy_saved() const override {
    if constexpr (std::is_copy_constructible_v<F>) static_cast<void>(std::optional<F>(f_));
  }

 private:
  static constexpr size_t round_up(size_t n, size_t a) { return (n + a - 1) / a * a; }
  static void* operator new(size_t, void* block) { return block; }
  OpNode(const char* name, Edge* edges, size_t n_edges, OutputInfo* outputs, size_t n_outputs,
         size_t bytes, F&& f)
      : Node(name, edges, n_edges, outputs, n_outputs, std::is_trivially_destructible_v<F>),
        bytes_(bytes),
        f_(std::move(f)) {}

  size_t bytes_;  // of the block
  std::optional<F> f_;
};

}  // namespace detail

/// Puts an op on the tape and returns its result.
///
/// `pullback(const Tensor& g, Needs needs) -> Grads` returns the gradient of every input (undefined
/// where `needs` says that none is wanted) from that of the result. It is written with ops, so that
/// second derivatives come for free. One that takes `Tensor g` owns the gradient, and can pass it
/// on to an op that reuses memory, as `std::move(g) * 2` does. A gradient may have the shape the op
/// broadcast to: it is summed to the input's shape, and converted to its dtype, by the engine.
/// A result that is an input itself is recorded as a view of it, which can't be changed in place on
/// the tape. Nothing is kept when no input requires a gradient, or in no_grad mode.
template <class F>
Tensor record(const char* name, Tensor result, const detail::Inputs& inputs, F pullback) {
  if (!result.defined()) detail::fail_undefined_result(name);
  if (result.impl()->is_view) detail::own_if_fresh(result, inputs);
  if (detail::any_requires_grad(inputs)) {
    detail::own_handle(result, inputs, nullptr);
    detail::attach(result, detail::OpNode<F>::make(name, inputs, 1, std::move(pullback)), 0);
  }
  if (detail::trace) [[unlikely]]
    detail::enter(name, inputs, {&result, 1});
  return result;
}

/// The same for several results: the pullback takes `std::span<const Tensor>`, one gradient per
/// result, undefined where none arrived. Results of integer type stay off the tape, and undefined
/// ones are left as they are. A tensor that is there twice gets a place on the tape for each.
template <class F>
std::vector<Tensor> record(const char* name, std::vector<Tensor> results,
                           const detail::Inputs& inputs, F pullback) {
  for (Tensor& r : results)
    if (r.defined() && r.impl()->is_view) detail::own_if_fresh(r, inputs);
  if (detail::any_requires_grad(inputs)) {
    const Ref<Node> node =
        detail::OpNode<F>::make(name, inputs, results.size(), std::move(pullback));
    for (size_t i = 0; i < results.size(); ++i) {
      if (!results[i].defined()) continue;
      detail::own_handle(results[i], inputs, node.get());
      detail::attach(results[i], node, static_cast<uint32_t>(i));
    }
  }
  if (detail::trace) [[unlikely]]
    detail::enter(name, inputs, results);
  return results;
}

}  // namespace rw

#pragma GCC visibility pop
