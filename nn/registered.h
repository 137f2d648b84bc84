#pragma once

#include <memory>
#include <vector>

#pragma GCC visibility push(default)

namespace rw::nn {

class Module;

namespace detail {

class Registered;

/// What registries know of a member: it tells them through its slot where it lies now.
struct Slot {
  Registered* member;           // null once it is gone
  std::vector<Module*> owners;  // the modules in whose registries it is
  bool moved = false;           // to where it is kept
  bool lost = false;            // it is gone, and never was
};

/// Base of what modules register. A move takes the slot along.
class Registered {
 protected:
  Registered() = default;
  Registered(Registered&& from) noexcept { follow(from); }
  /// One that has no slot takes that of `from`, as does one of the same registry, which is how
  /// elements of a vector move up. Otherwise each stays what it was to its own registry.
  Registered& operator=(Registered&& from) noexcept;
  ~Registered() { leave(); }

  std::shared_ptr<Slot> slot_;

 private:
  friend class nn::Module;
  friend class Call;
  void follow(Registered& from) noexcept;
  void leave() noexcept;
};

}  // namespace detail
}  // namespace rw::nn

#pragma GCC visibility pop
