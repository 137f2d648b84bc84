#pragma once
// Private to the library's sources: gradients that travel together.

#include <utility>
#include <vector>

#include <rewind/distributed/context.h>
#include <rewind/tensor/tensor.h>

namespace rw::distributed::detail {

struct Bucket {
  std::vector<size_t> params;  // by number
  std::vector<Tensor> views;   // of `flat`, where each gradient lies
  Tensor flat;
  bool compressed = false;  // travels as bfloat16, if it is float32

  /// Empties it.
  void reset() { filled_ = 0; }
  /// A gradient; an undefined one is zero.
  void put(size_t slot, const Tensor& grad);
  bool full() const { return filled_ == params.size(); }
  /// Starts the sum over all ranks of what is in it over `ranks`.
  void launch(const Group& group, double ranks, Place place);
  /// Of a compressed bucket: waits until its pieces are here, and sends their sum to all. Before
  /// another bucket is launched, so that all ranks call in the same order.
  void pass_on();
  /// Waits for the sum.
  void wait();

 private:
  // What rounding to bfloat16 has lost so far.
  class Residual {
   public:
    /// `t`, to which what was lost before is added, as bfloat16.
    Tensor rounded(Tensor& t);

   private:
    Tensor lost_;
  };

  void send_pieces();

  size_t filled_ = 0;
  Residual of_gradient_, of_sum_;
  Tensor pieces_, sum_;  // of compressed ones, [ranks, elements of a piece]: what travels
  Group group_;
  Place place_;
  Work work_;
};

/// Parameters in this order, in buckets of so many 2^20 bytes and of one dtype.
std::vector<Bucket> make_buckets(const std::vector<Tensor>& params,
                                 const std::vector<int64_t>& order, double first_mb, double cap_mb);

}  // namespace rw::distributed::detail
