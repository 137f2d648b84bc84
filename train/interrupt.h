#pragma once
// Private to the library's sources: being asked to end.

namespace rw::training::detail {

/// While one lives, the first Ctrl-C (SIGINT) and the first SIGTERM are only noted. A second one of
/// a kind ends the program, as ever. The innermost of several decides for none but itself: all are
/// told. What was done for these signals before is done again after the last.
class InterruptGuard {
 public:
  explicit InterruptGuard(bool enabled);
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

  /// Whether a signal came since the first of those that live now was made.
  static bool interrupted();

 private:
  bool enabled_;
};

}  // namespace rw::training::detail
