#include <rewind/nn/init.h>

#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/tensor/check.h>

namespace rw::nn::init {

namespace {

struct Fans {
  double in, out;

  Fans(const char* name, const Tensor& t) {
    check(t.defined(), "{}: the tensor is undefined", name);
    check<ShapeError>(t.dim() >= 2, "{}: expected a weight [out, in, …], got shape {}", name,
                      t.shape());
    double taps = 1;
    for (int d = 2; d < t.dim(); ++d) taps *= static_cast<double>(t.shape()[d]);
    in = static_cast<double>(t.shape()[1]) * taps;
    out = static_cast<double>(t.shape()[0]) * taps;
  }
  double of(Fan fan) const { return fan == Fan::in ? in : out; }
};

double kaiming_std(const char* name, const Tensor& t, double slope, Fan fan) {
  return std::sqrt(2 / (1 + slope * slope) / Fans(name, t).of(fan));
}

double xavier_std(const char* name, const Tensor& t, double gain) {
  const Fans fans(name, t);
  return gain * std::sqrt(2 / (fans.in + fans.out));
}

// A uniform distribution over [-b, b] has the standard deviation b / sqrt(3).
Tensor uniform_of_std(Tensor t, double std) {
  const double bound = std::sqrt(3.0) * std;
  return uniform_(std::move(t), -bound, bound);
}

}  // namespace

Tensor uniform_(Tensor t, double low, double high) {
  const no_grad guard;
  return t.uniform_(low, high);
}
Tensor normal_(Tensor t, double mean, double std) {
  const no_grad guard;
  return t.normal_(mean, std);
}
Tensor constant_(Tensor t, double value) {
  const no_grad guard;
  return t.fill_(value);
}

Tensor kaiming_uniform_(Tensor t, double slope, Fan fan) {
  return uniform_of_std(t, kaiming_std("kaiming_uniform_", t, slope, fan));
}
Tensor kaiming_normal_(Tensor t, double slope, Fan fan) {
  return normal_(t, 0, kaiming_std("kaiming_normal_", t, slope, fan));
}
Tensor xavier_uniform_(Tensor t, double gain) {
  return uniform_of_std(t, xavier_std("xavier_uniform_", t, gain));
}
Tensor xavier_normal_(Tensor t, double gain) {
  return normal_(t, 0, xavier_std("xavier_normal_", t, gain));
}

}  // namespace rw::nn::init
