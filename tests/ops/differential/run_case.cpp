#include <algorithm>
#include <cmath>
#include <limits>

#include <rewind/tensor/format.h>
#include <rewind/tensor/guarded_memory.h>

#include "placement.h"
#include "problem.h"

namespace rw::test::differential {
namespace {

// Winograd's algorithm adds up more than a window, and its factors magnify rounding errors: this is
// what the library promises of it, of the sum of absolute values.
constexpr double winograd_error = 1e-4;
// Whether a number that is infinite or not a number stays within its windows there as well.
constexpr bool winograd_keeps_to_windows = true;

// How a problem is computed, chosen at random.
struct Setting {
  DType dtype = float32;
  std::vector<bool> wanted;
  std::vector<Placement> placements;  // of the inputs, and of the gradient at last
  int threads[2] = {1, 1};
  bool winograd = true, deterministic = false;
};

// A number put into one element of an input, or of the gradient.
struct Intruder {
  int input = -1;  // none
  int64_t element = 0;
  double value = 0;
};

Tensor with_intruder(const Tensor& t, const Intruder& intruder) {
  std::vector<double> values = t.to_vector<double>();
  values[static_cast<size_t>(intruder.element)] = intruder.value;
  return from(values, t.shape());
}

Intruder choose_intruder(Dice& dice, const Tensors& all) {
  if (!dice.one_in(3)) return {};
  Intruder i;
  do i.input = static_cast<int>(dice.below(static_cast<int64_t>(all.size())));
  while (!all[static_cast<size_t>(i.input)].defined());
  i.element = dice.below(all[static_cast<size_t>(i.input)].numel());
  const double infinity = std::numeric_limits<double>::infinity();
  i.value = dice.of({std::nan(""), infinity, -infinity, 99840.0});
  return i;
}

Setting choose_setting(Dice& dice, const Problem& p) {
  Setting s;
  s.dtype = dice.one_in(2) ? float32 : bfloat16;
  for (const Tensor& t : p.inputs) s.wanted.push_back(t.defined() && !dice.one_in(4));
  if (dice.one_in(10)) s.wanted.assign(p.inputs.size(), false);
  s.threads[0] = static_cast<int>(dice.between(1, 4));
  s.threads[1] = dice.one_in(2) ? s.threads[0] : static_cast<int>(dice.between(1, 4));
  s.winograd = !dice.one_in(4);
  s.deterministic = dice.one_in(2);
  return s;
}

DType dtype_of_input(const Problem& p, const Setting& s, size_t i, bool parameters_float32) {
  const bool stays = parameters_float32 && i < p.may_stay_float32.size() && p.may_stay_float32[i];
  return stays ? float32 : s.dtype;
}

struct Expected {
  std::vector<double> values, sums;
};

std::vector<Expected> expectations(const Problem& p, const Tensors& inputs, const Tensor& g,
                                   const std::vector<bool>& wanted) {
  const Tensors exact = evaluate(p, inputs, g, wanted);
  Tensors absolute = inputs;
  for (Tensor& t : absolute)
    if (t.defined()) t = t.abs();
  const Tensors sums = p.sums ? p.sums(inputs, g) : evaluate(p, absolute, g.abs(), wanted);
  std::vector<Expected> all(exact.size());
  for (size_t i = 0; i < exact.size(); ++i)
    if (exact[i].defined()) all[i] = {exact[i].to_vector<double>(), sums[i].to_vector<double>()};
  return all;
}

// What is wrong with one result, or nothing.
std::string compare(const Tensor& got, const Expected& expected, const Bound& bound,
                    bool finite_or_not, double& share) {
  const double eps = got.dtype() == bfloat16 ? 0x1p-7 : 0x1p-23, eps_of_sums = 0x1p-23;
  const std::vector<double> values = got.to_vector<double>();
  for (size_t i = 0; i < values.size(); ++i) {
    const double v = values[i], e = expected.values[i];
    if (finite_or_not && !(std::isfinite(e) && std::isfinite(v))) continue;
    if (!std::isfinite(e)) {
      if (!std::isfinite(v)) continue;
      return fmt::format("element {} is {}, expected {}", i, v, e);
    }
    const double allowed = bound.of_result * eps / 2 * std::abs(e) +
                           bound.of_sum * eps_of_sums * expected.sums[i] + 1e-37;
    const double error = std::abs(v - e);
    if (!(error <= allowed))
      return fmt::format("element {} is {}, expected {} within {:.3g}", i, v, e, allowed);
    share = std::max(share, error / allowed);
  }
  return {};
}

bool same_bits(const Tensor& a, const Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  return std::equal(x.begin(), x.end(), y.begin(),
                    [](double v, double w) { return v == w || (std::isnan(v) && std::isnan(w)); });
}

struct Restore {
  ~Restore() {
    set_num_threads(threads);
    set_winograd(winograd);
    set_deterministic(deterministic);
  }
  int threads = get_num_threads();
  bool winograd = winograd_enabled(), deterministic = deterministic_enabled();
};

const char* const names[] = {"the result", "the gradient of input 0", "the gradient of input 1",
                             "the gradient of input 2"};

}  // namespace

Tensors evaluate(const Problem& p, const Tensors& inputs, const Tensor& g,
                 const std::vector<bool>& wanted) {
  Tensors leaves, asked;
  bool any = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    leaves.push_back(inputs[i].defined() ? inputs[i].detach() : Tensor());
    if (!wanted[i]) continue;
    any = true;
    leaves[i].requires_grad_();
    asked.push_back(leaves[i]);
  }
  Tensors results(inputs.size() + 1);
  if (!any) {
    const no_grad guard;
    results[0] = p.f(leaves);
    return results;
  }
  const Tensor y = p.f(leaves);
  const Tensors gradients = grad({y}, asked, {g});
  results[0] = y.detach();
  for (size_t i = 0, k = 0; i < inputs.size(); ++i)
    if (wanted[i]) results[i + 1] = gradients[k++];
  return results;
}

