#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// `title`, a bar that shows `share`, and as many of the parts, from the first, as a terminal of
/// `width` columns has room for; padded to one column less. Width 0: all of them, without a bar.
std::string fitted_line(const std::string& title, double share, std::vector<std::string> parts,
                        size_t width);

/// Shows how far an epoch is: a bar that rewrites its line on a terminal, and otherwise a plain
/// line now and then.
class Progress {
 public:
  Progress(std::string title, int64_t images);

  /// One more batch: its size, mean loss and number of right answers.
  void update(int64_t images, double loss, int64_t correct);
  /// Ends the line with the averages of the whole epoch and the time that it took.
  void finish();
  double seconds() const;

 private:
  void print(bool finished) const;

  std::string title_;
  int64_t total_, done_ = 0, correct_ = 0;
  double loss_ = 0;  // summed over images
  bool terminal_;
  std::chrono::steady_clock::time_point start_, printed_;
};
