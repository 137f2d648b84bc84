#include <rewind/distributed/collectives.h>

#include <algorithm>
#include <array>

#include <rewind/autograd/grad_mode.h>
#include <rewind/distributed/context.h>
#include <rewind/ops/joining.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::distributed {
namespace {

using detail::Call;
using detail::GroupState;

std::shared_ptr<GroupState> group_of(const char* op, const Group& group) {
  detail::Context::get(op);
  const auto& state = group.state();
  check(state->rank >= 0, "{}: this rank is none of the group's", op);
  return state;
}

// A rank of the world as one of the group.
int in_group(const char* op, const GroupState& group, int rank) {
  const auto at = std::find(group.ranks.begin(), group.ranks.end(), rank);
  check(at != group.ranks.end(), "{}: rank {} is none of the group's", op, rank);
  return static_cast<int>(at - group.ranks.begin());
}

void check_defined(const char* op, const Tensor& t) {
  check(t.defined(), "{}: a tensor is undefined", op);
}

// Lists have a tensor for each rank, all of the shape and dtype of `like`.
void check_list(const char* op, const std::vector<Tensor>& list, const Tensor& like, size_t size) {
  check(list.size() == size, "{}: expected a list of {} tensors, one for each rank, got {}", op,
        size, list.size());
  for (const Tensor& t : list) {
    check_defined(op, t);
    check<ShapeError>(t.shape() == like.shape(), "{}: expected tensors of shape {}, got {}", op,
                      like.shape(), t.shape());
    check<DTypeError>(t.dtype() == like.dtype(), "{}: expected tensors of {}, got {}", op,
                      like.dtype(), t.dtype());
  }
}

Tensor joined(const std::vector<Tensor>& list) {
  const no_grad guard;
  return stack(list).contiguous();
}

// Row-major memory that a result is written to, and how it comes into the tensor: nothing is to be
// done where it is the tensor's own.
struct Target {
  Tensor memory;
  std::function<void()> finish;

  Target(const char* op, const Tensor& t) : memory(t.detach()) {
    if (t.is_contiguous()) {
      finish = [m = memory, op] { m.impl()->storage->bump_version(op); };
      return;
    }
    memory = memory.contiguous();
    finish = [to = t.detach(), from = memory]() mutable { to.copy_(from); };
  }
};

ReduceOp reduction(const char* op, const Tensor& t, ReduceOp reduce) {
  if (reduce != ReduceOp::avg) return reduce;
  check<DTypeError>(t.is_floating_point(), "{}: expected a floating tensor for an average, got {}",
                    op, t.dtype());
  return ReduceOp::sum;
}

// What makes an average of a sum.
std::function<void()> averaged(Target target, ReduceOp op, int size) {
  if (op != ReduceOp::avg) return target.finish;
  return [target = std::move(target), size]() mutable {
    target.memory.div_(size);
    target.finish();
  };
}

Work begin(Call call, bool async_op) {
  Work work = detail::start(std::move(call));
  if (!async_op) work.wait();
  return work;
}

size_t size_of(const GroupState& group) { return group.ranks.size(); }

std::function<void()> split_into(const std::vector<Tensor>& list, const Tensor& all) {
  std::vector<Tensor> to;
  for (const Tensor& t : list) to.push_back(t.detach());
  return [to, all]() mutable {
    for (size_t i = 0; i < to.size(); ++i) to[i].copy_(all.select(0, static_cast<int64_t>(i)));
  };
}

Tensor empty_for(const Tensor& piece, const GroupState& group) {
  std::vector<int64_t> sizes = {static_cast<int64_t>(size_of(group))};
  for (int d = 0; d < piece.dim(); ++d) sizes.push_back(piece.size(d));
  return empty(Shape(sizes), piece.dtype());
}

}  // namespace

