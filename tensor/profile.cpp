#include <rewind/tensor/profile.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <map>
#include <tuple>

#include <rewind/tensor/allocator.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/json_string.h>

namespace rw {

using Phase = profile_scope::Phase;

namespace {

int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

namespace detail {

// One call. Times are nanoseconds; until it ends, `bytes` is what had been allocated before.
struct RecordedCall {
  const char* name;
  Phase phase;
  bool ended = false;
  bool inside_itself = false;  // in a call of the same name and phase
  int64_t start = 0, duration = 0, duration_inside = 0;
  int64_t bytes = 0, bytes_inside = 0;
  int64_t reorders = 0, cache_hits = 0, cache_misses = 0;
  std::string implementation = {};
};

class Recorder {
 public:
  void open(const char* name, Phase phase) {
    RecordedCall call{name, in_backward() && phase == Phase::forward ? Phase::backward : phase};
    for (const size_t i : open_)
      call.inside_itself |=
          calls_[i].phase == call.phase && std::string_view(calls_[i].name) == name;
    open_.push_back(calls_.size());
    calls_.push_back(std::move(call));
    calls_.back().bytes = allocated_by_thread();
    calls_.back().start = now();
  }

  void close() noexcept {
    const int64_t end = now();
    if (open_.empty()) return;  // it was opened for another recorder
    RecordedCall& call = calls_[open_.back()];
    open_.pop_back();
    call.duration = end - call.start;
    call.bytes = allocated_by_thread() - call.bytes;
    call.ended = true;
    if (RecordedCall* outer = innermost()) {
      outer->duration_inside += call.duration;
      outer->bytes_inside += call.bytes;
    }
  }

  RecordedCall* innermost() { return open_.empty() ? nullptr : &calls_[open_.back()]; }

  void stop() {
    if (end_ == 0) end_ = now();
  }
  int64_t start() const { return start_; }
  int64_t duration() const { return (end_ ? end_ : now()) - start_; }
  /// In the order in which they started.
  const std::vector<RecordedCall>& calls() const { return calls_; }

 private:
  bool in_backward() { return !open_.empty() && innermost()->phase != Phase::forward; }

  std::vector<RecordedCall> calls_;
  std::vector<size_t> open_;  // the innermost last
  int64_t start_ = now(), end_ = 0;
};

void add_implementation(std::string_view name) {
  RecordedCall* call = recorder->innermost();
  if (!call || call->implementation.find(name) != std::string::npos) return;
  if (!call->implementation.empty()) call->implementation += " + ";
  call->implementation += name;
}

void add_reorder() {
  if (RecordedCall* call = recorder->innermost()) ++call->reorders;
}

void add_lookup(bool hit) {
  if (RecordedCall* call = recorder->innermost()) ++(hit ? call->cache_hits : call->cache_misses);
}

}  // namespace detail

void profile_scope::open(const char* name, Phase phase) { detail::recorder->open(name, phase); }

void profile_scope::close() noexcept {
  if (detail::recorder) detail::recorder->close();
}

profile::profile() {
  check(!detail::recorder, "profile: this thread is being profiled already");
  recorder_ = std::make_unique<detail::Recorder>();
  detail::recorder = recorder_.get();
}

profile::~profile() { stop(); }

void profile::stop() {
  recorder_->stop();
  if (detail::recorder == recorder_.get()) detail::recorder = nullptr;
}

double profile::milliseconds() const { return static_cast<double>(recorder_->duration()) * 1e-6; }

// --- The table ----------------------------------------------------------------------------------

namespace {

const char* text(Phase phase) {
  switch (phase) {
    case Phase::forward:
      return "forward";
    case Phase::backward:
      return "backward";
    case Phase::pullback:
      break;
  }
  return "pullback";
}

void add(profile::Row& row, const detail::RecordedCall& call) {
  ++row.calls;
  if (!call.inside_itself) row.total_ms += static_cast<double>(call.duration) * 1e-6;
  row.self_ms += static_cast<double>(call.duration - call.duration_inside) * 1e-6;
  row.bytes += call.bytes - call.bytes_inside;
  row.reorders += call.reorders;
  row.cache_hits += call.cache_hits;
  row.cache_misses += call.cache_misses;
}

std::string bytes_text(int64_t bytes) {
  auto value = static_cast<double>(bytes);
  const char* const units[] = {"B", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
  return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, units[unit]);
}

// What ran, and what is worth knowing of how: most ops have nothing of either.
std::string notes(const profile::Row& row) {
  std::string out = row.implementation;
  const auto add = [&out](const std::string& note) { out += (out.empty() ? "" : ", ") + note; };
  if (row.reorders) add(fmt::format("{} reorders", row.reorders));
  if (row.cache_misses)
    add(fmt::format("made {} of {} primitives", row.cache_misses,
                    row.cache_misses + row.cache_hits));
  return out;
}

constexpr size_t table_width = 100;

// In the last column, or on a line of its own where that has no room.
void append_notes(std::string& out, size_t line_width, const std::string& text) {
  if (!text.empty()) {
    const bool fits = line_width + 2 + text.size() <= table_width;
    out += fits ? "  " : "\n    ";
    out += text.substr(0, table_width - 4);
  }
  out += '\n';
}

}  // namespace

std::vector<profile::Row> profile::rows() const {
  std::map<std::tuple<std::string_view, Phase, std::string_view>, Row> by_key;
  for (const detail::RecordedCall& call : recorder_->calls()) {
    if (!call.ended) continue;
    Row& row = by_key[{call.name, call.phase, call.implementation}];
    if (row.calls == 0) {
      row.name = call.name;
      row.phase = call.phase;
      row.implementation = call.implementation;
    }
    add(row, call);
  }
  std::vector<Row> rows;
  for (auto& [key, row] : by_key) rows.push_back(std::move(row));
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.self_ms > b.self_ms; });
  return rows;
}

