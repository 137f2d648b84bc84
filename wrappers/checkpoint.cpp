#include <rewind/wrappers/checkpoint.h>

#include <memory>
#include <mutex>
#include <utility>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/record.h>
#include <rewind/autograd/saved_tensors_hooks.h>
#include <rewind/autograd/share_data.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/generator.h>

namespace rw {
namespace {

using Function = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

// A value, until the end of the scope.
template <class T>
class Exchanged {
 public:
  Exchanged(T& place, T value) : place_(place), before_(std::exchange(place, std::move(value))) {}
  ~Exchanged() { place_ = std::move(before_); }
  Exchanged(const Exchanged&) = delete;
  Exchanged& operator=(const Exchanged&) = delete;

 private:
  T& place_;
  T before_;
};

// What it takes to run a function again, and the tensors that this saved, by their number.
class Rerun {
 public:
  Rerun(Function f, const std::vector<Tensor>& inputs)
      : f_(std::move(f)), random_(default_generator()), dtype_(detail::autocast_dtype) {
    for (const Tensor& x : inputs) inputs_.push_back({save(x), place_of(x)});
  }

  size_t number_next() { return count_++; }

  // Each is handed out once: it is as good as used then. Several threads in backward take tensors
  // from each other, so that the function may have to run for every one of them.
  Tensor take(size_t number) {
    const std::lock_guard lock(mutex_);
    if (number >= saved_.size() || !saved_[number].defined()) run();
    return std::exchange(saved_[number], Tensor());
  }

 private:
  // Where an input stands on the tape.
  enum class Place { off, leaf, result };
  struct Input {
    SavedTensor tensor;
    Place place;
  };
  static Place place_of(const Tensor& x) {
    if (!x.defined() || !x.requires_grad()) return Place::off;
    return x.is_leaf() ? Place::leaf : Place::result;
  }

  // The input on a tape of its own, at the same place: the same tensors are saved then.
  static Tensor detached(const Input& input) {
    Tensor x = input.tensor.get();
    if (!x.defined()) return x;
    Tensor leaf = x.detach();
    if (input.place == Place::off) return leaf;
    leaf.requires_grad_();
    if (input.place == Place::leaf) return leaf;
    return record("checkpoint", detail::share_data(leaf), {leaf},
                  [](const Tensor& g, Needs) -> Grads { return g; });
  }

  void run() {
    const enable_grad guard;
    const Exchanged random(default_generator(), random_);
    const Exchanged dtype(detail::autocast_dtype, dtype_);
    const Exchanged recomputing(detail::is_recomputing, true);
    std::vector<Tensor> again, inputs;
    for (const Input& input : inputs_) inputs.push_back(detached(input));
    const saved_tensors_hooks hooks(
        [&](const Tensor& t) {
          again.push_back(t);
          return std::any();
        },
        [](const std::any&) { return Tensor(); });
    f_(inputs);
    check<AutogradError>(again.size() == count_,
                         "checkpoint: the function saved {} tensors for backward when it was run "
                         "again, and {} before; it has to do the same each time",
                         again.size(), count_);
    saved_ = std::move(again);
  }

  Function f_;
  Generator random_;
  DType dtype_;
  std::vector<Input> inputs_;
  size_t count_ = 0;
  std::mutex mutex_;
  std::vector<Tensor> saved_;
};

}  // namespace

std::vector<Tensor> checkpoint(const Function& f, const std::vector<Tensor>& inputs) {
  if (!is_grad_enabled()) return f(inputs);
  const auto rerun = std::make_shared<Rerun>(f, inputs);
  const saved_tensors_hooks hooks(
      [rerun](const Tensor&) { return std::any(rerun->number_next()); },
      [rerun](const std::any& number) { return rerun->take(std::any_cast<size_t>(number)); });
  return f(inputs);
}

}  // namespace rw
