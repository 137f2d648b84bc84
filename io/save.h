#pragma once

#include <functional>
#include <string>

#include <rewind/nn/load_report.h>
#include <rewind/tensor/state_dict.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::nn {
class Module;
}
namespace rw::optim {
class Optimizer;
class Scheduler;
}  // namespace rw::optim

namespace rw {

///@{
/// Writes tensors to a safetensors file: one, by the name "tensor"; several by their names; or the
/// state of a module, an optimizer or a scheduler. The file is written aside in the same folder,
/// brought to the disk and renamed: whoever opens it finds the old one or the new one whole, after
/// a crash too. Throws IOError where it can't be written, and leaves the old one.
void save(const Tensor& t, const std::string& path);
void save(const NamedTensors& tensors, const std::string& path);
void save(const nn::Module& module, const std::string& path);
void save(const optim::Optimizer& optimizer, const std::string& path);
void save(const optim::Scheduler& scheduler, const std::string& path);
///@}

/// What `load` takes by name.
struct LoadOptions {
  bool strict = true;       ///< throw where a module misses names or does not know them
  std::string prefix = {};  ///< taken off the names in the file that begin with it, as "module."
  /// The module's name for one in the file, without the prefix; "" leaves it out.
  std::function<std::string(const std::string& name)> rename = {};
};

/// The tensors of a safetensors file, of several by their index, or of a file of `torch.save`,
/// which it is told by its bytes, in a copy of the file. io::read_safetensors and io::load_pytorch
/// tell more; the first gives tensors that are the file's memory, of which only what is used is
/// read.
StateDict load(const std::string& path, const LoadOptions& options = {});
/// Makes t the only tensor of a file. Throws Error where there are others.
void load(Tensor& t, const std::string& path);
/// Copies the values of a file into a module, converted to its dtypes. Throws, and changes nothing,
/// as Module::load_state_dict does; returns the names that only one of both has.
nn::LoadReport load(nn::Module& module, const std::string& path, const LoadOptions& options = {});
///@{
/// Copies a state into an optimizer or a scheduler, as their load_state_dict does.
void load(optim::Optimizer& optimizer, const std::string& path);
void load(optim::Scheduler& scheduler, const std::string& path);
///@}

}  // namespace rw

#pragma GCC visibility pop