Work all_reduce(const Tensor& t, const CollectiveOptions& o) {
  const auto group = group_of("all_reduce", o.group);
  check_defined("all_reduce", t);
  const ReduceOp op = reduction("all_reduce", t, o.op);
  const Target target("all_reduce", t);
  return begin({.transfer = {.kind = Exchange::all_reduce,
                             .out = target.memory.raw_data(),
                             .count = t.numel(),
                             .dtype = t.dtype(),
                             .op = op},
                .group = group,
                .shape = t.shape(),
                .held = {target.memory},
                .finish = averaged(target, o.op, static_cast<int>(size_of(*group)))},
               o.async_op);
}

Work broadcast(const Tensor& t, int src, const CollectiveOptions& o) {
  const auto group = group_of("broadcast", o.group);
  check_defined("broadcast", t);
  const Target target("broadcast", t);
  return begin({.transfer = {.kind = Exchange::broadcast,
                             .out = target.memory.raw_data(),
                             .count = t.numel(),
                             .dtype = t.dtype(),
                             .peer = in_group("broadcast", *group, src)},
                .group = group,
                .shape = t.shape(),
                .held = {target.memory},
                .finish = target.finish},
               o.async_op);
}

Work all_gather(const std::vector<Tensor>& list, const Tensor& t, const CollectiveOptions& o) {
  const auto group = group_of("all_gather", o.group);
  check_defined("all_gather", t);
  check_list("all_gather", list, t, size_of(*group));
  const Tensor in = t.detach().contiguous(), all = empty_for(t, *group);
  return begin({.transfer = {.kind = Exchange::all_gather,
                             .in = in.raw_data(),
                             .out = all.raw_data(),
                             .count = t.numel(),
                             .dtype = t.dtype()},
                .group = group,
                .shape = t.shape(),
                .held = {in, all},
                .finish = split_into(list, all)},
               o.async_op);
}

Work all_gather_into_tensor(const Tensor& out, const Tensor& t, const CollectiveOptions& o) {
  const auto group = group_of("all_gather_into_tensor", o.group);
  check_defined("all_gather_into_tensor", t);
  check_defined("all_gather_into_tensor", out);
  const auto n = static_cast<int64_t>(size_of(*group));
  check<ShapeError>(out.numel() == n * t.numel(),
                    "all_gather_into_tensor: expected an output of {} times the elements of shape "
                    "{}, got shape {}",
                    n, t.shape(), out.shape());
  check<DTypeError>(out.dtype() == t.dtype(),
                    "all_gather_into_tensor: expected an output of {}, got {}", t.dtype(),
                    out.dtype());
  const Tensor in = t.detach().contiguous();
  const Target target("all_gather_into_tensor", out);
  return begin({.transfer = {.kind = Exchange::all_gather,
                             .in = in.raw_data(),
                             .out = target.memory.raw_data(),
                             .count = t.numel(),
                             .dtype = t.dtype()},
                .group = group,
                .shape = t.shape(),
                .held = {in, target.memory},
                .finish = target.finish},
               o.async_op);
}

Work gather(const Tensor& t, const std::vector<Tensor>& list, int dst, const CollectiveOptions& o) {
  const auto group = group_of("gather", o.group);
  check_defined("gather", t);
  const int root = in_group("gather", *group, dst);
  Call call{.transfer = {.kind = Exchange::gather, .count = t.numel(), .dtype = t.dtype()},
            .group = group,
            .shape = t.shape(),
            .held = {t.detach().contiguous()}};
  call.transfer.in = call.held[0].raw_data();
  call.transfer.peer = root;
  if (group->rank == root) {
    check_list("gather", list, t, size_of(*group));
    const Tensor all = empty_for(t, *group);
    call.held.push_back(all);
    call.transfer.out = all.raw_data();
    call.finish = split_into(list, all);
  } else {
    check(list.empty(), "gather: expected a list at rank {} alone, got one at rank {}", dst,
          rank());
  }
  return begin(std::move(call), o.async_op);
}

