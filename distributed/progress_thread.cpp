#include <rewind/distributed/progress_thread.h>

#include <algorithm>
#include <chrono>
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

// How long a rank has to answer a question, of the time that there is for an exchange.
double grace(double timeout) { return std::min(2.0, timeout / 4); }

}  // namespace

Progress::Progress(const std::function<std::unique_ptr<Backend>()>& make, double timeout)
    : timeout_(timeout), world_(std::make_shared<GroupState>()) {
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
  const auto settled = [&] { return task.done || !gone(task).empty(); };
  if (!changed_.wait_for(lock, seconds(timeout_ - grace(timeout_)), settled)) {
    // Late: all are asked where they are. The exchange may still end while they answer.
    for (Peer& peer : peers_) peer.ask = !peer.left, peer.replied = false;
    notes_pending_ = true;
    wake_.notify_one();
    changed_.wait_for(lock, seconds(grace(timeout_)), settled);
  }
  if (!task.done) {
    const std::string left = gone(task);
    broken_ = left.empty() ? missing(task) : left;
    throw Error(broken_);
  }
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
