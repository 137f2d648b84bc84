#include <rewind/distributed/progress_thread.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <future>
#include <numeric>
#include <utility>

#include <rewind/tensor/check.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::distributed::detail {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::duration<double> seconds(double s) { return std::chrono::duration<double>(s); }

std::string where(const Place& place) {
  if (place.step < 0) return "";
  if (place.bucket < 0) return fmt::format(" in step {}", place.step);
  return fmt::format(" in step {}, bucket {}", place.step, place.bucket);
}

const char* name_of(const Task& task) {
  return task.title != nullptr ? task.title : name(task.transfer.kind);
}

// What the note's rank waits for.
std::string waits(const Note& n) {
  return fmt::format("; rank {} in {} of {}{}", n.rank, n.waits_as.data(),
                     n.waits_in == 0 ? "the world" : fmt::format("group {}", n.waits_in),
                     where({n.step, n.bucket}));
}

// How long a rank has to answer a question, of the time that there is for an exchange.
double grace(double timeout) { return std::min(2.0, timeout / 4); }

// How long a rank waits before it tells others what for, in debug mode.
double patience(double timeout) { return std::min(0.1, timeout / 8); }

}  // namespace

Progress::Progress(const std::function<std::unique_ptr<Backend>()>& make, double timeout,
                   bool debug)
    : timeout_(timeout), debug_(debug), world_(std::make_shared<GroupState>()) {
  std::promise<void> started;
  thread_ = std::thread([&] {
    try {
      world_->backend = make();
      world_->rank = world_->backend->rank();
      local_rank_ = world_->backend->local_rank();
      const auto n = static_cast<size_t>(world_->backend->size());
      world_->ranks.resize(n);
      std::iota(world_->ranks.begin(), world_->ranks.end(), 0);
      if (n > 1) notes_ = world_->backend->group(world_->ranks);
      peers_.resize(n);
      own_.rank = world_->rank;
      peers_[static_cast<size_t>(own_.rank)].left = true;
    } catch (...) {
      started.set_exception(std::current_exception());
      return;
    }
    started.set_value();
    loop();
  });
  try {
    started.get_future().get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Progress::submit(const std::shared_ptr<Task>& task) {
  const std::lock_guard lock(mutex_);
  check(broken_.empty(), "{}: an exchange has failed before: {}", name_of(*task), broken_);
  const Exchange kind = task->transfer.kind;
  const bool counts = !task->run && kind != Exchange::send && kind != Exchange::recv;
  if (counts) task->call = ++task->group->calls;
  if (counts && static_cast<size_t>(task->group->id) < Note::most_groups)
    own_.calls[static_cast<size_t>(task->group->id)] = task->group->calls;
  if (task->place.step < 0) task->place = {own_.step, -1};
  own_.bucket = task->place.bucket;
  fresh_.push_back(task);
  wake_.notify_one();
}

bool Progress::is_done(Task& task) {
  const std::lock_guard lock(mutex_);
  return task.done;
}

void Progress::wait(Task& task) {
  const profile_scope scope("distributed_wait");
  std::unique_lock lock(mutex_);
  bool told = false;
  const auto settled = [&] {
    return task.done || !gone(task).empty() || (told && !deadlock(task).empty());
  };
  double time = timeout_ - grace(timeout_);
  if (debug_ && !changed_.wait_for(lock, seconds(patience(timeout_)), settled)) {
    told = tell_waiting(task);
    time -= patience(timeout_);
  }
  if (!changed_.wait_for(lock, seconds(time), settled)) {
    // Late: all are asked where they are. The exchange may still end while they answer.
    for (Peer& peer : peers_) peer.ask = !peer.left, peer.replied = false;
    notes_pending_ = true;
    wake_.notify_one();
    changed_.wait_for(lock, seconds(grace(timeout_)), settled);
  }
  if (!task.done) {
    broken_ = gone(task);
    if (broken_.empty() && told) broken_ = deadlock(task);
    if (broken_.empty()) broken_ = missing(task);
    throw Error(broken_);
  }
  own_.waits_in = -1;
  if (task.error) std::rethrow_exception(task.error);
}

void Progress::run(const char* title, const std::function<void()>& f) {
  const auto task = std::make_shared<Task>();
  task->title = title;
  task->group = world_;
  task->run = f;
  submit(task);
  wait(*task);
}

std::shared_ptr<GroupState> Progress::add_group(const std::vector<int>& ranks) {
  auto state = std::make_shared<GroupState>();
  state->ranks = ranks;
  run("new_group", [&] {
    state->backend = world_->backend->group(ranks);
    state->rank = state->backend ? state->backend->rank() : -1;
  });
  groups_.push_back(state);
  state->id = static_cast<int>(groups_.size());
  return state;
}

void Progress::set_place(Place place) {
  const std::lock_guard lock(mutex_);
  own_.step = place.step;
  own_.bucket = place.bucket;
}

// --- Who is missing -----------------------------------------------------------------------------

// What makes it impossible that the exchange ever ends; "" where nothing does.
std::string Progress::gone(const Task& task) const {
  const auto id = static_cast<size_t>(task.group->id);
  if (task.call == 0 || id >= Note::most_groups) return "";
  for (const int rank : task.group->ranks) {
    const Peer& peer = peers_[static_cast<size_t>(rank)];
    if (rank != own_.rank && peer.left && peer.last.calls[id] < task.call)
      return fmt::format("{}: rank {} has left{}{}; rank {} waited for it{}", name_of(task), rank,
                         peer.last.failed ? " by an exception" : "",
                         where({peer.last.step, peer.last.bucket}), own_.rank, where(task.place));
  }
  return "";
}

// Whether what the note's rank waits for still needs a call of this rank.
bool Progress::lacks(const Note& note, int rank) const {
  if (note.waits_in < 0) return false;
  const auto id = static_cast<size_t>(note.waits_in);
  const auto group = id == 0 ? world_ : id <= groups_.size() ? groups_[id - 1].lock() : nullptr;
  if (!group || std::find(group->ranks.begin(), group->ranks.end(), rank) == group->ranks.end())
    return false;
  const Note& other = rank == own_.rank ? own_ : peers_[static_cast<size_t>(rank)].last;
  return other.calls[id] < note.waits_for;
}

// Tells the others what this rank waits for; whether that can be said.
bool Progress::tell_waiting(const Task& task) {
  if (!notes_ || task.call == 0 || static_cast<size_t>(task.group->id) >= Note::most_groups)
    return false;
  own_.waits_in = task.group->id, own_.waits_for = task.call;
  own_.step = task.place.step, own_.bucket = task.place.bucket;
  own_.waits_as = {};
  std::strncpy(own_.waits_as.data(), name_of(task), own_.waits_as.size() - 1);
  for (Peer& peer : peers_) peer.tell = !peer.left;
  notes_pending_ = true;
  wake_.notify_one();
  return true;
}

// Ranks that wait for one another in a circle with this one: none of them ever goes on, as each
// lacks a call of the next, which makes none while it waits. "" where there is no circle.
std::string Progress::deadlock(const Task& task) const {
  std::vector<int> before(peers_.size(), -1), open = {own_.rank};
  for (size_t k = 0; k < open.size(); ++k) {
    const int at = open[k];
    const Note& note = at == own_.rank ? own_ : peers_[static_cast<size_t>(at)].last;
    for (int r = 0; r < static_cast<int>(peers_.size()); ++r) {
      if (r == at || !lacks(note, r)) continue;
      if (r == own_.rank) {
        std::string who;
        for (int i = at; i != own_.rank; i = before[static_cast<size_t>(i)])
          who = waits(peers_[static_cast<size_t>(i)].last) + who;
        return fmt::format("{}: ranks disagree, and wait for one another{}{}", name_of(task),
                           waits(own_), who);
      }
      if (before[static_cast<size_t>(r)] >= 0) continue;
      before[static_cast<size_t>(r)] = at;
      open.push_back(r);
    }
  }
  return "";
}

// What is known of the ranks that have not taken part in time.
std::string Progress::missing(const Task& task) const {
  const auto id = static_cast<size_t>(task.group->id);
  const bool one = task.call == 0 && !task.run && task.transfer.peer >= 0;
  const int only = one ? task.group->ranks[static_cast<size_t>(task.transfer.peer)] : -1;
  std::string who;
  for (const int rank : task.group->ranks) {
    const Peer& peer = peers_[static_cast<size_t>(rank)];
    const Place place{peer.last.step, peer.last.bucket};
    if (rank == own_.rank || (only >= 0 && rank != only)) continue;
    if (peer.left)
      who += fmt::format("; rank {} has left{}", rank, where(place));
    else if (!peer.replied)
      who += fmt::format("; rank {} does not answer: it has ended, was stopped or can't be reached",
                         rank);
    else if (id < Note::most_groups && peer.last.calls[id] < task.call)
      who += fmt::format("; rank {} is elsewhere{}: it has made {} calls to the group, this is {}",
                         rank, where(place), peer.last.calls[id], task.call);
  }
  return fmt::format("{}: rank {} waited {} s for the others{}{}", name_of(task), own_.rank,
                     timeout_, where(task.place), who.empty() ? "; all of them answer" : who);
}

bool Progress::all_left() const {
  return std::all_of(peers_.begin(), peers_.end(), [](const Peer& p) { return p.left; });
}

bool Progress::leave(bool failed) {
  std::unique_lock lock(mutex_);
  own_.failed = failed;
  farewell_ = notes_pending_ = true;
  wake_.notify_one();
  const double time = failed || !broken_.empty() ? grace(timeout_) : timeout_;
  const auto over = [&] { return all_left() && !farewell_; };
  const bool all = notes_ == nullptr || changed_.wait_for(lock, seconds(time), over);
  return all && !failed && broken_.empty() && under_way_ == 0;
}

// --- The thread ---------------------------------------------------------------------------------

// Naps where there is nothing to do, so that others can compute: how much time polling has taken of
// the processor shows whether it moved any bytes.
void Progress::loop() {
  const auto used = [] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * int64_t{1000000000} + t.tv_nsec;
  };
  for (bool stop = false; !stop;) {
    const int64_t before = used();
    const bool started = start_new(), ended = poll(), heard = poll_notes();
    const bool busy = started || ended || heard || used() - before > 5000;
    std::unique_lock lock(mutex_);
    stop = stop_;
    if (busy || stop) continue;
    const auto nap =
        active_.empty() ? std::chrono::microseconds(2000) : std::chrono::microseconds(30);
    wake_.wait_for(lock, nap, [&] { return stop_ || !fresh_.empty() || notes_pending_; });
  }
  // What is still under way may be written to until the process ends.
  if (!active_.empty()) {
    [[maybe_unused]] static const auto* const abandoned =
        new std::vector<std::shared_ptr<Task>>(std::move(active_));
    static_cast<void>(receiving_.release());
    for (Sent& s : sent_) static_cast<void>(s.note.release());
  }
  receiving_.reset();
  notes_.reset();
  for (const auto& group : groups_)
    if (const auto state = group.lock()) state->backend.reset();
  world_->backend.reset();
}

bool Progress::start_new() {
  std::deque<std::shared_ptr<Task>> fresh;
  {
    const std::lock_guard lock(mutex_);
    if (fresh_.empty()) return false;
    fresh.swap(fresh_);
    under_way_ += fresh.size();
  }
  for (auto& task : fresh) {
    try {
      if (task->run)
        task->run();
      else
        task->pending = task->group->backend->start(task->transfer);
    } catch (...) {
      task->error = std::current_exception();
    }
    active_.push_back(std::move(task));
  }
  return true;
}

bool Progress::poll() {
  std::vector<std::shared_ptr<Task>> ended;
  std::erase_if(active_, [&](std::shared_ptr<Task>& task) {
    bool done = !task->pending;
    try {
      done = done || task->pending->done();
    } catch (...) {
      task->error = std::current_exception();
      done = true;
    }
    if (!done) return false;
    task->pending = nullptr;
    ended.push_back(std::move(task));
    return true;
  });
  if (ended.empty()) return false;
  const std::lock_guard lock(mutex_);
  under_way_ -= ended.size();
  for (auto& task : ended) task->done = true;
  changed_.notify_all();
  return true;
}

// --- Notes --------------------------------------------------------------------------------------

bool Progress::poll_notes() {
  if (!notes_) return false;
  try {
    if (!receiving_) receive_notes();
    bool heard = false;
    if (receiving_ && receiving_->done()) {
      receiving_ = nullptr;
      heard = hear(incoming_);
    }
    send_notes();
    std::erase_if(sent_, [](Sent& s) { return s.pending->done(); });
    return heard;
  } catch (const Error&) {
    return false;  // whoever can't be reached is missed by those who wait for it
  }
}

void Progress::receive_notes() {
  {
    const std::lock_guard lock(mutex_);
    if (all_left()) return;
  }
  receiving_ =
      notes_->start({.kind = Exchange::recv, .out = &incoming_, .count = sizeof(Note), .peer = -1});
}

bool Progress::hear(const Note& note) {
  const std::lock_guard lock(mutex_);
  Peer& peer = peers_[static_cast<size_t>(note.rank)];
  if (note.kind == Note::question) {
    peer.answer = notes_pending_ = true;
    return true;
  }
  peer.last = note;
  peer.replied = peer.replied || note.kind == Note::answer;
  peer.left = peer.left || note.kind == Note::farewell;
  changed_.notify_all();
  return true;
}

void Progress::send_notes() {
  std::vector<std::pair<int, Note>> notes;
  {
    const std::lock_guard lock(mutex_);
    if (!notes_pending_) return;
    notes_pending_ = false;
    for (size_t r = 0; r < peers_.size(); ++r) {
      if (static_cast<int>(r) == own_.rank) continue;
      Peer& peer = peers_[r];
      const auto add = [&](Note::Kind kind) {
        notes.emplace_back(static_cast<int>(r), own_);
        notes.back().second.kind = kind;
      };
      if (std::exchange(peer.ask, false)) add(Note::question);
      if (std::exchange(peer.answer, false)) add(Note::answer);
      if (std::exchange(peer.tell, false)) add(Note::waiting);
      if (farewell_) add(Note::farewell);
    }
  }
  for (auto& [rank, text] : notes) {
    auto note = std::make_unique<Note>(text);
    auto pending = notes_->start(
        {.kind = Exchange::send, .in = note.get(), .count = sizeof(Note), .peer = rank});
    sent_.push_back({std::move(note), std::move(pending)});
  }
  const std::lock_guard lock(mutex_);
  if (farewell_) {
    farewell_ = false;
    changed_.notify_all();
  }
}

}  // namespace rw::distributed::detail
