#include <rewind/train/interrupt.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <iterator>
#include <mutex>

namespace rw::training::detail {

namespace {

constexpr int signals[] = {SIGINT, SIGTERM};

volatile sig_atomic_t noted = 0, has_terminal = 0;
std::mutex mutex;
int guards = 0;
struct sigaction before[std::size(signals)];

// Only what POSIX allows within a signal handler.
extern "C" void note_signal(int) {
  noted = 1;
  if (!has_terminal) return;
  constexpr char text[] = "\nending after this step; once more ends at once\n";
  const int before = errno;  // of what was interrupted
  const auto written = write(STDERR_FILENO, text, sizeof text - 1);
  static_cast<void>(written);  // nothing is to be done about it
  errno = before;
}

}  // namespace

InterruptGuard::InterruptGuard(bool enabled) : enabled_(enabled) {
  if (!enabled) return;
  const std::lock_guard lock(mutex);
  if (guards++ > 0) return;
  noted = 0;
  has_terminal = isatty(STDERR_FILENO);
  struct sigaction action = {};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;  // the second one ends
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < std::size(signals); ++i) {
    sigaction(signals[i], nullptr, &before[i]);
    // A program that was started to ignore one, as by nohup, goes on to do so.
    if (before[i].sa_handler != SIG_IGN) sigaction(signals[i], &action, nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  if (!enabled_) return;
  const std::lock_guard lock(mutex);
  if (--guards > 0) return;
  for (size_t i = 0; i < std::size(signals); ++i) sigaction(signals[i], &before[i], nullptr);
}

bool InterruptGuard::interrupted() { return noted != 0; }

}  // namespace rw::training::detail
