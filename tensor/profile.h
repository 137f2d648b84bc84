#pragma once

#include <memory>
#include <string>
#include <vector>

#include <rewind/tensor/profile_scope.h>

#pragma GCC visibility push(default)

namespace rw {

/// Records every op of this thread, forward and backward, until the end of the scope:
///
///     rw::profile p;
///     loss(model(x), y).backward();
///     p.print();
///     p.write_trace("trace.json");
///
/// The time of an op is wall time, from the first line of its function until its result is on the
/// tape, with all threads that share its work. What it calls before, such as a conversion of its
/// input, counts for itself where it is an op. The derivative of an op is a call of its own
/// (`Phase::pullback`), and the ops that it is made of are others inside it (`Phase::backward`). A
/// backward pass is one call of "engine", whose self time is what the tape itself costs.
///
/// Recording takes about 0.1 us and 120 bytes for each op; its time falls to the op around, or
/// between ops. One profile at a time on a thread, on which it has to end as well.
class profile {
 public:
  /// Calls of one op, in one phase, by one implementation.
  struct Row {
    std::string name;                                            ///< of the op
    profile_scope::Phase phase = profile_scope::Phase::forward;  ///< where it was called
    std::string implementation;  ///< of those that report one; "a + b" where a call ran both
    int64_t calls = 0;           ///< that have ended
    double total_ms = 0;  ///< with the ops inside; an op inside one of its own name counts once
    double self_ms = 0;   ///< without
    int64_t bytes = 0;  ///< allocated for tensors and scratch on this thread, without those inside
    int64_t reorders = 0;      ///< times that memory was brought into a primitive's layout
    int64_t cache_hits = 0;    ///< primitives found ready-made
    int64_t cache_misses = 0;  ///< primitives made
  };

  /// Throws Error where this thread is being profiled already.
  [[nodiscard]] profile();
  ~profile();
  profile(const profile&) = delete;
  profile& operator=(const profile&) = delete;

  /// Ends the recording before the end of the scope.
  void stop();

  /// Wall time from the start until stop() or now.
  double milliseconds() const;
  /// The greatest self time first. Ops that are still running are left out, here and below.
  std::vector<Row> rows() const;
  /// rows() as a text. Shares are of the wall time.
  std::string table() const;
  /// table() to standard output.
  void print() const;
  /// Every call as a trace for chrome://tracing or https://ui.perfetto.dev, in JSON.
  std::string trace() const;
  /// trace() to a file, which appears whole or not at all. Throws IOError where it can't be
  /// written.
  void write_trace(const std::string& path) const;

 private:
  std::unique_ptr<detail::Recorder> recorder_;
};

}  // namespace rw

#pragma GCC visibility pop