std::string profile::table() const {
  const double wall = milliseconds();
  const std::vector<Row> all = rows();
  size_t width = 4;
  for (const Row& row : all) width = std::max(width, row.name.size());
  width = std::min<size_t>(width, 24);

  std::string out =
      fmt::format("{:{}}  {:8} {:>6} {:>9} {:>6} {:>9} {:>9}  {}\n", "op", width, "phase", "calls",
                  "self ms", "share", "total ms", "bytes", "implementation");
  double in_ops = 0;
  for (const Row& row : all) {
    in_ops += row.self_ms;
    const std::string line =
        fmt::format("{:{}.{}}  {:8} {:>6} {:>9.3f} {:>5.1f}% {:>9.3f} {:>9}", row.name, width,
                    width, text(row.phase), row.calls, row.self_ms, 100 * row.self_ms / wall,
                    row.total_ms, bytes_text(row.bytes));
    out += line;
    append_notes(out, line.size(), notes(row));
  }
  return out + fmt::format("{:.3f} ms of {:.3f} ms in ops, {:.3f} ms between them\n", in_ops, wall,
                           wall - in_ops);
}

void profile::print() const { std::fputs(table().c_str(), stdout); }

// --- The trace ----------------------------------------------------------------------------------

namespace {

// Microseconds, as the format wants them, without losing a nanosecond.
std::string microseconds(int64_t ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }

// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU, "complete
// events"
std::string trace_event(const detail::RecordedCall& call, int64_t start) {
  std::string args = fmt::format(R"("bytes":{},"reorders":{},"cache_hits":{},"cache_misses":{})",
                                 call.bytes - call.bytes_inside, call.reorders, call.cache_hits,
                                 call.cache_misses);
  if (!call.implementation.empty())
    args += ",\"implementation\":" + detail::json_string(call.implementation);
  return fmt::format(R"({{"name":{},"cat":"{}","ph":"X","pid":1,"tid":1,"ts":{},"dur":{},)"
                     R"("args":{{{}}}}})",
                     detail::json_string(call.name), text(call.phase),
                     microseconds(call.start - start), microseconds(call.duration), args);
}

}  // namespace

std::string profile::trace() const {
  std::string out = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
  const char* separator = "\n";
  for (const detail::RecordedCall& call : recorder_->calls()) {
    if (!call.ended) continue;
    (out += separator) += trace_event(call, recorder_->start());
    separator = ",\n";
  }
  return out + "\n]}\n";
}

}  // namespace rw
