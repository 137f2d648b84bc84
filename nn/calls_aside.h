#pragma once
// Private to the library's sources: the calls of modules that this thread is in.

#include <utility>

#include <rewind/nn/call.h>

namespace rw::nn::detail {

inline constinit thread_local const Call* innermost_call = nullptr;

/// While hooks run: what they call is no part of the model.
class CallsAside {
 public:
  CallsAside() : before_(std::exchange(innermost_call, nullptr)) {}
  ~CallsAside() { innermost_call = before_; }
  CallsAside(const CallsAside&) = delete;
  CallsAside& operator=(const CallsAside&) = delete;

 private:
  const Call* before_;
};

}  // namespace rw::nn::detail
