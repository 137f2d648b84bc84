#include <rewind/optim/optimizer.h>

#include <rewind/tensor/check.h>

namespace rw::optim {

void Optimizer::join(const char* name, const std::vector<Tensor>& params) {
  check(!params.empty(), "{}: expected at least one parameter", name);
  for (size_t i = 0; i < params.size(); ++i) {
    const Tensor& p = params[i];
    check(p.defined(), "{}: parameter {} is undefined", name, i);
    check<AutogradError>(p.is_leaf(),
                         "{}: parameter {} of shape {} is not a leaf, but made by '{}'", name, i,
                         p.shape(), p.grad_fn());
    check<DTypeError>(p.is_floating_point(),
                      "{}: expected floating parameters, parameter {} of shape {} is {}", name, i,
                      p.shape(), p.dtype());
    check(rw::detail::is_dense(p), "{}: parameter {} of shape {} has gaps in memory; use a clone()",
          name, i, p.shape());
    for (const Tensor& other : all_)
      check(!p.is_same(other), "{}: parameter {} of shape {} is given twice", name, i, p.shape());
    all_.push_back(p);
  }
}

void Optimizer::fail_other_parameters(const char* name) {
  fail("{}: its groups hold other parameters than it was made with; make it anew", name);
}

}  // namespace rw::optim
