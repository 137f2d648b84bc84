// Whether oneDNN still has the faults that onednn/faults.cpp leads around: each is tried
// without detours, in a child process. Where one is no longer seen, says so and exits with 77, by
// which CTest lists the test as skipped: then its rule may be narrowed to older versions.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include <rewind/onednn/faults.h>
#include <rewind/onednn/support.h>
#include <rewind/rewind.h>
#include <rewind/tensor/guarded_memory.h>

using namespace rw;

namespace {

struct Trial {
  Shape x, weight;
  Conv2dOptions options = {};
  bool intruder = false;  // a pixel that is not a number
};

struct Fault {
  const char* rule;
  DType dtype;
  bool needs_amx;  // or else cannot be seen
  std::vector<Trial> trials;
};

const std::vector<Trial> taken_out = {{{1, 3, 56, 56}, {8, 3, 1, 1}, {.stride = 2}},
                                      {{1, 15, 56, 56}, {8, 15, 1, 1}, {.stride = 2}},
                                      {{1, 15, 56, 56}, {64, 15, 1, 1}, {.stride = 3}},
                                      {{1, 12, 56, 56}, {17, 12, 1, 1}, {.stride = 2}}};

const Fault faults[] = {
    {"pixels taken out for 1x1 windows, float32", float32, false, taken_out},
    {"pixels taken out for 1x1 windows, bfloat16", bfloat16, false, taken_out},
    {"dilated windows",
     bfloat16,
     false,
     {{{1, 43, 20, 46}, {2, 43, 3, 2}, {.padding = 1, .dilation = 2}},
      {{2, 16, 9, 33}, {16, 4, 3, 3}, {.padding = 2, .dilation = 2, .groups = 4}},
      {{1, 63, 20, 52}, {63, 1, 3, 3}, {.padding = {2, 0}, .dilation = 2, .groups = 63}}}},
    {"taps that only meet the border",
     bfloat16,
     false,
     {{{3, 2, 20, 6}, {63, 2, 3, 3}, {.stride = 9, .padding = 1}},
      {{5, 47, 5, 5}, {15, 47, 2, 2}, {.stride = 9, .padding = 1}}}},
    {"images smaller than the stride",
     bfloat16,
     false,
     {{{5, 1, 5, 5}, {15, 1, 3, 3}, {.stride = 9}}}},
    {"pixels in pairs",
     bfloat16,
     false,
     {{{5, 17, 20, 20}, {1, 17, 4, 4}, {.padding = {2, 0}}, true},
      {{3, 36, 7, 7}, {31, 36, 3, 5}, {.stride = 2, .padding = 1}, true},
      {{3, 16, 11, 11}, {16, 1, 5, 5}, {.stride = 4, .padding = 2, .groups = 16}, true}}},
    {"odd channels in pairs",
     bfloat16,
     true,
     {{{2, 1, 28, 28}, {1, 1, 3, 3}, {.padding = 1}, true},
      {{2, 3, 28, 28}, {3, 3, 3, 3}, {.padding = 1}, true},
      {{1, 16, 60, 60}, {1, 16, 1, 1}}}},
    {"windows read together",
     bfloat16,
     true,
     {{{2, 4, 13, 15}, {33, 4, 3, 3}, {.padding = 1}, true},
      {{2, 8, 8, 16}, {8, 8, 3, 1}, {}, true}}},
    {"implementations that touch memory",
     bfloat16,
     true,
     {{{3, 64, 22, 22}, {19, 64, 3, 3}, {.stride = 9}}}},
};

struct Numbers {
  Tensor x, weight, g;
};

std::vector<Tensor> results(const Numbers& n, const Conv2dOptions& options, DType dtype) {
  const Tensor x = n.x.to(dtype).clone().requires_grad_();
  const Tensor weight = n.weight.to(dtype).clone().requires_grad_();
  const Tensor y = conv2d(x, weight, {}, options);
  std::vector<Tensor> all = grad({y}, {x, weight}, {n.g.to(dtype)});
  all.push_back(y.detach());
  return all;
}

bool are_right(const std::vector<Tensor>& got, const std::vector<Tensor>& expected) {
  for (size_t i = 0; i < got.size(); ++i) {
    const std::vector<double> a = got[i].to_vector<double>(), b = expected[i].to_vector<double>();
    double scale = 0;
    for (const double v : b)
      if (std::isfinite(v)) scale = std::max(scale, std::abs(v));
    for (size_t k = 0; k < a.size(); ++k)
      if (std::isfinite(b[k]) && !(std::abs(a[k] - b[k]) <= 0.02 * scale)) return false;
  }
  return true;
}

// In a child: 0 if all results were right.
int try_out(const Trial& t, DType dtype, bool detours) {
  manual_seed(3);
  set_winograd(false);
  set_num_threads(2);
  Numbers n = {randn(t.x, bfloat16).to(float64), randn(t.weight, bfloat16).to(float64), {}};
  if (t.intruder)  // in the last row and column
    n.x.select(0, 0).select(0, 0).select(0, -1).narrow(0, -1, 1).fill_(std::nan(""));
  {
    const no_grad guard;
    n.g = randn(conv2d(n.x, n.weight, {}, t.options).shape(), bfloat16).to(float64);
  }
  const std::vector<Tensor> expected = results(n, t.options, float64);
  onednn::set_detours(detours);
  detail::guard_memory(0xff);
  if (!are_right(results(n, t.options, dtype), expected)) return 1;
  return detail::damaged_blocks() != 0;
}

// Whether something goes wrong in one of the trials.
bool is_seen(const Fault& f, bool detours) {
  bool seen = false;
  for (const Trial& t : f.trials) {
    const pid_t child = fork();  // before any op here: threads do not follow
    if (child == 0) _exit(try_out(t, f.dtype, detours));
    int status = 0;
    waitpid(child, &status, 0);
    seen |= status != 0;
  }
  return seen;
}

}  // namespace

int main() {
  int gone = 0, wrong = 0;
  for (const Fault& f : faults) {
    if (is_seen(f, true)) {
      ++wrong;
      std::printf("%s: WRONG RESULTS\n", f.rule);
    }
    const bool seen = is_seen(f, false);
    const bool visible =
        f.needs_amx ? onednn::has_amx() : f.dtype == float32 || onednn::supports(bfloat16);
    gone += visible && !seen;
    std::printf("%s: %s\n", f.rule,
                seen      ? "seen"
                : visible ? "NO LONGER SEEN: its rule in onednn/faults.cpp may go"
                          : "cannot be seen on this processor");
  }
  return wrong ? 1 : gone ? 77 : 0;
}
