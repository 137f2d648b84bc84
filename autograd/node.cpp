#include <rewind/autograd/node.h>

#include <atomic>

#include <rewind/autograd/anomaly.h>
#include <rewind/autograd/autograd.h>
#include <rewind/autograd/node_hooks.h>
#include <rewind/autograd/record.h>
#include <rewind/autograd/sparse_grad.h>
#include <rewind/tensor/check.h>

namespace rw {

// Views of views may be a long chain: no recursion.
void TensorImpl::dispose(TensorImpl* t) noexcept {
  while (t) {
    if (t->node && t->node->release()) Node::dispose(t->node);
    TensorImpl* next = t->taken_of.detach();
    delete t;
    t = next && next->release() ? next : nullptr;
  }
}

namespace {
std::atomic<uint64_t> next_sequence{1};
}

Node::Node(const char* name, Edge* edges, size_t n_edges, OutputInfo* outputs, size_t n_outputs,
           bool keeps_nothing)
    : name_(name),
      sequence_(next_sequence.fetch_add(1, std::memory_order_relaxed)),
      edges_(edges),
      outputs_(outputs),
      n_edges_(static_cast<uint32_t>(n_edges)),
      n_outputs_(static_cast<uint32_t>(n_outputs)),
      keeps_nothing_(keeps_nothing) {}

Node::~Node() {
  detail::report_destroyed(*this);
  for (uint32_t i = 0; i < n_edges_; ++i) edges_[i].~Edge();
  delete hooks_.load(std::memory_order_relaxed);
}

// --- Passes through a node ----------------------------------------------------------------------

namespace {
constexpr uint32_t closed = uint32_t{1} << 31;  // the last pass has entered: no other may
}

bool Node::enter(bool last) {
  uint32_t now = passes_.load(std::memory_order_relaxed);
  do {
    if (now & closed) return false;
  } while (!passes_.compare_exchange_weak(now, (now + 1) | (last ? closed : 0),
                                          std::memory_order_acquire, std::memory_order_relaxed));
  return true;
}

// Nobody can enter a closed node: alone there, one leaves without a locked decrement.
void Node::leave() {
  if (passes_.load(std::memory_order_acquire) == (closed | 1))
    passes_.store(closed, std::memory_order_relaxed);
  else if (passes_.fetch_sub(1, std::memory_order_acq_rel) != (closed | 1))
    return;
  drop_saved();
}

Grads Node::pull_back(std::span<Tensor> grads, Needs needs, bool last) {
  if (keeps_nothing_) return apply(grads, needs);
  if (!enter(last)) detail::fail_released(name());
  struct Visit {
    ~Visit() {
      // A pullback that threw may be called again, once its user has mended what was wrong.
      if (failed && last) node.passes_.fetch_and(~closed, std::memory_order_relaxed);
      node.leave();
    }
    Node& node;
    bool last;
    bool failed = true;
  } visit{*this, last};
  Grads out = apply(grads, needs);
  visit.failed = false;
  return out;
}

void Node::release_saved() {
  if (!keeps_nothing_ && enter(true)) leave();
}

std::vector<Tensor> Node::saved() {
  std::vector<Tensor> tensors;
  if (!enter(false)) return tensors;
  struct Collect {
    ~Collect() {
      detail::copied_saved_tensors = before;
      node.leave();
    }
    Node& node;
    std::vector<Tensor>* before;
  } collect{*this, std::exchange(detail::copied_saved_tensors, &tensors)};
  copy_saved();
  return tensors;
}

// --- The end of a node --------------------------------------------------------------------------

// Destroying a node drops its edges and saved tensors, whose nodes may go too. They queue up here
// rather than on the stack, which a long chain would overflow.
void Node::dispose(Node* node) noexcept {
  constinit thread_local static Node* dead = nullptr;
  constinit thread_local static bool running = false;
  node->next_dead_ = dead;
  dead = node;
  if (running) return;
  running = true;
  while (Node* n = dead) {
    dead = n->next_dead_;
    delete n;
  }
  running = false;
}

LeafNode::LeafNode(const Tensor& leaf)
    : Node("leaf", nullptr, 0, &info_, 1, true), info_{leaf.shape(), leaf.dtype()} {}

Ref<Node> LeafNode::make(const Tensor& leaf) { return Ref<Node>::adopt(new LeafNode(leaf)); }

namespace {
class SpinLock {
 public:
  explicit SpinLock(std::atomic_flag& flag) : flag_(flag) {
    while (flag_.test_and_set(std::memory_order_acquire)) flag_.wait(true);
  }
  ~SpinLock() {
    flag_.clear(std::memory_order_release);
    flag_.notify_one();
  }
  SpinLock(const SpinLock&) = delete;
  SpinLock& operator=(const SpinLock&) = delete;

 private:
  std::atomic_flag& flag_;
};
}  // namespace

Tensor LeafNode::grad() const {
  const SpinLock lock(busy_);
  check<AutogradError>(!rows_.defined(),
                       "grad: the gradient of shape {} is one of rows, of an embedding with sparse "
                       "= true: read sparse_grad(), or its to_dense()",
                       info_.shape);
  return grad_;
}

SparseRows LeafNode::sparse_grad() const {
  const SpinLock lock(busy_);
  return rows_;
}

void LeafNode::set_grad(Tensor grad) {
  SparseRows none;
  const SpinLock lock(busy_);
  std::swap(grad_, grad);
  std::swap(rows_, none);
}

void LeafNode::set_sparse_grad(SparseRows grad) {
  Tensor none;
  const SpinLock lock(busy_);
  std::swap(rows_, grad);
  std::swap(grad_, none);
}

void LeafNode::set_info(const OutputInfo& info) {
  const SpinLock lock(busy_);
  info_ = info;
  const no_grad guard;
  if (rows_.defined()) {
    if (rows_.shape() == info.shape)
      rows_.values = rows_.values.to(info.dtype);
    else
      rows_ = {};
  }
  if (!grad_.defined()) return;
  grad_ = grad_.shape() == info.shape ? grad_.to(info.dtype) : Tensor();
}

void LeafNode::add(Tensor grad, bool create_graph) {
  const SpinLock lock(busy_);
  if (grad_.defined()) return detail::accumulate(grad_, grad);
  if (rows_.defined()) [[unlikely]] {
    grad_ = std::move(grad);
    return detail::add_rows(grad_, std::exchange(rows_, {}));
  }
  // Somebody else may see this very memory (another leaf's gradient, a view): take a copy then.
  const TensorImpl& impl = *grad.impl();
  const bool mine =
      impl.use_count() == 1 && impl.storage->use_count() == 1 && detail::is_dense(grad);
  grad_ = create_graph || mine ? std::move(grad) : grad.clone();
}

void LeafNode::accumulate(std::vector<SparseRows> parts) {
  const SpinLock lock(busy_);
  if (rows_.defined()) parts.insert(parts.begin(), rows_);
  const SparseRows all = detail::joined(parts);
  if (grad_.defined())
    detail::add_rows(grad_, all);
  else
    rows_ = all;
}

}  // namespace rw
