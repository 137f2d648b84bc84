#include <rewind/distributed/data_parallel.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/hooks.h>
#include <rewind/autograd/node.h>
#include <rewind/distributed/buckets.h>
#include <rewind/distributed/collectives.h>
#include <rewind/distributed/context.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::distributed::detail {
namespace {

constexpr const char* self = "DistributedDataParallel";

// What a rank does in a round of join().
enum Activity : int64_t { joined, syncing, accumulating };

}  // namespace

struct Reducer::Impl {
  Impl(nn::Module& m, const DataParallelOptions& o);

  void check_same_models() const;
  void broadcast_state(bool with_parameters) const;
  void hook_parameters(const std::shared_ptr<Impl>& own);
  void start_forward();
  void expect_complete() const;
  void count_active(Activity own);
  void gradient_came(size_t i);
  void mark_unused();
  void mark_ready(size_t i, const Tensor& grad);
  void launch(size_t b);
  void finalize();
  void deliver();
  void rebuild(const std::vector<int64_t>& order);
  void shadow();
  int root() const { return group.ranks()[static_cast<size_t>(source)]; }

  nn::Module& module;
  DataParallelOptions options;
  Group group;
  std::vector<std::string> names;
  std::vector<Tensor> params;
  std::unordered_map<const Node*, size_t> by_leaf;
  std::vector<HookHandle> hooks;
  std::vector<Bucket> buckets;
  std::vector<std::pair<size_t, size_t>> places;  // of parameters: bucket, and which of it

  bool sync = true;
  bool armed = false;    // the next backward exchanges
  bool started = false;  // it has begun to
  bool rebuilt = false;
  bool joining = false;
  int64_t step = -1;
  int source = 0;   // the rank of the group whose buffers count
  int active = 0;   // ranks that are not done
  size_t next = 0;  // the bucket to be launched next
  std::vector<char> ready, used;
  std::vector<int64_t> order;  // in which gradients came
  Tensor use;                  // by how many ranks each parameter is used
  Work use_work;
};

Reducer::Impl::Impl(nn::Module& m, const DataParallelOptions& o)
    : module(m), options(o), group(o.process_group) {
  check(options.bucket_cap_mb > 0 && options.first_bucket_mb > 0,
        "{}: expected buckets of more than 0 MB, got {} and {}", self, options.first_bucket_mb,
        options.bucket_cap_mb);
  Context::get(self);
  check(group.rank() >= 0, "{}: this rank is none of the group's", self);
  for (const auto& [name, p] : module.named_parameters()) {
    if (!p.requires_grad()) continue;
    by_leaf.emplace(p.impl()->node, params.size());
    names.push_back(name);
    params.push_back(p);
  }
  check(!params.empty(), "{}: expected a module with parameters that require a gradient", self);
  check_same_models();
  // Exchanges of the program, as in the midst of a backward, don't get between ours.
  if (group.ranks() == Group().ranks()) group = new_group(group.ranks());
  broadcast_state(true);
  active = group.size();
  std::vector<int64_t> backwards(params.size());
  for (size_t i = 0; i < params.size(); ++i)
    backwards[i] = static_cast<int64_t>(params.size() - 1 - i);
  rebuild(backwards);
}

void Reducer::Impl::check_same_models() const {
  int64_t elements = 0, hash = 0;
  for (const Tensor& p : params) {
    elements += p.numel();
    hash = (hash * 31 + p.numel()) * 31 + static_cast<int64_t>(p.dtype());
    hash &= (int64_t{1} << 40) - 1;
  }
  const Tensor own = from<int64_t>({static_cast<int64_t>(params.size()), elements, hash});
  const Tensor all = empty({int64_t{group.size()}, 3}, int64);
  all_gather_into_tensor(all, own, {.group = group});
  for (int r = 1; r < group.size(); ++r)
    check(all[r].to_vector<int64_t>() == all[0].to_vector<int64_t>(),
          "{}: ranks have other models: rank {} has {} parameters of {} elements, rank {} has {} "
          "of {}",
          self, group.ranks()[0], all[0][0].item<int64_t>(), all[0][1].item<int64_t>(),
          group.ranks()[static_cast<size_t>(r)], all[r][0].item<int64_t>(),
          all[r][1].item<int64_t>());
}

