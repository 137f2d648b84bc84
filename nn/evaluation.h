#pragma once
// Private to the library's sources.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <rewind/nn/module.h>

namespace rw::nn::detail {

/// Evaluation mode of a model until the end of the scope. A model that is in it altogether is not
/// written to, so that several threads may use it.
class Evaluation {
 public:
  explicit Evaluation(Module& model) {
    model.apply([this](Module& m) {
      modules_.emplace_back(&m, m.is_training());
      changes_ = changes_ || m.is_training();
    });
    if (changes_) model.eval();
  }
  ~Evaluation() {
    if (!changes_) return;
    // Each before those below it, whose modes it sets too.
    std::for_each(modules_.rbegin(), modules_.rend(),
                  [](const auto& m) { m.first->train(m.second); });
  }
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

 private:
  std::vector<std::pair<Module*, bool>> modules_;
  bool changes_ = false;
};

}  // namespace rw::nn::detail
