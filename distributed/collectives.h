#pragma once

#include <vector>

#include <rewind/distributed/process_group.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::distributed {

/// What collectives take by name.
struct CollectiveOptions {
  ReduceOp op = ReduceOp::sum;  ///< of those that reduce
  Group group = {};             ///< whose ranks all call
  /// Returns at once; results are there after `wait()` of what is returned, and until then the
  /// tensors must stay as they are.
  bool async_op = false;
};

// All ranks of the group call the same, in the same order, with tensors of the same shape and dtype
// (any dtype). Results are written into the given tensors, of any memory order, off the tape.
// `src` and `dst` are ranks of the world. Throw Error where there is no init, where this rank is
// none of the group, and where others do not come within the timeout.

/// `tensor` becomes the reduction of those of all ranks, the same to the last bit on all of them.
/// DTypeError for the average of integers.
Work all_reduce(const Tensor& tensor, const CollectiveOptions& options = {});
/// `tensor` becomes that of rank `src`.
Work broadcast(const Tensor& tensor, int src, const CollectiveOptions& options = {});
/// `tensor_list[i]` becomes the `tensor` of rank i of the group.
Work all_gather(const std::vector<Tensor>& tensor_list, const Tensor& tensor,
                const CollectiveOptions& options = {});
/// The same with one output, [size, …] or, by dimension 0, one after the other.
Work all_gather_into_tensor(const Tensor& output, const Tensor& input,
                            const CollectiveOptions& options = {});
/// `gather_list[i]`, at rank `dst` alone, becomes the `tensor` of rank i of the group.
Work gather(const Tensor& tensor, const std::vector<Tensor>& gather_list = {}, int dst = 0,
            const CollectiveOptions& options = {});
/// `tensor` of rank i of the group becomes `scatter_list[i]` of rank `src`, which alone has one.
Work scatter(const Tensor& tensor, const std::vector<Tensor>& scatter_list = {}, int src = 0,
             const CollectiveOptions& options = {});
/// `output` of rank i becomes the reduction of `input_list[i]` of all ranks.
Work reduce_scatter(const Tensor& output, const std::vector<Tensor>& input_list,
                    const CollectiveOptions& options = {});
/// `output_list[i]` becomes the `input_list[rank]` of rank i.
Work all_to_all(const std::vector<Tensor>& output_list, const std::vector<Tensor>& input_list,
                const CollectiveOptions& options = {});
/// Gives `tensor` to rank `dst`, which calls recv with the same tag.
Work send(const Tensor& tensor, int dst, int tag = 0, const CollectiveOptions& options = {});
/// `tensor` becomes what rank `src` sends with the same tag.
Work recv(const Tensor& tensor, int src, int tag = 0, const CollectiveOptions& options = {});
/// Waits for all.
Work barrier(const CollectiveOptions& options = {});

}  // namespace rw::distributed

#pragma GCC visibility pop