Work scatter(const Tensor& t, const std::vector<Tensor>& list, int src,
             const CollectiveOptions& o) {
  const auto group = group_of("scatter", o.group);
  check_defined("scatter", t);
  const int root = in_group("scatter", *group, src);
  const Target target("scatter", t);
  Call call{.transfer = {.kind = Exchange::scatter,
                         .out = target.memory.raw_data(),
                         .count = t.numel(),
                         .dtype = t.dtype(),
                         .peer = root},
            .group = group,
            .shape = t.shape(),
            .held = {target.memory},
            .finish = target.finish};
  if (group->rank == root) {
    check_list("scatter", list, t, size_of(*group));
    call.held.push_back(joined(list));
    call.transfer.in = call.held.back().raw_data();
  } else {
    check(list.empty(), "scatter: expected a list at rank {} alone, got one at rank {}", src,
          rank());
  }
  return begin(std::move(call), o.async_op);
}

Work reduce_scatter(const Tensor& t, const std::vector<Tensor>& list, const CollectiveOptions& o) {
  const auto group = group_of("reduce_scatter", o.group);
  check_defined("reduce_scatter", t);
  check_list("reduce_scatter", list, t, size_of(*group));
  const ReduceOp op = reduction("reduce_scatter", t, o.op);
  const Target target("reduce_scatter", t);
  const Tensor in = joined(list);
  return begin({.transfer = {.kind = Exchange::reduce_scatter,
                             .in = in.raw_data(),
                             .out = target.memory.raw_data(),
                             .count = t.numel(),
                             .dtype = t.dtype(),
                             .op = op},
                .group = group,
                .shape = t.shape(),
                .held = {in, target.memory},
                .finish = averaged(target, o.op, static_cast<int>(size_of(*group)))},
               o.async_op);
}

Work all_to_all(const std::vector<Tensor>& out, const std::vector<Tensor>& list,
                const CollectiveOptions& o) {
  const auto group = group_of("all_to_all", o.group);
  check(!list.empty(), "all_to_all: expected a list of {} tensors, one for each rank, got 0",
        size_of(*group));
  check_defined("all_to_all", list[0]);
  check_list("all_to_all", list, list[0], size_of(*group));
  check_list("all_to_all", out, list[0], size_of(*group));
  const Tensor in = joined(list), all = empty_for(list[0], *group);
  return begin({.transfer = {.kind = Exchange::all_to_all,
                             .in = in.raw_data(),
                             .out = all.raw_data(),
                             .count = list[0].numel(),
                             .dtype = in.dtype()},
                .group = group,
                .shape = list[0].shape(),
                .held = {in, all},
                .finish = split_into(out, all)},
               o.async_op);
}

Work send(const Tensor& t, int dst, int tag, const CollectiveOptions& o) {
  const auto group = group_of("send", o.group);
  check_defined("send", t);
  const Tensor in = t.detach().contiguous();
  return begin({.transfer = {.kind = Exchange::send,
                             .in = in.raw_data(),
                             .count = t.numel(),
                             .dtype = t.dtype(),
                             .peer = in_group("send", *group, dst),
                             .tag = tag},
                .group = group,
                .held = {in}},
               o.async_op);
}

Work recv(const Tensor& t, int src, int tag, const CollectiveOptions& o) {
  const auto group = group_of("recv", o.group);
  check_defined("recv", t);
  const Target target("recv", t);
  return begin({.transfer = {.kind = Exchange::recv,
                             .out = target.memory.raw_data(),
                             .count = t.numel(),
                             .dtype = t.dtype(),
                             .peer = in_group("recv", *group, src),
                             .tag = tag},
                .group = group,
                .held = {target.memory},
                .finish = target.finish},
               o.async_op);
}

Work barrier(const CollectiveOptions& o) {
  return begin({.transfer = {.kind = Exchange::barrier}, .group = group_of("barrier", o.group)},
               o.async_op);
}

}  // namespace rw::distributed
