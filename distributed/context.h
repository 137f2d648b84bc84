#pragma once
// Private to the library's sources: the world that init has made.

#include <memory>
#include <vector>

#include <rewind/distributed/process_group.h>
#include <rewind/distributed/progress_thread.h>

namespace rw::distributed::detail {

class Context {
 public:
  explicit Context(const InitOptions& options);
  /// Throws Error, as `op`, where there is no init.
  static Context& get(const char* op);

  Progress& progress() { return progress_; }
  bool debug() const { return debug_; }
  void leave(bool failed) { *orderly_ = progress_.leave(failed); }

 private:
  bool debug_;
  std::shared_ptr<bool> orderly_;
  Progress progress_;
};

/// One collective, or one message.
struct Call {
  Transfer transfer;
  std::shared_ptr<GroupState> group;
  Shape shape = {};                   // that all ranks have to agree on
  std::vector<Tensor> held = {};      // whose memory the transfer uses
  std::function<void()> finish = {};  // brings results where they belong
  Place place = {};
};
/// Starts it, after what debug mode compares.
Work start(Call call);

}  // namespace rw::distributed::detail