void Reducer::Impl::broadcast_state(bool with_parameters) const {
  std::vector<Tensor> tensors = module.buffers();
  if (with_parameters)
    for (const auto& [name, p] : module.named_parameters()) tensors.push_back(p);
  std::vector<Work> works;
  for (const Tensor& t : tensors)
    works.push_back(broadcast(t, root(), {.group = group, .async_op = true}));
  for (Work& work : works) work.wait();
}

void Reducer::Impl::hook_parameters(const std::shared_ptr<Impl>& own) {
  for (size_t i = 0; i < params.size(); ++i)
    hooks.push_back(
        register_post_accumulate_grad_hook(params[i], [weak = std::weak_ptr(own), i](Tensor&) {
          if (const auto reducer = weak.lock()) reducer->gradient_came(i);
        }));
}

// Buckets of one dtype each, filled in this order.
void Reducer::Impl::rebuild(const std::vector<int64_t>& in_order) {
  buckets = make_buckets(params, in_order, options.first_bucket_mb, options.bucket_cap_mb);
  places.resize(params.size());
  for (size_t b = 0; b < buckets.size(); ++b) {
    // Not before buckets are final: what rounding loses is theirs.
    buckets[b].compressed =
        options.compression == Compression::bfloat16 && (rebuilt || options.find_unused_parameters);
    for (size_t k = 0; k < buckets[b].params.size(); ++k) places[buckets[b].params[k]] = {b, k};
  }
}

// --- Forward ------------------------------------------------------------------------------------

void Reducer::Impl::start_forward() {
  if (!is_grad_enabled() || !module.is_training()) return;
  expect_complete();
  if (joining) count_active(sync ? syncing : accumulating);
  armed = sync;
  if (!sync) return;
  if (!started) {
    ++step;
    Context::get(self).progress().set_place({step, -1});
    next = 0;
    order.clear();
    ready.assign(params.size(), 0);
    used.assign(params.size(), 0);
    for (Bucket& b : buckets) b.reset();
  }
  if (options.broadcast_buffers) broadcast_state(false);
}

void Reducer::Impl::expect_complete() const {
  if (!started) return;
  std::string missing;
  for (size_t i = 0; i < params.size(); ++i)
    if (!ready[i]) missing += (missing.empty() ? "'" : ", '") + names[i] + "'";
  fail(
      "{}: the last backward gave no gradient to {}; take find_unused_parameters = true where "
      "the loss need not depend on all parameters",
      self, missing);
}

// --- Backward -----------------------------------------------------------------------------------

void Reducer::Impl::gradient_came(size_t i) {
  if (!armed) return;
  const no_grad guard;
  check(!ready[i], "{}: '{}' got its gradient twice in one backward", self, names[i]);
  if (!std::exchange(started, true) && options.find_unused_parameters) mark_unused();
  order.push_back(static_cast<int64_t>(i));
  used[i] = 1;
  mark_ready(i, params[i].grad());
  if (next == buckets.size()) finalize();
}

// Parameters that no gradient will come for: what they gathered before travels.
void Reducer::Impl::mark_unused() {
  for (size_t i = 0; i < params.size(); ++i)
    if (!used[i]) mark_ready(i, params[i].grad());
}

void Reducer::Impl::mark_ready(size_t i, const Tensor& grad) {
  ready[i] = 1;
  const auto [b, slot] = places[i];
  buckets[b].put(slot, grad);
  while (next < buckets.size() && buckets[next].full()) launch(next++);
}

void Reducer::Impl::launch(size_t b) {
  const double ranks = options.divide_by_initial_world_size ? group.size() : active;
  if (b > 0) buckets[b - 1].pass_on();
  buckets[b].launch(group, ranks, {step, static_cast<int64_t>(b)});
  if (b + 1 < buckets.size() || !options.find_unused_parameters) return;
  buckets[b].pass_on();
  use = empty({static_cast<int64_t>(params.size())}, int32);
  for (size_t i = 0; i < params.size(); ++i) use.data<int32_t>()[i] = used.empty() ? 0 : used[i];
  use_work = all_reduce(use, {.op = ReduceOp::max, .group = group, .async_op = true});
}

