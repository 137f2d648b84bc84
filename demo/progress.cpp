#include "progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

using Clock = std::chrono::steady_clock;

namespace {

double seconds_since(Clock::time_point t) {
  return std::chrono::duration<double>(Clock::now() - t).count();
}

std::string text(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

size_t columns() {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

}  // namespace

std::string fitted_line(const std::string& title, double share, std::vector<std::string> parts,
                        size_t width) {
  const auto join = [&] {
    std::string line;
    for (const std::string& part : parts) line += "  " + part;
    return line;
  };
  if (width == 0) return title + join();
  // A terminal that is written to its last column starts a new line.
  const size_t room = width - 1;
  while (!parts.empty() && title.size() + join().size() > room) parts.pop_back();
  std::string line = title + join();
  constexpr size_t least = 6, most = 30, frame = 3;
  if (line.size() + least + frame <= room) {
    const size_t bar = std::min(most, room - line.size() - frame);
    const auto filled = static_cast<size_t>(share * static_cast<double>(bar));
    line.insert(title.size(),
                " [" + std::string(filled, '#') + std::string(bar - filled, '.') + ']');
  }
  line.resize(room, ' ');  // over what the line before has left
  return line;
}

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
  print(false);
}

void Progress::finish() {
  print(true);
  if (terminal_) std::printf("\n");
  std::fflush(stdout);
}

void Progress::print(bool finished) const {
  const auto done = static_cast<double>(std::max<int64_t>(done_, 1));
  const auto share = static_cast<double>(done_) / static_cast<double>(std::max<int64_t>(total_, 1));
  const double rate = done / std::max(seconds(), 1e-9);
  const std::string time = finished
                               ? text("in %.1f s", seconds())
                               : text("%.0f s left", static_cast<double>(total_ - done_) / rate);
  // In the order in which they are left out where the line is too narrow: the last one first.
  std::vector<std::string> parts = {
      text("%3.0f %%", 100 * share), text("loss %.4f", loss_ / done), time,
      text("accuracy %5.2f %%", 100 * static_cast<double>(correct_) / done),
      text("%.0f img/s", rate)};
  const std::string line = fitted_line(title_, share, std::move(parts), terminal_ ? columns() : 0);
  std::printf(terminal_ ? "\r%s" : "%s\n", line.c_str());
  std::fflush(stdout);
}
