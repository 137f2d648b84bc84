#pragma once
// Private to the library's sources: the thread that makes all calls to the backend.

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <rewind/distributed/backend.h>
#include <rewind/tensor/tensor.h>

namespace rw::distributed::detail {

/// Where in a training something happens, for messages; -1 where that is not known.
struct Place {
  int64_t step = -1, bucket = -1;
};

/// A group of ranks, as this process knows it.
struct GroupState {
  std::unique_ptr<Backend> backend;  // null where this process is none of them
  std::vector<int> ranks;            // of the world
  int id = 0;                        // the same on all ranks
  int64_t calls = 0;                 // collectives that were asked for here
  int rank = 0;
};

/// An exchange that was asked for, from then on until nobody waits for it any more.
struct Task {
  std::shared_ptr<GroupState> group;
  Transfer transfer;
  std::vector<Tensor> held;      // whose memory the transfer uses
  std::function<void()> finish;  // brings results where they belong; run by who waits
  std::function<void()> run;     // in place of a transfer
  const char* title = nullptr;   // the name for messages, where it is not the exchange's
  Place place;
  int64_t call = 0;  // which collective of its group
  std::unique_ptr<Pending> pending;
  bool done = false;
  std::exception_ptr error;
};

/// What a rank tells others about itself.
struct Note {
  enum Kind : int32_t { question, answer, farewell, waiting };
  static constexpr size_t most_groups = 32;

  int32_t kind = question;
  int32_t rank = 0;
  int32_t failed = 0;  // it has left by an exception
  int64_t step = -1, bucket = -1;
  std::array<int64_t, most_groups> calls{};  // of groups by id
  int64_t waits_in = -1, waits_for = 0;      // the group and call that it waits for; -1: for none
  std::array<char, 24> waits_as{};           // its name
};

class Progress {
 public:
  /// `make` is called on the thread. Throws what it throws.
  /// With `debug`, ranks tell each other what they wait for.
  Progress(const std::function<std::unique_ptr<Backend>()>& make, double timeout, bool debug);
  /// After leave().
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  const std::shared_ptr<GroupState>& world() const { return world_; }
  int local_rank() const { return local_rank_; }
  double timeout() const { return timeout_; }

  /// Hands a task over. Throws where an exchange has failed before.
  void submit(const std::shared_ptr<Task>& task);
  /// Waits until it is done. Throws what it has thrown, and Error where it takes longer than the
  /// timeout, or can't be done any more.
  void wait(Task& task);
  bool is_done(Task& task);
  /// Runs f on the thread, and waits for it.
  void run(const char* title, const std::function<void()>& f);
  /// Called by all ranks of the world at once.
  std::shared_ptr<GroupState> add_group(const std::vector<int>& ranks);

  /// Says farewell to the others, and waits for theirs; whether all has ended in order.
  bool leave(bool failed);

  /// Where this rank is.
  void set_place(Place place);

 private:
  // What is known of another rank.
  struct Peer {
    Note last;             // what it has told last
    bool ask = false;      // to be sent a question
    bool answer = false;   // to be sent an answer
    bool tell = false;     // to be told what this rank waits for
    bool replied = false;  // to the last question
    bool left = false;
  };
  struct Sent {
    std::unique_ptr<Note> note;
    std::unique_ptr<Pending> pending;
  };

  void loop();
  bool start_new();
  bool poll();
  bool poll_notes();
  void receive_notes();
  void send_notes();
  bool hear(const Note& note);
  bool all_left() const;
  std::string gone(const Task& task) const;
  bool lacks(const Note& note, int rank) const;
  bool tell_waiting(const Task& task);
  std::string deadlock(const Task& task) const;
  std::string missing(const Task& task) const;

  double timeout_;
  bool debug_;
  std::mutex mutex_;  // guards all down to `broken_`
  std::condition_variable wake_, changed_;
  std::deque<std::shared_ptr<Task>> fresh_;
  size_t under_way_ = 0;
  std::vector<Peer> peers_;  // by rank
  Note own_;
  bool farewell_ = false;  // to be sent
  bool notes_pending_ = false;
  bool stop_ = false;
  std::string broken_;  // what has failed, once something has

  std::shared_ptr<GroupState> world_;
  int local_rank_ = 0;

  std::vector<std::weak_ptr<GroupState>> groups_;

  // Of the thread alone.
  std::vector<std::shared_ptr<Task>> active_;
  std::unique_ptr<Backend> notes_;  // a group of its own for notes; null for one rank
  Note incoming_;
  std::unique_ptr<Pending> receiving_;
  std::vector<Sent> sent_;

  std::thread thread_;
};

}  // namespace rw::distributed::detail
