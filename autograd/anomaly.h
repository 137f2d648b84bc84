#pragma once
// Private to the library's sources: what the tape calls while a detect_anomaly is on.

#include <span>

#include <rewind/autograd/node.h>

namespace rw::detail {

class AnomalyWatch;
/// What looks for anomalies on this thread; null nearly always.
inline constinit thread_local AnomalyWatch* anomaly_watch = nullptr;

void watch_recorded(const Tensor& result);
void watch_arrived(const Node& node, std::span<const Tensor> grads);
void watch_returned(const Node& node, Grads& grads);
void watch_destroyed(const Node& node) noexcept;

/// A result was put on the tape: remembers where, and throws where it is not what it should be.
inline void report_recorded(const Tensor& result) {
  if (anomaly_watch) [[unlikely]]
    watch_recorded(result);
}
/// Before a node's backward: the gradients that it is to pull back.
inline void report_arrived(const Node& node, std::span<const Tensor> grads) {
  if (anomaly_watch) [[unlikely]]
    watch_arrived(node, grads);
}
/// After it: those that it returned.
inline void report_returned(const Node& node, Grads& grads) {
  if (anomaly_watch) [[unlikely]]
    watch_returned(node, grads);
}
/// A node is about to go, and what is remembered of it with it. One that dies on another thread
/// is remembered until the end of the scope.
inline void report_destroyed(const Node& node) noexcept {
  if (anomaly_watch) [[unlikely]]
    watch_destroyed(node);
}

}  // namespace rw::detail
