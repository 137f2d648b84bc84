#include <rewind/distributed/process_group.h>

#include <exception>

#include <rewind/distributed/context.h>
#include <rewind/tensor/check.h>

namespace rw::distributed {
namespace detail {
namespace {

std::unique_ptr<Context>& current() {
  static std::unique_ptr<Context> context;
  return context;
}

std::function<std::unique_ptr<Backend>()> maker(const InitOptions& options,
                                                const std::shared_ptr<bool>& orderly) {
  if (options.backend) return options.backend;
  return [orderly] { return mpi_backend(orderly); };
}

}  // namespace

Context::Context(const InitOptions& options)
    : debug_(options.debug),
      orderly_(std::make_shared<bool>(true)),
      progress_(maker(options, orderly_), options.timeout, options.debug) {}

Context& Context::get(const char* op) {
  check(current() != nullptr, "{}: there is no distributed::init", op);
  return *current();
}

}  // namespace detail

init::init(const InitOptions& options) : exceptions_(std::uncaught_exceptions()) {
  check(options.timeout > 0, "distributed::init: expected a timeout above 0 s, got {}",
        options.timeout);
  check(detail::current() == nullptr, "distributed::init: there is one already");
  detail::current() = std::make_unique<detail::Context>(options);
}

init::~init() {
  detail::current()->leave(std::uncaught_exceptions() > exceptions_);
  detail::current().reset();
}

bool is_initialized() { return detail::current() != nullptr; }

const std::shared_ptr<detail::GroupState>& Group::state() const {
  return state_ ? state_ : detail::Context::get("distributed::Group").progress().world();
}
int Group::rank() const { return state()->rank; }
int Group::size() const { return static_cast<int>(ranks().size()); }
const std::vector<int>& Group::ranks() const { return state()->ranks; }

Group new_group(const std::vector<int>& ranks) {
  detail::Context& context = detail::Context::get("new_group");
  const int n = size();
  std::vector<char> seen(static_cast<size_t>(n));
  for (const int r : ranks) {
    check(r >= 0 && r < n, "new_group: expected ranks from 0 to {}, got {}", n - 1, r);
    check(!std::exchange(seen[static_cast<size_t>(r)], 1), "new_group: rank {} is there twice", r);
  }
  // What makes it waits without end for ranks that don't come.
  detail::start({.transfer = {.kind = Exchange::barrier}, .group = Group().state()}).wait();
  return Group(context.progress().add_group(ranks));
}

int rank(const Group& group) { return group.rank(); }
int size(const Group& group) { return group.size(); }
int local_rank() { return detail::Context::get("local_rank").progress().local_rank(); }

void Work::wait() {
  if (!task_) return;
  detail::Context::get("wait").progress().wait(*task_);
  if (const auto finish = std::exchange(task_->finish, {})) finish();
  task_->held.clear();
}

bool Work::is_completed() const {
  return !task_ || detail::Context::get("is_completed").progress().is_done(*task_);
}

}  // namespace rw::distributed
