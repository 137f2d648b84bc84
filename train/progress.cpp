#include <rewind/train/progress.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <rewind/tensor/check.h>

namespace rw::training {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point t) {
  return std::chrono::duration<double>(Clock::now() - t).count();
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// By the variables that decide about the encoding, the first that is set.
bool writes_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const std::string_view locale = environment(name); !locale.empty())
      return locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos;
  return false;
}

// Columns that UTF-8 takes, at one for each character; no escape sequences.
int columns_of(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string duration(double seconds) {
  if (!(seconds < 1e7)) return "long";
  if (seconds < 100) return fmt::format("{:.{}f} s", seconds, seconds < 9.95 ? 1 : 0);
  const auto all = static_cast<int64_t>(seconds + 0.5), minutes = all / 60;
  if (minutes < 60) return fmt::format("{}:{:02} min", minutes, all % 60);
  return fmt::format("{}:{:02} h", minutes / 60, minutes % 60);
}

std::string shown_number(double value) {
  if (std::isnan(value)) return "nan";  // whatever its sign
  const double size = std::fabs(value);
  return value == 0 || (size >= 1e-3 && size < 1e5) ? fmt::format("{:.4f}", value)
                                                    : fmt::format("{:.3g}", value);
}

constexpr size_t most_stretches = 16;
constexpr const char* levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

}  // namespace

Progress::Progress(std::string title, int64_t total, const ProgressOptions& options)
    : title_(std::move(title)),
      total_(total),
      done_(options.begin),
      options_(options),
      own_terminal_(!options.out && isatty(STDOUT_FILENO) && environment("TERM") != "dumb"),
      start_(Clock::now()),
      shown_(start_) {
  check(total >= 0, "Progress: expected a total >= 0, got {}", total);
  check(options.begin >= 0, "Progress: expected begin >= 0, got {}", options.begin);
  check(options.width >= 0, "Progress: expected a width >= 0, got {}", options.width);
  if (!options_.color) options_.color = environment("NO_COLOR").empty();
  if (!options_.unicode) options_.unicode = writes_utf8();
  if (!options_.out) options_.out = &std::cout;
}

double Progress::seconds() const { return seconds_since(start_); }

Progress::Number& Progress::number(const std::string& name) {
  for (Number& n : numbers_)
    if (n.name == name) return n;
  return numbers_.emplace_back(Number{name});
}

void Progress::update(int64_t items, const Values& values) {
  check(items >= 0, "Progress: update: expected items >= 0, got {}", items);
  done_ += items;
  const auto weight = static_cast<double>(items);
  for (const auto& [name, value] : values) {
    Number& n = number(name);
    n.sum += value * weight;
    n.weight += weight;
  }
  if (!values.empty() && values[0].first == numbers_[0].name) note(values[0].second, weight);
  if (is_due()) show(false);
}

bool Progress::is_due() const {
  const bool is_terminal = own_terminal_ || options_.width > 0;
  return seconds_since(shown_) >= options_.seconds.value_or(is_terminal ? 0.1 : 2);
}

void Progress::set(const Values& values) {
  for (const auto& [name, value] : values) {
    Number& n = number(name);
    n.sum = value, n.weight = 1;
  }
}

Values Progress::values() const {
  Values out;
  for (const Number& n : numbers_)
    if (n.weight > 0) out.emplace_back(n.name, n.sum / n.weight);
  return out;
}

void Progress::note(double value, double weight) {
  if (stretches_.empty() || in_stretch_ == stretch_) {
    if (stretches_.size() == 2 * most_stretches) {
      for (size_t i = 0; i < most_stretches; ++i)
        stretches_[i] = {"", stretches_[2 * i].sum + stretches_[2 * i + 1].sum,
                         stretches_[2 * i].weight + stretches_[2 * i + 1].weight};
      stretches_.resize(most_stretches);
      stretch_ *= 2;
    }
    stretches_.emplace_back();
    in_stretch_ = 0;
  }
  ++in_stretch_;
  stretches_.back().sum += value * weight;
  stretches_.back().weight += weight;
}

