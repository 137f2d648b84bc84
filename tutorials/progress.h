#pragma once

#include <chrono>
#include <cstdint>
#include <string>

/// Shows how far an epoch is: a bar that rewrites its line on a terminal, and otherwise a plain
/// line now and then.
class Progress {
 public:
  Progress(std::string title, int64_t images);

  /// One more batch: its size, mean loss and number of right answers.
  void update(int64_t images, double loss, int64_t correct);
  /// Ends the line with the averages of the whole epoch.
  void finish();
  double seconds() const;

 private:
  void print() const;

  std::string title_;
  int64_t total_, done_ = 0, correct_ = 0;
  double loss_ = 0;  // summed over images
  bool terminal_;
  std::chrono::steady_clock::time_point start_, printed_;
};
