#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)

/// The loop around a model: showing how far it is, running it, and reporting what came of it.
namespace rw::training {

/// Numbers by name, in order.
using Values = std::vector<std::pair<std::string, double>>;

/// What Progress takes by name.
struct ProgressOptions {
  std::ostream* out = nullptr;  ///< where to; standard output, if unset
  /// Columns of the terminal that `out` is; 0 where it is none. Standard output is asked for its
  /// own.
  int width = 0;
  int64_t begin = 0;                   ///< items that were done before
  std::string unit = "img";            ///< what is counted
  std::optional<bool> color = {};      ///< on a terminal, unless the environment sets NO_COLOR
  std::optional<bool> unicode = {};    ///< blocks for bars, if the locale's encoding is UTF-8
  std::optional<double> seconds = {};  ///< between two lines: 0.1 on a terminal, else 2
};

/// Shows how far a pass over data is: on a terminal a bar in one line, with the time left, the
/// means of the numbers so far and a small curve of the first one; elsewhere a plain line now and
/// then.
///
///     training::Progress progress("epoch 1", loader.dataset().size());
///     for (const auto& [x, y] : loader) {
///       …
///       progress.update(x.size(0), {{"loss", loss.item<double>()}});
///     }
///     progress.finish();
///
/// What does not fit the terminal is left out, the least important first.
class Progress {
 public:
  /// Of `total` items; 0 where their number is not known.
  explicit Progress(std::string title, int64_t total = 0, const ProgressOptions& options = {});

  /// So many more items, and numbers of theirs, which count by as many.
  void update(int64_t items, const Values& values = {});
  /// Numbers to be shown as they are.
  void set(const Values& values);
  /// Whether the next update will write: what is dear to compute need not be set before.
  bool is_due() const;
  /// A line of its own, above the bar.
  void print(const std::string& line);
  /// Ends the line, with the time that all took.
  void finish();

  /// Seconds since it began.
  double seconds() const;
  /// The means of the numbers so far (but of those that came with no items), and those that were
  /// set.
  Values values() const;

 private:
  struct Number {
    std::string name;
    double sum = 0, weight = 0;
  };
  Number& number(const std::string& name);
  int columns() const;
  void note(double value, double weight);
  void show(bool finished);
  std::string line(bool finished, int columns) const;
  std::string curve() const;
  std::string bar(int width) const;

  std::string title_;
  int64_t total_, done_ = 0;
  ProgressOptions options_;
  bool own_terminal_;
  std::vector<Number> numbers_;
  // Means of the first number over equal stretches of updates, which grow so that they stay few.
  std::vector<Number> stretches_;
  int64_t stretch_ = 1, in_stretch_ = 0;
  std::chrono::steady_clock::time_point start_, shown_;
};

}  // namespace rw::training

#pragma GCC visibility pop
