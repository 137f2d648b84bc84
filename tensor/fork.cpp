#include <rewind/tensor/fork.h>

#include <pthread.h>

#include <rewind/tensor/arena.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/small_blocks.h>

namespace rw::detail {
namespace {

// Written and read under the arena's lock.
int threads = 1;

// Threads that end give memory back: the team goes before that is locked.
void before() {
  end_team();
  shared_small_blocks().lock();
  shared_arena().lock();
  threads = get_num_threads();
}

void in_parent() {
  shared_arena().unlock();
  shared_small_blocks().unlock();
}

// OpenMP of LLVM starts a child with its own default.
void in_child() {
  set_num_threads(threads);
  in_parent();
}

}  // namespace

bool watch_forks() { return pthread_atfork(before, in_parent, in_child) == 0; }

}  // namespace rw::detail
