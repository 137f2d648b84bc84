#pragma once
// Private to the library's sources.

#include <pthread.h>

namespace rw::detail {

/// One T for each thread, made at its first use. It outlives the thread_local objects of its
/// thread; that of the main thread stays for good, so that destructors of static objects find it.
template <class T>
T& per_thread() {
  constinit thread_local static T* value = nullptr;
  if (value) return *value;
  // Run after the destructors of thread_local objects, but not for the main thread at exit.
  static const pthread_key_t key = [] {
    pthread_key_t made{};
    pthread_key_create(&made, [](void* p) {
      value = nullptr;
      delete static_cast<T*>(p);
    });
    return made;
  }();
  value = new T();
  pthread_setspecific(key, value);
  return *value;
}

}  // namespace rw::detail