Outcome run_case(Problem (*make)(Dice&), uint64_t seed,
                 const std::function<void(const std::string&)>& describe) {
  const Restore before;
  Dice dice(seed);
  const Problem p = make(dice);
  Setting s = choose_setting(dice, p);
  const bool float32_parameters = s.dtype == bfloat16 && dice.one_in(3);

  Tensors all = p.inputs;
  set_num_threads(2);
  all.push_back(dice.numbers(evaluate(p, all, {}, std::vector(all.size(), false))[0].shape()));
  for (Tensor& t : all) {
    s.placements.push_back(t.defined() ? choose_placement(dice, t.shape()) : Placement());
    if (t.defined()) t = repeated(t, s.placements.back());
  }
  const Intruder intruder = choose_intruder(dice, all);
  if (intruder.input >= 0) {
    const auto i = static_cast<size_t>(intruder.input);
    s.placements[i].repeat = -1;
    all[i] = with_intruder(all[i], intruder);
    if (p.winograd && !winograd_keeps_to_windows) s.winograd = false;
  }

  std::string text = fmt::format("{} {} threads={},{} winograd={} deterministic={}", p.text,
                                 s.dtype, s.threads[0], s.threads[1], s.winograd, s.deterministic);
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i].defined())
      text +=
          fmt::format("; {}: {}{}", i + 1 < all.size() ? fmt::format("input {}", i) : "gradient",
                      describe_placement(s.placements[i]),
                      i < s.wanted.size() && s.wanted[i] ? ", wanted" : "");
  if (intruder.input >= 0)
    text +=
        fmt::format("; element {} of {} is {}", intruder.element, intruder.input, intruder.value);
  describe(text);

  const Tensor g = all.back();
  all.pop_back();
  const std::vector<Expected> expected = expectations(p, all, g, s.wanted);
  Bound bound = s.dtype == bfloat16 ? p.bfloat16_bound : p.float32_bound;
  set_winograd(s.winograd);
  set_deterministic(s.deterministic);
  if (p.winograd && s.winograd) bound.of_sum += winograd_error / 0x1p-23;

  Outcome outcome;
  const auto fail_with = [&](const std::string& what) {
    if (outcome.failure.empty()) outcome.failure = what + " | " + text;
  };
  const int64_t damaged = detail::damaged_blocks();
  Tensors results[2];
  for (const size_t run : {size_t{0}, size_t{1}}) {
    set_num_threads(s.threads[run]);
    detail::guard_memory(run == 0 ? 0xff : 0x42);
    Tensors in;
    for (size_t i = 0; i < all.size(); ++i)
      in.push_back(all[i].defined()
                       ? place(all[i], dtype_of_input(p, s, i, float32_parameters), s.placements[i])
                       : Tensor());
    results[run] = evaluate(p, in, place(g, s.dtype, s.placements.back()), s.wanted);
    for (size_t i = 0; i < results[run].size(); ++i) {
      if (!results[run][i].defined()) continue;
      const std::pair border{intruder.input, static_cast<int>(i)};
      const bool finite_or_not = std::find(p.meet_at_border.begin(), p.meet_at_border.end(),
                                           border) != p.meet_at_border.end();
      const std::string wrong =
          compare(results[run][i], expected[i], bound, finite_or_not, outcome.share_of_bound);
      if (!wrong.empty()) fail_with(fmt::format("{}: {}", names[i], wrong));
    }
  }
  for (size_t i = 0; i < results[0].size(); ++i)
    if ((s.deterministic || s.threads[0] == s.threads[1]) &&
        !same_bits(results[0][i], results[1][i]))
      fail_with(fmt::format(
          "{} depends on {}", names[i],
          s.threads[0] == s.threads[1] ? "what memory held before" : "the number of threads"));
  results[0].clear();
  results[1].clear();
  if (detail::damaged_blocks() != damaged) fail_with("memory beside a block was changed");
  return outcome;
}

}  // namespace rw::test::differential
