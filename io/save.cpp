#include <rewind/io/save.h>

#include <rewind/io/safetensors_layout.h>
#include <rewind/io/state_file.h>
#include <rewind/nn/module.h>
#include <rewind/optim/optimizer.h>
#include <rewind/optim/schedulers/scheduler.h>
#include <rewind/tensor/check.h>

namespace rw {

namespace {

// Calls f, whose errors then name the file.
template <class F>
auto with_place(const std::string& path, const F& f) {
  try {
    return f();
  } catch (Error& e) {
    e.set_place("load: " + path);
    throw;
  }
}

// For what copies itself: tensors may be the file's memory.
StateDict mapped(const std::string& path, const LoadOptions& options = {}) {
  return io::renamed(io::read_state("load", path, false), options);
}

}  // namespace

void save(const Tensor& t, const std::string& path) { save(NamedTensors{{"tensor", t}}, path); }

void save(const NamedTensors& tensors, const std::string& path) {
  io::write_tensors("save", path, tensors);
}

void save(const nn::Module& module, const std::string& path) { save(module.state_dict(), path); }

void save(const optim::Optimizer& optimizer, const std::string& path) {
  save(optimizer.state_dict(), path);
}

void save(const optim::Scheduler& scheduler, const std::string& path) {
  save(scheduler.state_dict(), path);
}

StateDict load(const std::string& path, const LoadOptions& options) {
  return io::renamed(io::read_state("load", path, true), options);
}

void load(Tensor& t, const std::string& path) {
  const StateDict all = load(path);
  check(all.size() == 1, "load: expected one tensor in {}, there are {}", path, all.size());
  t = all.front().second;
}

nn::LoadReport load(nn::Module& module, const std::string& path, const LoadOptions& options) {
  const StateDict state = mapped(path, options);
  return with_place(path, [&] { return module.load_state_dict(state, options.strict); });
}

void load(optim::Optimizer& optimizer, const std::string& path) {
  const StateDict state = mapped(path);
  with_place(path, [&] { optimizer.load_state_dict(state); });
}

void load(optim::Scheduler& scheduler, const std::string& path) {
  const StateDict state = mapped(path);
  with_place(path, [&] { scheduler.load_state_dict(state); });
}

}  // namespace rw
