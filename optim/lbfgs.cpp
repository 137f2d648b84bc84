#include <rewind/optim/lbfgs.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/products.h>
#include <rewind/ops/vector_norm.h>
#include <rewind/optim/line_search.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/profile_scope.h>

namespace rw::optim {

namespace {

void check_options(const LBFGSOptions& o) {
  check(o.lr >= 0, "LBFGS: expected lr >= 0, got {}", o.lr);
  check(o.history_size >= 1, "LBFGS: expected history_size >= 1, got {}", o.history_size);
  check(o.line_search_fn == LineSearch::none || o.line_search_fn == LineSearch::strong_wolfe,
        "LBFGS: expected line_search_fn none or strong_wolfe, got {}",
        static_cast<int64_t>(o.line_search_fn));
}

double product(const Tensor& a, const Tensor& b) { return dot(a, b).item<double>(); }
// y += a x, without a product in between.
void add_scaled(Tensor& y, const Tensor& x, double a) {
  y.addcmul_(x, scalar_tensor(a, y.dtype()));
}
double greatest(const Tensor& a) {
  return linalg::vector_norm(a, std::numeric_limits<double>::infinity()).item<double>();
}

}  // namespace

LBFGS::LBFGS(std::vector<Tensor> params, const LBFGSOptions& options)
    : GroupedOptimizer("LBFGS", {.step = false}, {{std::move(params), options}},
                       [](const Group& group) { check_options(group.options); }) {}

void LBFGS::step() { update(); }
void LBFGS::update() {
  fail("LBFGS: step takes a closure that computes the loss and its gradients");
}

DType LBFGS::flat_dtype() const {
  const auto& params = groups()[0].params;
  const bool any = std::any_of(params.begin(), params.end(),
                               [](const Tensor& p) { return p.dtype() == float64; });
  return any ? float64 : float32;
}
int64_t LBFGS::numel() const {
  int64_t n = 0;
  for (const Tensor& p : groups()[0].params) n += p.numel();
  return n;
}
Tensor& LBFGS::scratch(size_t i) {
  if (!scratch_[i].defined()) scratch_[i] = empty({numel()}, flat_dtype());
  return scratch_[i];
}

// The loss at the parameters, whose gradients go to `flat_grad`.
double LBFGS::evaluate(const Closure& closure, Tensor& flat_grad) {
  Tensor loss;
  {
    const enable_grad recording;
    loss = closure();
  }
  check_gradients();
  const bool maximize = groups()[0].options.maximize;
  int64_t at = 0;
  for (const Tensor& p : groups()[0].params) {
    Tensor part = flat_grad.narrow(0, at, p.numel()).view(p.shape());
    if (const Tensor g = p.grad(); g.defined())
      part.copy_(g);
    else
      part.zero_();
    at += p.numel();
  }
  if (maximize) flat_grad.neg_();
  ++history_.func_evals;
  check(loss.defined() && loss.numel() == 1,
        "LBFGS: step: expected a closure that returns the loss, a number");
  const double value = loss.item<double>();
  return maximize ? -value : value;
}

// p += t d.
void LBFGS::move(double t) {
  int64_t at = 0;
  for (Tensor p : groups()[0].params) {
    const Tensor part = history_.d.narrow(0, at, p.numel()).view(p.shape());
    add_scaled(p, part.to(p.dtype()), t);
    at += p.numel();
  }
}

void LBFGS::keep_params() {
  int64_t at = 0;
  for (const Tensor& p : groups()[0].params) {
    scratch(2).narrow(0, at, p.numel()).view(p.shape()).copy_(p);
    at += p.numel();
  }
}
void LBFGS::restore_kept() {
  int64_t at = 0;
  for (Tensor p : groups()[0].params) {
    p.copy_(scratch(2).narrow(0, at, p.numel()).view(p.shape()));
    at += p.numel();
  }
}

// The change of the last iteration, in the memory of the oldest one once there are enough.
void LBFGS::remember_change() {
  History& h = history_;
  const bool is_full = static_cast<int64_t>(h.changes.size()) >= groups()[0].options.history_size;
  Tensor& y = scratch(0);
  Tensor& s = scratch(1);
  y.copy_(flat_grad_).sub_(h.prev_flat_grad);
  s.copy_(h.d).mul_(h.t);
  const double ys = product(y, s);
  if (!(ys > 1e-10)) return;
  h.h_diag = ys / product(y, y);
  Change change{y, s, 1 / ys};
  y = s = Tensor();
  if (is_full) {
    y = h.changes.front().of_grad;
    s = h.changes.front().of_params;
    h.changes.pop_front();
  }
  h.changes.push_back(std::move(change));
}

// d = -H g by the two loops over the history.
void LBFGS::choose_direction() {
  History& h = history_;
  h.d.copy_(flat_grad_).neg_();
  std::vector<double> al(h.changes.size());
  for (size_t i = al.size(); i-- > 0;) {
    al[i] = product(h.changes[i].of_params, h.d) * h.changes[i].ro;
    add_scaled(h.d, h.changes[i].of_grad, -al[i]);
  }
  h.d.mul_(h.h_diag);
  for (size_t i = 0; i < al.size(); ++i) {
    const double be = product(h.changes[i].of_grad, h.d) * h.changes[i].ro;
    add_scaled(h.d, h.changes[i].of_params, al[i] - be);
  }
}

// One iteration; whether another one may follow.
bool LBFGS::iterate(const Closure& closure, double& loss, int64_t& evals, bool is_last) {
  const LBFGSOptions& o = groups()[0].options;
  const int64_t max_eval = o.max_eval ? o.max_eval : o.max_iter * 5 / 4;
  History& h = history_;
  if (++h.n_iter == 1) {
    h.d = flat_grad_.neg();
    h.prev_flat_grad = flat_grad_.clone();
    h.t = std::min(1., 1 / linalg::vector_norm(flat_grad_, 1).item<double>()) * o.lr;
  } else {
    remember_change();
    choose_direction();
    h.prev_flat_grad.copy_(flat_grad_);
    h.t = o.lr;
  }
  h.prev_loss = loss;
  const double slope = product(flat_grad_, h.d);
  if (slope > -o.tolerance_change) return false;
  if (o.line_search_fn == LineSearch::strong_wolfe) {
    keep_params();
    std::vector<Tensor> buffers;
    for (size_t i = 3; i < 7; ++i) buffers.push_back(scratch(i));
    const auto at = [&](double t, Tensor& g) {
      restore_kept();
      move(t);
      ++evals;
      const double f = evaluate(closure, g);
      return std::pair(f, product(g, h.d));
    };
    LinePoint found;
    try {
      found = strong_wolfe(at, {0, loss, slope, h.prev_flat_grad}, h.t, greatest(h.d),
                           o.tolerance_change, max_eval - evals, buffers);
    } catch (...) {
      restore_kept();
      throw;
    }
    restore_kept();
    move(found.t);
    loss = found.f;
    h.t = found.t;
    flat_grad_.copy_(found.g);
  } else {
    move(h.t);
    if (!is_last) {
      loss = evaluate(closure, flat_grad_);
      ++evals;
    }
  }
  return !is_last && evals < max_eval && greatest(flat_grad_) > o.tolerance_grad &&
         greatest(h.d) * std::abs(h.t) > o.tolerance_change &&
         !(std::abs(loss - h.prev_loss) < o.tolerance_change);
}

namespace {

// "3" of "old_dirs.3".
std::optional<size_t> index_in(std::string_view list, std::string_view name) {
  if (!name.starts_with(list) || name.size() < list.size() + 2 || name.size() > list.size() + 8)
    return {};
  size_t index = 0;
  for (const char c : name.substr(list.size() + 1)) {
    if (c < '0' || c > '9') return {};
    index = 10 * index + static_cast<size_t>(c - '0');
  }
  return name[list.size()] == '.' ? std::optional(index) : std::nullopt;
}

}  // namespace

StateDict LBFGS::state_dict() const {
  StateDict all;
  const History& h = history_;
  const auto number = [&](const std::string& name, double v) {
    all.emplace_back("state.0." + name, scalar_tensor(v, float64));
  };
  if (h.func_evals > 0) {
    number("func_evals", h.func_evals);
    number("n_iter", h.n_iter);
  }
  if (h.d.defined()) {
    all.emplace_back("state.0.d", h.d);
    number("t", h.t);
    for (size_t i = 0; i < h.changes.size(); ++i) {
      all.emplace_back(fmt::format("state.0.old_dirs.{}", i), h.changes[i].of_grad);
      all.emplace_back(fmt::format("state.0.old_stps.{}", i), h.changes[i].of_params);
      number(fmt::format("ro.{}", i), h.changes[i].ro);
    }
    number("H_diag", h.h_diag);
    all.emplace_back("state.0.prev_flat_grad", h.prev_flat_grad);
    number("prev_loss", h.prev_loss);
  }
  for (auto& entry : GroupedOptimizer::state_dict()) all.push_back(std::move(entry));
  return all;
}

void LBFGS::load_state_dict(const StateDict& state) {
  const no_grad guard;
  constexpr std::string_view prefix = "state.0.";
  History h;
  StateDict options;
  for (const auto& [name, t] : state) {
    if (!name.starts_with(prefix)) {
      options.emplace_back(name, t);
      continue;
    }
    const std::string_view entry = std::string_view(name).substr(prefix.size());
    const auto flat = [&, &name = name, &t = t] {
      check<ShapeError>(t.defined() && t.shape() == Shape{numel()},
                        "LBFGS: load_state_dict: expected '{}' of shape [{}]", name, numel());
      return empty({numel()}, flat_dtype()).copy_(t);
    };
    const auto number = [&, &name = name, &t = t] {
      check<ShapeError>(t.defined() && t.numel() == 1,
                        "LBFGS: load_state_dict: expected a number in '{}'", name);
      return t.item<double>();
    };
    const auto change = [&, &name = name](size_t i) -> Change& {
      check(i < state.size(), "LBFGS: load_state_dict: '{}' is without those before it", name);
      if (h.changes.size() <= i) h.changes.resize(i + 1);
      return h.changes[i];
    };
    if (entry == "func_evals")
      h.func_evals = number();
    else if (entry == "n_iter")
      h.n_iter = number();
    else if (entry == "t")
      h.t = number();
    else if (entry == "H_diag")
      h.h_diag = number();
    else if (entry == "prev_loss")
      h.prev_loss = number();
    else if (entry == "d")
      h.d = flat();
    else if (entry == "prev_flat_grad")
      h.prev_flat_grad = flat();
    else if (const auto i = index_in("old_dirs", entry))
      change(*i).of_grad = flat();
    else if (const auto k = index_in("old_stps", entry))
      change(*k).of_params = flat();
    else if (const auto m = index_in("ro", entry))
      change(*m).ro = number();
    else if (entry != "al" && !index_in("al", entry))
      fail("LBFGS: load_state_dict: '{}' is not part of its state", name);
  }
  for (const Change& c : h.changes)
    check(c.of_grad.defined() && c.of_params.defined(),
          "LBFGS: load_state_dict: expected as many of old_dirs and old_stps");
  check(h.d.defined() == h.prev_flat_grad.defined() && (h.n_iter > 0) == h.d.defined(),
        "LBFGS: load_state_dict: expected n_iter, d and prev_flat_grad together");
  GroupedOptimizer::load_state_dict(options);
  history_ = std::move(h);
}

Tensor LBFGS::step(const std::function<Tensor()>& closure) {
  const profile_scope scope(name());
  check(static_cast<bool>(closure), "LBFGS: step: the closure is empty");
  check_groups();
  check(numel() > 0, "LBFGS: its parameters have no elements");
  const no_grad guard;
  const LBFGSOptions& o = groups()[0].options;
  const auto fits = [&](const Tensor& t) {
    return !t.defined() || (t.numel() == numel() && t.dtype() == flat_dtype());
  };
  if (!fits(flat_grad_) || !fits(history_.d)) detail::fail_other_parameters(name());
  if (!flat_grad_.defined()) flat_grad_ = empty({numel()}, flat_dtype());
  Tensor before;
  double loss = evaluate([&] { return before = closure(); }, flat_grad_);
  if (greatest(flat_grad_) <= o.tolerance_grad) return before;
  int64_t evals = 1;
  try {
    for (int64_t i = 1; i <= o.max_iter; ++i)
      if (!iterate(closure, loss, evals, i == o.max_iter)) break;
  } catch (...) {
    history_ = {};  // of changes that were not made
    throw;
  }
  return before;
}

}  // namespace rw::optim
