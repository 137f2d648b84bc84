// Small graphs: some ops after one another on some tensors, each on results of those before, with
// views, changes in place, hooks, and parts off the tape. What is done depends on the shapes and on
// a seed alone, so that it is the same in every dtype and memory order.

#include "op.h"

namespace rw::fuzz {
namespace {

class Graph {
 public:
  // Copies of the inputs, which changes in place would change otherwise.
  Graph(const Tensors& inputs, const Source& source) : source_(source) {
    for (const Tensor& x : inputs) values_.push_back(x.clone());
  }

  Tensors run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    Tensors results = {values_.back()};
    if (source_.chance(0.5)) results.push_back(any());
    return results;
  }
  /// The ops that were recorded.
  const std::string& steps() const { return steps_; }

 private:
  const Tensor& any() { return values_[static_cast<size_t>(source_.below(std::ssize(values_)))]; }
  void add(Tensor t) {
    if (*t.grad_fn()) steps_ += std::string(" ") + t.grad_fn();
    values_.push_back(std::move(t));
  }
  // Of a result that shares no memory: noise makes a copy.
  void add_new(const Tensor& t) { add(with_noise(t)); }

  void step() {
    const Tensor x = any();
    const double u = source_.unit();
    if (u < 0.3) return add_new(unary(x));
    if (u < 0.5) return add_new(binary(x, partner(x)));
    if (u < 0.6) return add_new(reduced(x));
    if (u < 0.75) return add(view(x));
    if (u < 0.8) return add_new(multiplied(x));
    if (u < 0.88) return change(x);
    if (u < 0.92) return hook(x);
    if (u < 0.95) return add(x.detach());
    if (u < 0.97)
      return add_new(checkpoint([](In t) { return with_noisy_slope(tanh(t), t) * t; }, x));
    no_grad guard;
    add_new(unary(x));
  }

  Tensor unary(const Tensor& x) {
    switch (source_.below(10)) {
      case 0:
        return with_noisy_slope(tanh(x), x);
      case 1:
        return with_noisy_slope(sigmoid(x), x);
      case 2:
        return sin(x);
      case 3:
        return relu(x);
      case 4:
        return abs(x);
      case 5:
        return square(x);
      case 6:
        return exp(-with_noise(square(x)));
      case 7:
        return with_noisy_slope(softplus(x), x);
      case 8:
        return x.dim() ? with_noisy_slope(softmax(x, -1), x, true) : cos(x);
      default:
        return sqrt(with_noise(square(x) + 1));
    }
  }

  // One that broadcasts with x.
  Tensor partner(const Tensor& x) {
    const Tensor y = any();
    if (y.shape() == x.shape() || y.dim() == 0) return y;
    return y.numel() > 0 ? y.mean() : x;
  }

  Tensor binary(const Tensor& a, const Tensor& b) {
    switch (source_.below(7)) {
      case 0:
        return a - b;
      case 1:
        return a * b;
      case 2:
        return maximum(a, b);
      case 3:
        return a / with_noise(abs(b) + 1);
      case 4:
        return with_noise(a * 2 - b) * 0.5;
      case 5:
        return a.shape() == b.shape() && a.dim() ? cat(Tensors{a, b}, -1) : b + a;
      default:
        return a + b;
    }
  }

  int64_t dim_of(const Tensor& x) { return x.dim() ? source_.below(x.dim()) : 0; }

  Tensor reduced(const Tensor& x) {
    const int64_t dim = dim_of(x);
    if (x.dim() == 0) return x * 0.5;
    switch (source_.below(4)) {
      case 0:
        return x.sum(dim, true);
      case 1:
        return x.mean(dim);
      case 2:
        return x.size(dim) > 0 ? amax(x, dim, true) : x.sum(dim);
      default:
        return x.size(dim) > 0 ? logsumexp(x, dim, true) : x.mean(dim);
    }
  }

  Tensor view(const Tensor& x) {
    if (x.dim() == 0) return x.unsqueeze(0);
    const int64_t dim = dim_of(x), n = x.size(dim);
    switch (source_.below(6)) {
      case 0:
        return x.transpose(dim, dim_of(x));
      case 1:
        return n > 0 ? x.select(dim, source_.below(n)) : x;
      case 2:
        return x.slice(dim, 0, Slice::none, 2);
      case 3:
        return x.flatten().clone();  // a view or not, by the memory order
      case 4:
        return x.dim() < 5 ? x.unsqueeze(dim) : x.squeeze();
      default:
        return x.narrow(dim, n / 2, n - n / 2);
    }
  }

  Tensor multiplied(const Tensor& x) {
    const Tensor rows = x.reshape({-1, x.dim() ? x.size(-1) : 1}).clone();
    if (rows.size(1) > 32) return rows.matmul(rows.mean(0));
    return rows.matmul(with_noise(rows.t().matmul(rows))) * 0.125;
  }

  void change(Tensor x) {
    if (source_.chance(0.5)) x = x * 1;  // x may be a leaf
    const Tensor y = partner(x);
    switch (source_.below(6)) {
      case 0:
        x.add_(y);
        break;
      case 1:
        x.mul_(y);
        break;
      case 2:
        x.relu_();
        break;
      case 3:
        x.copy_(y);
        break;
      case 4:
        x.clamp_(-1, 1);
        break;
      default:
        x.div_(4);
        break;
    }
    add(x);
  }

  void hook(const Tensor& x) {
    const Tensor y = x * 1;
    if (y.requires_grad()) register_hook(y, [](In g) { return g * 2; });
    add(y);
  }

  Source source_;
  Tensors values_;
  std::string steps_;
};

Call chain(Draw& d) {
  if (!d.floating()) d.dtype = float32;
  if (d.style == Style::wide) d.style = Style::plain;
  Tensors in;
  for (int64_t i = d.between(1, 3); i > 0; --i) {
    const bool same = !in.empty() && d.chance(0.5);
    in.push_back(d.tensor(same ? in[0].shape() : d.shape(0, 4)));
  }
  const auto n = static_cast<int>(d.between(2, 8));
  Call call(in, [](const Tensors& t) { return t; });
  call.function = [n, source = Source(d.next()), steps = call.steps](const Tensors& t) {
    Graph graph(t, source);
    const Tensors results = graph.run(n);
    if (steps->empty()) *steps = graph.steps();
    return results;
  };
  return call;
}

}  // namespace

Ops chains() { return {{"chain", onednn | saturates | in_chain, chain}}; }

}  // namespace rw::fuzz
