#pragma once

#include <cstdint>
#include <string_view>

#pragma GCC visibility push(default)

namespace rw {

namespace detail {
class Recorder;
/// What records the ops of this thread: a profile's, and null nearly always.
inline constinit thread_local Recorder* recorder = nullptr;
}  // namespace detail

/// `const profile_scope scope("conv2d");`: what runs until the end of the scope is one call of
/// "conv2d" to a `profile` on this thread. Ops open one in their first line; programs may do so for
/// parts of their own, such as the loading of a batch. Costs next to nothing when nothing profiles.
class profile_scope {
 public:
  /// Where a call happens.
  enum class Phase : uint8_t {
    forward,   ///< not in a backward pass
    backward,  ///< run by a pullback, or by the engine between them
    pullback,  ///< the derivative of a recorded op of this name
  };

  /// `name` has to live as long as the profile: a literal.
  [[nodiscard]] explicit profile_scope(const char* name, Phase phase = Phase::forward)
      : recorded_(detail::recorder != nullptr) {
    if (recorded_) [[unlikely]]
      open(name, phase);
  }
  ~profile_scope() {
    if (recorded_) [[unlikely]]
      close();
  }
  profile_scope(const profile_scope&) = delete;
  profile_scope& operator=(const profile_scope&) = delete;

 private:
  static void open(const char* name, Phase phase);
  static void close() noexcept;

  bool recorded_;
};

// What the innermost open scope is told by those who do its work. Nothing when nothing profiles.
namespace detail {

void add_implementation(std::string_view name);
void add_reorder();
void add_lookup(bool hit);

/// The implementation that was chosen, such as "winograd".
inline void report_implementation(std::string_view name) {
  if (recorder) [[unlikely]]
    add_implementation(name);
}
/// Memory was brought into the layout that a primitive wants.
inline void report_reorder() {
  if (recorder) [[unlikely]]
    add_reorder();
}
/// A primitive was found in the cache, or made.
inline void report_lookup(bool hit) {
  if (recorder) [[unlikely]]
    add_lookup(hit);
}

}  // namespace detail
}  // namespace rw

#pragma GCC visibility pop
