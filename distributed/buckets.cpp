#include <rewind/distributed/buckets.h>

#include <algorithm>
#include <map>

#include <rewind/distributed/collectives.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::distributed::detail {

void Bucket::put(size_t slot, const Tensor& grad) {
  const profile_scope scope("distributed_bucket");
  if (grad.defined())
    views[slot].copy_(grad);
  else
    views[slot].zero_();
  ++filled_;
}

void Bucket::launch(const Group& group, double ranks, Place place) {
  const profile_scope scope("distributed_bucket");
  flat.div_(ranks);
  Tensor moved = flat;
  if (compressed && flat.dtype() == float32) {
    if (error_.defined()) flat.add_(error_);
    wire_ = flat.to(bfloat16);
    error_ = flat.clone().sub_(wire_);
    moved = wire_;
  }
  const auto storage = moved.impl()->storage;
  work_ = start({.transfer = {.kind = Exchange::all_reduce,
                              .out = moved.raw_data(),
                              .count = moved.numel(),
                              .dtype = moved.dtype()},
                 .group = group.state(),
                 .shape = moved.shape(),
                 .held = {moved},
                 .finish = [storage] { storage->bump_version("all_reduce"); },
                 .place = place});
}

void Bucket::wait() {
  std::exchange(work_, {}).wait();
  if (wire_.defined()) flat.copy_(std::exchange(wire_, {}));
}

std::vector<Bucket> make_buckets(const std::vector<Tensor>& params,
                                 const std::vector<int64_t>& order, double first_mb,
                                 double cap_mb) {
  std::vector<Bucket> done;
  std::map<DType, std::pair<Bucket, double>> open;  // and how many bytes they have
  for (const int64_t at : order) {
    const auto i = static_cast<size_t>(at);
    auto& [bucket, bytes] = open[params[i].dtype()];
    bucket.params.push_back(i);
    bytes += static_cast<double>(params[i].nbytes());
    if (bytes < (done.empty() ? first_mb : cap_mb) * (1 << 20)) continue;
    done.push_back(std::move(bucket));
    open.erase(params[i].dtype());
  }
  for (auto& [dtype, rest] : open) done.push_back(std::move(rest.first));

  for (Bucket& bucket : done) {
    int64_t size = 0;
    for (const size_t i : bucket.params) size += params[i].numel();
    bucket.flat = zeros({size}, params[bucket.params[0]].dtype());
    size = 0;
    for (const size_t i : bucket.params) {
      const Tensor part = bucket.flat.narrow(0, size, params[i].numel());
      bucket.views.push_back(part.view(params[i].shape()));
      size += params[i].numel();
    }
  }
  return done;
}

}  // namespace rw::distributed::detail
