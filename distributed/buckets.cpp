#include <rewind/distributed/buckets.h>

#include <algorithm>
#include <map>

#include <rewind/distributed/collectives.h>
#include <rewind/ops/arithmetic.h>
#include <rewind/ops/reduction.h>
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
  group_ = group, place_ = place;
  if (compressed && flat.dtype() == float32) return send_pieces();
  const auto storage = flat.impl()->storage;
  work_ = start({.transfer = {.kind = Exchange::all_reduce,
                              .out = flat.raw_data(),
                              .count = flat.numel(),
                              .dtype = flat.dtype()},
                 .group = group.state(),
                 .shape = flat.shape(),
                 .held = {flat},
                 .finish = [storage] { storage->bump_version("all_reduce"); },
                 .place = place});
}

// A sum that is rounded to bfloat16 on its way loses what no rank knows of. So each rank adds up a
// piece in float32, and rounds once, with a residual of its own; as many bytes travel as in a ring.
void Bucket::send_pieces() {
  const int64_t n = group_.size(), piece = (flat.numel() + n - 1) / n;
  const Tensor own = zeros({n, piece}, bfloat16);
  own.view({n * piece}).narrow(0, 0, flat.numel()).copy_(of_gradient_.rounded(flat));
  pieces_ = empty({n, piece}, bfloat16);
  work_ = start({.transfer = {.kind = Exchange::all_to_all,
                              .in = own.raw_data(),
                              .out = pieces_.raw_data(),
                              .count = piece,
                              .dtype = bfloat16},
                 .group = group_.state(),
                 .shape = flat.shape(),
                 .held = {own, pieces_},
                 .place = place_});
}

void Bucket::pass_on() {
  if (!pieces_.defined()) return;
  std::exchange(work_, {}).wait();
  const profile_scope scope("distributed_bucket");
  Tensor sum = std::exchange(pieces_, {}).to(float32).sum(0);
  const Tensor own = of_sum_.rounded(sum);
  sum_ = empty({group_.size(), own.numel()}, bfloat16);
  work_ = start({.transfer = {.kind = Exchange::all_gather,
                              .in = own.raw_data(),
                              .out = sum_.raw_data(),
                              .count = own.numel(),
                              .dtype = bfloat16},
                 .group = group_.state(),
                 .shape = own.shape(),
                 .held = {own, sum_},
                 .place = place_});
}

void Bucket::wait() {
  pass_on();
  std::exchange(work_, {}).wait();
  if (!sum_.defined()) return;
  flat.copy_(sum_.view({sum_.numel()}).narrow(0, 0, flat.numel()));
  sum_ = {};
}

// What is not finite leaves no residual, which would stay for good.
Tensor Bucket::Residual::rounded(Tensor& t) {
  if (lost_.defined()) t.add_(lost_);
  const Tensor wire = t.to(bfloat16);
  lost_ = nan_to_num(t.clone().sub_(wire), 0, 0, 0);
  return wire;
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
