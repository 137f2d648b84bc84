#include <rewind/data/sampler.h>

#include <algorithm>
#include <numeric>

#include <rewind/data/combine.h>
#include <rewind/ops/random.h>
#include <rewind/ops/sampling.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::data {

namespace detail {

uint64_t derive_seed(uint64_t seed, uint64_t n) {
  Generator gen(seed);
  gen.set_counter(n);
  return gen.next();
}

Tensor state_number(uint64_t n) { return scalar_tensor(static_cast<int64_t>(n), int64); }

uint64_t state_number(const char* op, const StateDict& state, const char* name) {
  check(state.contains(name), "{}: the state has no \"{}\"", op, name);
  const Tensor& t = state[name];
  check(t.defined() && t.dtype() == int64 && t.numel() == 1,
        "{}: expected \"{}\" to be one number of int64", op, name);
  return static_cast<uint64_t>(t.item<int64_t>());
}

int64_t count_batches(int64_t samples, int64_t batch_size, bool drop_last) {
  const int64_t full = samples / batch_size;
  return !drop_last && samples % batch_size > 0 ? full + 1 : full;
}

}  // namespace detail

namespace {

using Indices = std::vector<int64_t>;

Indices counted(int64_t size) {
  Indices indices(static_cast<size_t>(size));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

Generator generator_of(uint64_t seed, uint64_t epoch) {
  return Generator(detail::derive_seed(seed, epoch));
}

void check_size(const char* op, int64_t size) {
  check(size >= 0, "{}: expected the size of a data set, got {}", op, size);
}

}  // namespace

template <class Item>
StateDict BasicSampler<Item>::state_dict() const {
  return {{"epoch", detail::state_number(epoch_)}, {"position", detail::state_number(position_)}};
}

template <class Item>
void BasicSampler<Item>::load_state_dict(const StateDict& state) {
  constexpr auto op = "load_state_dict";
  const uint64_t epoch = detail::state_number(op, state, "epoch");
  const uint64_t position = detail::state_number(op, state, "position");
  check(position <= static_cast<uint64_t>(size()),
        "{}: position {} is beyond an epoch of {} items, so that the state is another sampler's",
        op, position, size());
  set_epoch(epoch);
  position_ = position;
}

template class BasicSampler<int64_t>;
template class BasicSampler<std::vector<int64_t>>;

SequentialSampler::SequentialSampler(int64_t size) : size_(size) {
  check_size("SequentialSampler", size);
}

Indices SequentialSampler::draw(uint64_t) const { return counted(size_); }

RandomSampler::RandomSampler(int64_t size, const RandomSamplerOptions& options)
    : size_(size), options_(options) {
  check_size("RandomSampler", size);
  const int64_t n = options.num_samples.value_or(1);
  check(n > 0, "RandomSampler: expected num_samples to be positive, got {}", n);
  check(size > 0 || !options.num_samples,
        "RandomSampler: there is nothing to draw {} samples from: the data set is empty", n);
}

Indices RandomSampler::draw(uint64_t epoch) const {
  Generator gen = generator_of(options_.seed, epoch);
  const int64_t n = RandomSampler::size();
  if (n == 0) return {};
  if (options_.replacement)
    return randint(0, size_, {n}, {.dtype = int64}, gen).to_vector<int64_t>();
  Indices indices;
  while (static_cast<int64_t>(indices.size()) < n) {
    const Indices more = detail::permutation(size_, gen);
    indices.insert(indices.end(), more.begin(), more.end());
  }
  indices.resize(static_cast<size_t>(n));
  return indices;
}

SubsetRandomSampler::SubsetRandomSampler(Indices indices, uint64_t seed)
    : indices_(std::move(indices)), seed_(seed) {}

Indices SubsetRandomSampler::draw(uint64_t epoch) const {
  Generator gen = generator_of(seed_, epoch);
  Indices order = detail::permutation(SubsetRandomSampler::size(), gen);
  for (int64_t& i : order) i = indices_[static_cast<size_t>(i)];
  return order;
}

WeightedRandomSampler::WeightedRandomSampler(const Tensor& weights, int64_t num_samples,
                                             const WeightedRandomSamplerOptions& options)
    : num_samples_(num_samples), options_(options) {
  check(weights.defined(), "WeightedRandomSampler: the weights are undefined");
  check<ShapeError>(weights.dim() == 1,
                    "WeightedRandomSampler: expected weights of shape [N], got shape {}",
                    weights.shape());
  check(num_samples > 0, "WeightedRandomSampler: expected num_samples to be positive, got {}",
        num_samples);
  weights_ = weights.detach().to(float64).clone();
  draw(0);  // which refuses what can't be drawn from
}

Indices WeightedRandomSampler::draw(uint64_t epoch) const {
  Generator gen = generator_of(options_.seed, epoch);
  return multinomial(weights_, num_samples_, options_.replacement, gen).to_vector<int64_t>();
}

DistributedSampler::DistributedSampler(int64_t size, const DistributedSamplerOptions& options)
    : size_(size), options_(options) {
  check_size("DistributedSampler", size);
  const int64_t n = options.num_replicas;
  check(n >= 1, "DistributedSampler: expected num_replicas to be at least 1, got {}", n);
  check(0 <= options.rank && options.rank < n,
        "DistributedSampler: expected a rank from 0 to {}, got {}", n - 1, options.rank);
  share_ = detail::count_batches(size, n, options.drop_last);
}

Indices DistributedSampler::draw(uint64_t epoch) const {
  Generator gen = generator_of(options_.seed, epoch);
  const Indices all = options_.shuffle ? detail::permutation(size_, gen) : counted(size_);
  Indices mine;
  // Beyond the end it goes on from the beginning, as often as it takes.
  for (int64_t k = 0; k < share_; ++k)
    mine.push_back(all[static_cast<size_t>((options_.rank + k * options_.num_replicas) % size_)]);
  return mine;
}

BatchSampler::BatchSampler(AnySampler sampler, int64_t batch_size, bool drop_last)
    : sampler_(std::move(sampler)), batch_size_(batch_size), drop_last_(drop_last) {
  check(batch_size >= 1, "BatchSampler: expected a batch_size of at least 1, got {}", batch_size);
}

int64_t BatchSampler::size() const {
  return detail::count_batches(sampler_->size(), batch_size_, drop_last_);
}

std::vector<Indices> BatchSampler::draw(uint64_t epoch) const {
  const Indices all = sampler_->draw(epoch);
  const auto count = static_cast<int64_t>(all.size());
  std::vector<Indices> batches;
  for (int64_t k = 0; k < detail::count_batches(count, batch_size_, drop_last_); ++k)
    batches.emplace_back(all.begin() + k * batch_size_,
                         all.begin() + std::min(count, (k + 1) * batch_size_));
  return batches;
}

}  // namespace rw::data