int Progress::columns() const {
  if (!own_terminal_) return options_.width;
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string Progress::curve() const {
  std::vector<double> means;
  for (const Number& n : stretches_)
    if (std::isfinite(n.sum) && n.weight > 0) means.push_back(n.sum / n.weight);
  if (means.size() < 2) return {};
  if (means.size() > most_stretches) {  // two become one
    for (size_t i = 0; 2 * i + 1 < means.size(); ++i)
      means[i] = (means[2 * i] + means[2 * i + 1]) / 2;
    means.resize(means.size() / 2);
  }
  const auto [least, most] = std::minmax_element(means.begin(), means.end());
  std::string out;
  for (const double m : means)
    out += levels[*most > *least ? static_cast<int>((m - *least) / (*most - *least) * 7.999) : 0];
  return out;
}

std::string Progress::bar(int width) const {
  const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  const auto full = static_cast<size_t>(share * width), rest = static_cast<size_t>(width) - full;
  const char *on = *options_.unicode ? "━" : "#", *off = *options_.unicode ? "─" : ".";
  std::string done, left;
  for (size_t i = 0; i < full; ++i) done += on;
  for (size_t i = 0; i < rest; ++i) left += off;
  if (!*options_.color) return *options_.unicode ? done + left : "[" + done + left + "]";
  return "\x1b[32m" + done + "\x1b[90m" + left + "\x1b[0m";
}

std::string Progress::line(bool finished, int columns) const {
  const auto done = static_cast<double>(done_), total = static_cast<double>(total_);
  const auto here = static_cast<double>(done_ - options_.begin);
  const double rate = here / std::max(seconds(), 1e-9);
  const bool has_end = total_ > 0;
  // In the order in which they are left out where there is no room: the last one first.
  std::vector<std::string> parts;
  if (has_end) parts.push_back(fmt::format("{:3.0f} %", 100 * done / total));
  const Values numbers = values();
  const auto add_number = [&](size_t i) {
    parts.push_back(numbers[i].first + " " + shown_number(numbers[i].second));
  };
  if (!numbers.empty()) add_number(0);
  if (finished)
    parts.push_back("in " + duration(seconds()));
  else if (has_end && here > 0)
    parts.push_back(duration(std::max(total - done, 0.0) / rate) + " left");
  for (size_t i = 1; i < numbers.size(); ++i) add_number(i);
  if (here > 0)
    parts.push_back(fmt::format("{:.{}f} {}/s", rate, rate < 10 ? 1 : 0, options_.unit));
  if (columns > 0 && *options_.unicode)
    if (std::string small = curve(); !small.empty()) parts.push_back(std::move(small));

  const auto joined = [&] {
    std::string text;
    for (const std::string& part : parts) text += "  " + part;
    return text;
  };
  if (columns == 0) return title_ + joined();
  // A terminal that is written to its last column starts a new line.
  const int room = columns - 1;
  const auto used = [&] { return columns_of(title_) + columns_of(joined()); };
  while (!parts.empty() && used() > room) parts.pop_back();
  std::string text = joined();
  constexpr int least = 6, most = 30, frame = 3;
  if (const int spare = room - used() - frame; has_end && spare >= least)
    text = " " + bar(std::min(most, spare)) + text;
  if (columns_of(title_) > room) return fmt::format("{:.{}}", title_, room);
  return title_ + text;
}

void Progress::show(bool finished) {
  shown_ = Clock::now();
  const int width = columns();
  // Back to the first column, and away with what was there.
  if (width > 0)
    *options_.out << "\r\x1b[K" << line(finished, width) << (finished ? "\n" : "");
  else
    *options_.out << line(finished, 0) << '\n';
  options_.out->flush();
}

void Progress::print(const std::string& text) {
  const bool is_terminal = columns() > 0;
  *options_.out << (is_terminal ? "\r\x1b[K" : "") << text << '\n';
  if (is_terminal && done_ > 0) show(false);
  options_.out->flush();
}

void Progress::finish() { show(true); }

}  // namespace rw::training
