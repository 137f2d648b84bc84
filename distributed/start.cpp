#include <array>
#include <cstring>

#include <rewind/distributed/context.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::distributed::detail {
namespace {

// A call as all ranks have to make it.
struct Description {
  int32_t kind = 0, dtype = 0, op = 0, peer = 0, dim = 0;
  std::array<int64_t, 16> sizes{};

  static Description of(const Call& call) {
    const Transfer& t = call.transfer;
    Description d;
    d.kind = static_cast<int32_t>(t.kind);
    d.dtype = static_cast<int32_t>(t.dtype);
    d.op = static_cast<int32_t>(t.op);
    d.peer = t.peer;
    d.dim = call.shape.rank();
    for (int i = 0; i < d.dim; ++i) d.sizes[static_cast<size_t>(i)] = call.shape[i];
    return d;
  }
  bool operator==(const Description&) const = default;

  std::string str() const {
    const auto exchange = static_cast<Exchange>(kind);
    if (exchange == Exchange::barrier) return "barrier";
    const Shape shape(std::vector<int64_t>(sizes.begin(), sizes.begin() + dim));
    static constexpr std::array<const char*, 5> ops = {"sum", "product", "min", "max", "avg"};
    const bool reduces = exchange == Exchange::all_reduce || exchange == Exchange::reduce_scatter;
    const bool rooted = exchange == Exchange::broadcast || exchange == Exchange::gather ||
                        exchange == Exchange::scatter;
    std::string text = fmt::format("{} of {} {}", name(exchange), static_cast<DType>(dtype), shape);
    if (reduces) text += fmt::format(" by {}", ops[static_cast<size_t>(op)]);
    if (rooted) text += fmt::format(" with rank {} of the group", peer);
    return text;
  }
};

Work submit(Call call, const char* title) {
  auto task = std::make_shared<Task>();
  task->group = std::move(call.group);
  task->transfer = call.transfer;
  task->held = std::move(call.held);
  task->finish = std::move(call.finish);
  task->place = call.place;
  task->title = title;
  Context::get(name(call.transfer.kind)).progress().submit(task);
  return Work(std::move(task));
}

void compare(const Call& call) {
  const char* op = name(call.transfer.kind);
  const Description own = Description::of(call);
  const size_t n = call.group->ranks.size();
  constexpr int64_t bytes = sizeof(Description);
  // Tensors, which live as long as the exchange does, also where waiting for it fails.
  const Tensor in = empty({bytes}, uint8), out = empty({static_cast<int64_t>(n) * bytes}, uint8);
  std::memcpy(in.raw_data(), &own, sizeof own);
  submit({.transfer = {.kind = Exchange::all_gather,
                       .in = in.raw_data(),
                       .out = out.raw_data(),
                       .count = bytes},
          .group = call.group,
          .shape = {},
          .held = {in, out},
          .place = call.place},
         op)
      .wait();
  std::vector<Description> all(n);
  std::memcpy(all.data(), out.raw_data(), n * sizeof own);
  for (size_t r = 0; r < all.size(); ++r)
    check(all[r] == all[0], "{}: ranks disagree: rank {} calls {}, rank {} {}", op,
          call.group->ranks[0], all[0].str(), call.group->ranks[r], all[r].str());
}

}  // namespace

Work start(Call call) {
  const bool alone = call.transfer.kind == Exchange::send || call.transfer.kind == Exchange::recv;
  if (!alone && Context::get(name(call.transfer.kind)).debug()) compare(call);
  return submit(std::move(call), nullptr);
}

}  // namespace rw::distributed::detail
