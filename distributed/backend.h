#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <rewind/tensor/dtype.h>

#pragma GCC visibility push(default)

/// Programs of several processes, which may run on several machines.
namespace rw::distributed {

/// How numbers of several ranks become one.
enum class ReduceOp : uint8_t {
  sum,      ///< of bool: whether any is true
  product,  ///< of bool: whether all are
  min,      ///< the least
  max,      ///< the greatest
  avg       ///< the sum over the number of ranks, of floating tensors
};

/// What ranks do together.
enum class Exchange : uint8_t {
  all_reduce,      ///< `out` becomes the reduction of all
  broadcast,       ///< `out` becomes that of rank `peer`
  all_gather,      ///< `out` has the `in` of every rank, in order
  gather,          ///< the same at rank `peer` alone
  scatter,         ///< `out` is this rank's piece of the `in` of rank `peer`
  reduce_scatter,  ///< `out` is this rank's piece of the reduction of all `in`
  all_to_all,      ///< `out` has piece `rank` of the `in` of every rank
  send,            ///< `in` goes to rank `peer`
  recv,            ///< `out` comes from rank `peer`, or from any if that is negative
  barrier          ///< nothing but waiting for all
};
/// "all_reduce", …
const char* name(Exchange kind);

/// One exchange as a backend sees it: plain memory, which stays until it is done.
struct Transfer {
  Exchange kind = Exchange::barrier;  ///< what is done
  const void* in = nullptr;           ///< what is read, where that is not `out`
  void* out = nullptr;                ///< what is written
  int64_t count = 0;                  ///< elements of one piece: what a rank gives to another
  DType dtype = DType::uint8;         ///< of the elements
  ReduceOp op = ReduceOp::sum;        ///< not avg
  int peer = 0;                       ///< the rank that gives or gets, where there is one
  int tag = 0;                        ///< of send and recv: which belong together
};

/// An exchange that is under way.
class Pending {
 public:
  virtual ~Pending() = default;
  /// Looks whether it is done, without waiting, and moves it on. Throws Error where it has failed.
  virtual bool done() = 0;
};

/// What carries the bytes of a group of ranks. One thread makes all of its calls, and all of those
/// to the groups that were made of it. Exchanges of a group but send and recv are started in the
/// same order by all of its ranks.
class Backend {
 public:
  virtual ~Backend() = default;
  ///@{
  /// This rank, and how many there are.
  virtual int rank() const = 0;
  virtual int size() const = 0;
  ///@}
  /// The rank among those of this machine.
  virtual int local_rank() const = 0;
  /// Starts an exchange, without waiting for anybody. Throws Error where that fails.
  virtual std::unique_ptr<Pending> start(const Transfer& transfer) = 0;
  /// These ranks as a group of its own, in this order; null for others. Called by all ranks at
  /// once, and waits for them.
  virtual std::unique_ptr<Backend> group(const std::vector<int>& ranks) = 0;
};

/// MPI's world. Starts MPI, and ends it once the backend is gone, if `orderly` is true then.
std::unique_ptr<Backend> mpi_backend(const std::shared_ptr<const bool>& orderly);
/// One rank alone, in this process.
std::unique_ptr<Backend> local_backend();

}  // namespace rw::distributed

#pragma GCC visibility pop
