#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <rewind/distributed/backend.h>

#pragma GCC visibility push(default)

namespace rw::distributed {

namespace detail {
struct GroupState;
struct Task;
class Context;
}  // namespace detail

/// What init takes by name.
struct InitOptions {
  /// Seconds after which whoever waits for another rank throws Error, which names the ranks that
  /// are missing.
  double timeout = 300;
  /// Whether ranks compare what they call, with which shapes and dtypes, before each collective:
  /// Error where they disagree. Costs the latency of one more exchange.
  bool debug = false;
  /// What carries the bytes: mpi_backend() unless given. Called on the thread that uses it.
  std::function<std::unique_ptr<Backend>()> backend = {};
};

/// This process as one of a world of ranks, from the first line of `main` to its end:
///
///     const distributed::init world;
///     std::cout << distributed::rank() << " of " << distributed::size() << '\n';
///
/// Started by `mpirun -n 4 program`, or alone, as a world of one. A thread of its own makes all
/// calls to MPI, so that exchanges go on while others compute.
///
/// The end waits for all ranks to end. Where one leaves by an exception or otherwise early, those
/// who wait for it throw; the processes then end without MPI_Finalize.
class init {
 public:
  /// Throws Error where there is a world already, or the backend does not start.
  [[nodiscard]] explicit init(const InitOptions& options = {});
  ~init();
  init(const init&) = delete;
  init& operator=(const init&) = delete;

 private:
  int exceptions_;
};
/// Whether there is an init.
bool is_initialized();

/// A handle to some of the ranks, as collectives take one; all of them by default.
class Group {
 public:
  /// The whole world.
  Group() = default;
  /// Of what new_group has made.
  explicit Group(std::shared_ptr<detail::GroupState> state) : state_(std::move(state)) {}
  /// This rank's number in the group; -1 where it is none of it.
  int rank() const;
  /// How many ranks it has.
  int size() const;
  /// Its ranks in the world.
  const std::vector<int>& ranks() const;
  /// For the library's sources.
  const std::shared_ptr<detail::GroupState>& state() const;

 private:
  std::shared_ptr<detail::GroupState> state_;
};

/// These ranks of the world as a group, in this order. Called by all ranks of the world at once.
/// Throws Error for ranks that are not there or there twice.
Group new_group(const std::vector<int>& ranks);

///@{
/// This rank, and how many there are: of the world unless a group is given.
int rank(const Group& group = {});
int size(const Group& group = {});
///@}
/// The rank among those of this machine.
int local_rank();

/// An exchange that goes on beside the program. Its tensors must stay as they are until it is done.
class Work {
 public:
  /// Of nothing, which is done.
  Work() = default;
  /// For the library's sources.
  explicit Work(std::shared_ptr<detail::Task> task) : task_(std::move(task)) {}
  /// Waits until it is done: results are there after this. Throws Error where it fails, or takes
  /// longer than the timeout.
  void wait();
  /// Whether wait() would return at once.
  bool is_completed() const;

 private:
  std::shared_ptr<detail::Task> task_;
};

}  // namespace rw::distributed

#pragma GCC visibility pop
