#include <rewind/autograd/anomaly.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>
#include <unordered_map>

#include <rewind/autograd/call_stack.h>
#include <rewind/autograd/debug.h>
#include <rewind/autograd/record.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/unravel.h>

namespace rw {

namespace detail {

/// What a scope of detect_anomaly knows: what to look for, and where the nodes were recorded.
class AnomalyWatch {
 public:
  struct Origin {
    CallStack stack;
    const char* inside;  // the op whose backward recorded it; null in forward
  };

  Anomaly what = Anomaly::nan_or_inf;

  void remember(const Node& node) {
    origins_[node.sequence()] = {CallStack::here(), running_node ? running_node->name() : nullptr};
  }
  void forget(const Node& node) noexcept { origins_.erase(node.sequence()); }
  std::string origin_text(const Node& node) const {
    const auto it = origins_.find(node.sequence());
    if (it == origins_.end())
      return fmt::format(
          "\n'{}' was recorded before detect_anomaly: put it around the forward pass as well, to "
          "see where",
          node.name());
    const auto& [stack, inside] = it->second;
    const std::string where = inside ? fmt::format(" in the backward of '{}'", inside) : "";
    return fmt::format("\n'{}' was called{} from:{}", node.name(), where, stack.text());
  }

 private:
  std::unordered_map<uint64_t, Origin> origins_;  // by sequence number
};

}  // namespace detail

namespace {

// --- Looking for them ---------------------------------------------------------------------------

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 2, uint16_t,
                                  std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>;

// Whether there is a magnitude of these bits or above: from infinity on, or just beyond, at NaN.
// Then `limit - 1 - magnitude` wraps, which sets its highest bit: plain subtractions and ors are
// what every compiler turns into vectors.
template <class T>
bool any_from(BitsOf<T> limit, const T* p, int64_t n, int64_t stride) {
  constexpr auto no_sign = static_cast<BitsOf<T>>(static_cast<BitsOf<T>>(~BitsOf<T>{0}) >> 1);
  BitsOf<T> wrapped = 0;
  for (int64_t i = 0; i < n; ++i) {
    const auto magnitude =
        static_cast<BitsOf<T>>(std::bit_cast<BitsOf<T>>(p[i * stride]) & no_sign);
    wrapped |= static_cast<BitsOf<T>>(limit - 1 - magnitude);
  }
  return wrapped > no_sign;
}

template <class T>
bool any_strided(BitsOf<T> limit, const T* p, const Tensor& t, int d) {
  const int64_t n = t.shape()[d], stride = t.strides()[d];
  if (d + 1 == t.dim()) return any_from(limit, p, stride == 0 ? 1 : n, stride);
  for (int64_t i = 0; i < (stride == 0 ? 1 : n); ++i)
    if (any_strided(limit, p + i * stride, t, d + 1)) return true;
  return false;
}

bool shows(const Tensor& t, Anomaly what) {
  if (t.numel() == 0) return false;
  return dispatch_floating(t.dtype(), [&]<class T>() {
    const auto infinity = std::bit_cast<BitsOf<T>>(T(std::numeric_limits<float>::infinity()));
    const auto limit = static_cast<BitsOf<T>>(infinity + (what == Anomaly::nan ? 1 : 0));
    const auto* p = static_cast<const T*>(t.raw_data());
    if (!detail::is_dense(t)) return any_strided(limit, p, t, 0);
    std::atomic<bool> found = false;
    parallel_for(0, t.numel(), 1 << 16, [&](int64_t begin, int64_t end) {
      if (any_from(limit, p + begin, end - begin, 1)) found.store(true, std::memory_order_relaxed);
    });
    return found.load();
  });
}

// --- Telling of them ----------------------------------------------------------------------------

// "(float32, shape [3]) holds 1 NaN and 0 Inf; the first, nan, is at [2]"
std::string description(const Tensor& t, Anomaly what) {
  int64_t nan = 0, inf = 0, first = -1;
  const auto values = t.to_vector<double>();
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    const bool is_nan = std::isnan(values[i]);
    ++(is_nan ? nan : inf);
    if (first < 0 && (is_nan || what == Anomaly::nan_or_inf)) first = static_cast<int64_t>(i);
  }
  const double value = values[static_cast<size_t>(first)];
  return fmt::format("({}, shape {}) holds {} NaN and {} Inf; the first, {}, is at {}", t.dtype(),
                     t.shape(), nan, inf,
                     std::isnan(value) ? "nan"
                     : value > 0       ? "inf"
                                       : "-inf",
                     detail::unravel(first, t.shape()));
}

std::string result_text(const Node& node, uint32_t nr) {
  return node.outputs().size() == 1 ? fmt::format("the result of '{}'", node.name())
                                    : fmt::format("result {} of '{}'", nr, node.name());
}

}  // namespace

namespace detail {

void watch_recorded(const Tensor& result) {
  const Node& node = *result.impl()->node;
  anomaly_watch->remember(node);
  const Anomaly what = anomaly_watch->what;
  if (!shows(result, what)) return;
  fail<AutogradError>("detect_anomaly: {} {}{}", result_text(node, result.impl()->output_nr),
                      description(result, what), anomaly_watch->origin_text(node));
}

void watch_arrived(const Node& node, std::span<const Tensor> grads) {
  const Anomaly what = anomaly_watch->what;
  for (uint32_t nr = 0; nr < grads.size(); ++nr)
    if (grads[nr].defined() && shows(grads[nr], what))
      fail<AutogradError>(
          "detect_anomaly: the gradient for {}, as given, summed up or changed by a hook, {}{}",
          result_text(node, nr), description(grads[nr], what), anomaly_watch->origin_text(node));
}

void watch_returned(const Node& node, Grads& grads) {
  const Anomaly what = anomaly_watch->what;
  for (uint32_t i = 0; i < grads.size(); ++i)
    if (grads[i].defined() && shows(grads[i], what))
      fail<AutogradError>(
          "detect_anomaly: the gradient that backward of '{}' returned for input {} {}{}",
          node.name(), i, description(grads[i], what), anomaly_watch->origin_text(node));
}

void watch_destroyed(const Node& node) noexcept { anomaly_watch->forget(node); }

}  // namespace detail

detect_anomaly::detect_anomaly(Anomaly what) {
  if (!detail::anomaly_watch) {
    own_ = std::make_unique<detail::AnomalyWatch>();
    detail::anomaly_watch = own_.get();
  }
  before_ = std::exchange(detail::anomaly_watch->what, what);
}

detect_anomaly::~detect_anomaly() {
  detail::anomaly_watch->what = before_;
  if (own_) detail::anomaly_watch = nullptr;
}

}  // namespace rw