void Reducer::Impl::finalize() {
  deliver();
  started = armed = false;
  if (rebuilt || options.find_unused_parameters) return;
  const Tensor of_source = from(order);
  broadcast(of_source, root(), {.group = group});
  rebuilt = true;
  rebuild(of_source.to_vector<int64_t>());
}

void Reducer::Impl::deliver() {
  for (Bucket& b : buckets) b.wait();
  use_work.wait();
  for (const Bucket& b : buckets)
    for (size_t k = 0; k < b.params.size(); ++k) {
      const Tensor& p = params[b.params[k]];
      if (options.find_unused_parameters && use[static_cast<int64_t>(b.params[k])].item<int>() == 0)
        continue;
      if (Tensor grad = p.grad(); grad.defined())
        grad.copy_(b.views[k]);
      else
        p.set_grad(b.views[k].clone());
    }
}

// --- Loops of other lengths ---------------------------------------------------------------------

void Reducer::Impl::count_active(Activity own) {
  const Tensor all = zeros({int64_t{group.size()}}, int64);
  all[group.rank()].fill_(static_cast<int64_t>(own));
  all_reduce(all, {.group = group});
  const auto activity = all.to_vector<int64_t>();
  active = 0;
  bool sums = false;
  for (size_t r = activity.size(); r-- > 0;) {
    if (activity[r] == joined) continue;
    source = static_cast<int>(r);
    ++active;
    sums = sums || activity[r] == syncing;
  }
  if (own == joined) armed = sums;
}

// What a rank that is done does in a step of the others.
void Reducer::Impl::shadow() {
  ++step;
  if (options.broadcast_buffers) broadcast_state(false);
  used.assign(params.size(), 0);
  for (size_t b = 0; b < buckets.size(); ++b) {
    for (size_t k = 0; k < buckets[b].params.size(); ++k) buckets[b].put(k, {});
    launch(b);
    buckets[b].reset();
  }
  for (Bucket& b : buckets) b.wait();
  use_work.wait();
  if (rebuilt || options.find_unused_parameters) return;
  const Tensor of_source = zeros({static_cast<int64_t>(params.size())}, int64);
  broadcast(of_source, root(), {.group = group});
  rebuilt = true;
  rebuild(of_source.to_vector<int64_t>());
}

// --- What is public -----------------------------------------------------------------------------

Reducer::Reducer(nn::Module& module, const DataParallelOptions& options)
    : impl_(std::make_shared<Impl>(module, options)) {
  impl_->hook_parameters(impl_);
}

Reducer::~Reducer() {
  for (HookHandle& hook : impl_->hooks) hook.remove();
}

void Reducer::start_forward() { impl_->start_forward(); }

void Reducer::see_result(const Tensor& result) {
  Impl& r = *impl_;
  if (!r.armed || !r.options.find_unused_parameters || !result.defined() || !result.requires_grad())
    return;
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> open = {result.impl()->node};
  while (!open.empty()) {
    const Node* node = open.back();
    open.pop_back();
    if (!seen.insert(node).second) continue;
    if (const auto leaf = r.by_leaf.find(node); leaf != r.by_leaf.end()) r.used[leaf->second] = 1;
    for (const Edge& e : node->inputs())
      if (e.node) open.push_back(e.node.get());
  }
}

void Reducer::set_sync(bool on) { impl_->sync = on; }
bool Reducer::syncs() const { return impl_->sync; }

void Reducer::start_join() {
  check(!impl_->joining, "{}: join: called in a join", self);
  impl_->joining = true;
}

void Reducer::end_join() {
  Impl& r = *impl_;
  const no_grad guard;
  for (;;) {
    const int last = r.source;
    r.count_active(joined);
    if (r.active == 0) {
      r.source = last;
      break;
    }
    if (std::exchange(r.armed, false)) r.shadow();
  }
  r.broadcast_state(true);
  r.joining = false;
  r.source = 0;
  r.active = r.group.size();
}

std::vector<std::vector<std::string>> Reducer::buckets() const {
  std::vector<std::vector<std::string>> all;
  for (const Bucket& b : impl_->buckets) {
    all.emplace_back();
    for (const size_t i : b.params) all.back().push_back(impl_->names[i]);
  }
  return all;
}

}  // namespace rw::distributed::detail
