#pragma once
// Private to nn: what a module with parametrized tensors owns.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <rewind/nn/parametrize.h>

namespace rw::nn::detail {

/// The originals of one tensor, and the parametrizations that it goes through.
class ParametrizationList : public Module {
 public:
  /// Starts from such originals that the tensor keeps its value `start`, where that can be.
  ParametrizationList(std::shared_ptr<Module> first, const Tensor& start, bool is_buffer);

  Tensor compute() { return compute({originals_.begin(), originals_.end()}); }
  void append(std::shared_ptr<Module> step);
  void drop_last();
  /// Makes `t` the only original, with the value that it has here.
  void adopt(const Tensor& t);
  /// Originals that give `value`, for set(). Throws where they are not known or do not fit.
  std::vector<Tensor> originals_of(const std::string& name, const Tensor& value) const;
  /// The tensor that such originals give.
  Tensor compute(const std::vector<Tensor>& originals) { return compute(originals, steps_.size()); }
  void set(const std::vector<Tensor>& originals);

  bool is_buffer() const { return is_buffer_; }
  bool has_one() const { return originals_.size() == 1; }
  Tensor original() const { return originals_.at(0); }
  bool is_trained() const { return originals_.at(0).requires_grad(); }

 private:
  Tensor compute(const std::vector<Tensor>& originals, size_t steps);

  std::vector<std::shared_ptr<Module>> steps_;
  std::vector<ModuleTensor> originals_;
  bool is_buffer_;
};

/// The child "parametrizations" of such a module.
class Parametrizations : public Module {
 public:
  static void add_step(Module& module, const std::string& name, std::shared_ptr<Module> step,
                       bool unsafe);
  static void remove(Module& module, const std::string& name, bool leave_parametrized);
  static const Parametrizations* of(const Module& module) { return module.parametrizations_.get(); }
  /// The parameter or buffer of this name, computed or not; undefined where there is none.
  static Tensor tensor(Module& module, const std::string& name);
  const std::shared_ptr<ParametrizationList>& find(const std::string& name) const;
  /// Writes the tensors into the members of `module`.
  void compute(Module& module);
  /// Computes the members of a model anew, off the tape and as in evaluation mode: for those who
  /// change originals, and read members before the next call.
  static void bring_up_to_date(Module& model);
  /// Whether the member is a computed one, whose originals are set then.
  static bool assign(const Slot& slot, const Tensor& t);

  std::recursive_mutex mutex;  // of the members

 private:
  void assign(const std::string& name, Tensor& member, const Tensor& t);
  static Entry* entry(Module& module, const std::string& name);
  static ModuleTensor* member(Entry* e);
  static void start(Module& module, const std::string& name, std::shared_ptr<Module> step,
                    bool unsafe);
  void go_on(ModuleTensor& member, const std::string& name, std::shared_ptr<Module> step,
             bool unsafe);

  std::vector<std::pair<std::string, std::shared_ptr<ParametrizationList>>> lists_;
};

}  // namespace rw::nn::detail
