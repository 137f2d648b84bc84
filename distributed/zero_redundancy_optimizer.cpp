#include <rewind/distributed/zero_redundancy_optimizer.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>
#include <sstream>

#include <rewind/autograd/grad_mode.h>
#include <rewind/distributed/collectives.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::distributed {
namespace {

constexpr const char* self = "ZeroRedundancyOptimizer";
constexpr const char* all_params = "param_groups.0.params";

// The largest first, each to the rank that has least.
std::vector<int> share_out(const std::vector<Tensor>& params, int ranks) {
  std::vector<size_t> order(params.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return params[a].numel() > params[b].numel(); });
  std::vector<int64_t> load(static_cast<size_t>(ranks));
  std::vector<int> owners(params.size());
  for (const size_t i : order) {
    const auto least = std::min_element(load.begin(), load.end());
    *least += params[i].numel();
    owners[i] = static_cast<int>(least - load.begin());
  }
  return owners;
}

// "state.3.exp_avg" as "3" and "exp_avg"; nothing for other names.
std::optional<std::pair<size_t, std::string>> state_name(const std::string& name) {
  if (!name.starts_with("state.")) return {};
  size_t number = 0;
  const auto [end, error] = std::from_chars(name.data() + 6, name.data() + name.size(), number);
  check(error == std::errc() && end != name.data() + name.size() && *end == '.',
        "{}: load_state_dict: '{}' is no name of an optimizer's state", self, name);
  return std::pair(number, std::string(end));
}

// Sends names, dtypes and shapes ahead of the tensors.
void give(const StateDict& state, int to, const Group& group) {
  std::ostringstream about;
  for (const auto& [name, t] : state) {
    about << name << ' ' << static_cast<int>(t.dtype()) << ' ' << t.dim();
    for (int d = 0; d < t.dim(); ++d) about << ' ' << t.size(d);
    about << '\n';
  }
  const std::string text = about.str();
  const Tensor bytes = from(std::vector<uint8_t>(text.begin(), text.end()));
  send(from<int64_t>({bytes.numel()}), to, 0, {.group = group});
  send(bytes, to, 0, {.group = group});
  for (const auto& [name, t] : state) send(t, to, 0, {.group = group});
}

StateDict take(int src, const Group& group) {
  const Tensor size = zeros({1}, int64);
  recv(size, src, 0, {.group = group});
  const Tensor bytes = zeros({size.item<int64_t>()}, uint8);
  recv(bytes, src, 0, {.group = group});
  const auto text = bytes.to_vector<uint8_t>();
  std::istringstream about(std::string(text.begin(), text.end()));
  StateDict state;
  std::string name;
  for (int dtype = 0, dim = 0; about >> name >> dtype >> dim;) {
    std::vector<int64_t> sizes(static_cast<size_t>(dim));
    for (int64_t& s : sizes) about >> s;
    const Tensor t = empty(Shape(sizes), static_cast<DType>(dtype));
    recv(t, src, 0, {.group = group});
    state.emplace_back(name, t);
  }
  return state;
}

}  // namespace

ZeroRedundancyOptimizer::ZeroRedundancyOptimizer(std::vector<Tensor> params, const Make& make,
                                                 Group process_group)
    : params_(std::move(params)), group_(std::move(process_group)) {
  check(static_cast<int>(params_.size()) >= group_.size(),
        "{}: expected at least as many parameters as ranks, got {} and {}", self, params_.size(),
        group_.size());
  owners_ = share_out(params_, group_.size());
  std::vector<Tensor> own;
  for (size_t i = 0; i < params_.size(); ++i)
    if (owners_[i] == group_.rank()) own_.push_back(i), own.push_back(params_[i]);
  optimizer_ = make(own);
  check(optimizer_ != nullptr && optimizer_->num_groups() == 1,
        "{}: expected an optimizer of one group", self);
}

void ZeroRedundancyOptimizer::step() {
  collected_.reset();
  optimizer_->step();
  std::vector<Work> works;
  for (size_t i = 0; i < params_.size(); ++i)
    works.push_back(broadcast(params_[i], group_.ranks()[static_cast<size_t>(owners_[i])],
                              {.group = group_, .async_op = true}));
  for (Work& work : works) work.wait();
}

void ZeroRedundancyOptimizer::zero_grad() const {
  for (const Tensor& p : params_) p.set_grad({});
}

// This rank's part of the state.
StateDict ZeroRedundancyOptimizer::own_state() const {
  StateDict renamed;
  for (const auto& [name, t] : optimizer_->state_dict()) {
    const auto parts = state_name(name);
    if (parts)
      renamed.emplace_back(fmt::format("state.{}{}", own_[parts->first], parts->second), t);
    else if (name != all_params)
      renamed.emplace_back(name, t);
  }
  renamed.emplace_back(all_params, from(std::vector<int64_t>(own_.begin(), own_.end())));
  return renamed;
}

void ZeroRedundancyOptimizer::consolidate_state_dict(int to) {
  const StateDict own = own_state();
  collected_.reset();
  if (rank() != to) return give(own, to, group_);
  StateDict all = own.clone();
  for (const int src : group_.ranks()) {
    if (src == to) continue;
    for (auto& entry : take(src, group_))
      if (state_name(entry.first)) all.push_back(std::move(entry));
  }
  all[all_params] = arange(0, static_cast<int64_t>(params_.size()));
  collected_ = std::move(all);
}

StateDict ZeroRedundancyOptimizer::state_dict() const {
  return collected_ ? *collected_ : own_state();
}

void ZeroRedundancyOptimizer::load_state_dict(const StateDict& state) {
  const auto numbers = state[all_params].to_vector<int64_t>();
  for (const size_t i : own_)
    check(std::find(numbers.begin(), numbers.end(), static_cast<int64_t>(i)) != numbers.end(),
          "{}: load_state_dict: the state is that of one rank, without parameter {}; "
          "consolidate_state_dict collects that of all before it is saved",
          self, i);
  StateDict own;
  for (const auto& [name, t] : state) {
    const auto parts = state_name(name);
    if (!parts) {
      if (name != all_params) own.emplace_back(name, t);
      continue;
    }
    check(parts->first < params_.size(), "{}: load_state_dict: '{}' is of a parameter in no group",
          self, name);
    const auto at = std::find(own_.begin(), own_.end(), parts->first);
    if (at != own_.end())
      own.emplace_back(fmt::format("state.{}{}", at - own_.begin(), parts->second), t);
  }
  own.emplace_back(all_params, arange(0, static_cast<int64_t>(own_.size())));
  optimizer_->load_state_dict(own);
  collected_.reset();
}

}  // namespace rw::distributed
