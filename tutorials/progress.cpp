#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

using Clock = std::chrono::steady_clock;

namespace {

double seconds_since(Clock::time_point t) {
  return std::chrono::duration<double>(Clock::now() - t).count();
}

}  // namespace

Progress::Progress(std::string title, int64_t images)
    : title_(std::move(title)),
      total_(images),
      terminal_(isatty(STDOUT_FILENO) != 0),
      start_(Clock::now()),
      printed_(start_) {}

double Progress::seconds() const { return seconds_since(start_); }

void Progress::update(int64_t images, double loss, int64_t correct) {
  done_ += images;
  loss_ += loss * static_cast<double>(images);
  correct_ += correct;
  if (seconds_since(printed_) < (terminal_ ? 0.1 : 2.0)) return;
  printed_ = Clock::now();
  print();
}

void Progress::finish() {
  print();
  if (terminal_) std::printf("\n");
  std::fflush(stdout);
}

void Progress::print() const {
  const auto done = static_cast<double>(std::max<int64_t>(done_, 1));
  const auto share = static_cast<double>(done_) / static_cast<double>(std::max<int64_t>(total_, 1));
  const double rate = done / std::max(seconds(), 1e-9);
  if (terminal_) {
    constexpr int width = 30;
    const auto filled = static_cast<size_t>(share * width);
    const std::string bar = std::string(filled, '#') + std::string(width - filled, '.');
    std::printf("\r%s [%s]", title_.c_str(), bar.c_str());
  } else {
    std::printf("%s", title_.c_str());
  }
  std::printf(" %3.0f %%  loss %.4f  accuracy %5.2f %%  %6.0f images/s  %3.0f s left ", 100 * share,
              loss_ / done, 100 * static_cast<double>(correct_) / done, rate,
              static_cast<double>(total_ - done_) / rate);
  if (!terminal_) std::printf("\n");
  std::fflush(stdout);
}
