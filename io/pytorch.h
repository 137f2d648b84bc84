#pragma once

#include <string>

#include <rewind/io/save.h>
#include <rewind/tensor/state_dict.h>

#pragma GCC visibility push(default)

namespace rw::io {

/// All tensors of a file that `torch.save` has written (.pt, .pth), as PyTorch 1.6 and later or
/// as earlier versions do: one tensor, by the name "tensor", or those in dicts, lists and tuples,
/// by names such as "model.fc.weight" and "optimizer.state.0.exp_avg", which are made of keys and
/// places. Numbers, texts and whatever else has no tensors is left out. Of the options the prefix
/// and the new names count.
///
/// Tensors that share memory in the file do so here. They are the file's memory, or copies, as
/// those of read_safetensors, and require no gradient, parameters among them too. Nothing in the
/// file is run: of Python's pickle only what builds tensors, numbers, texts and containers is
/// known. Throws IOError, which names it, for all else, such as modules, sparse and quantized
/// tensors; for numbers of a type that there is not here; for files that are damaged, by their
/// checksums too.
StateDict load_pytorch(const std::string& path, const LoadOptions& options = {});

/// Writes tensors as `torch.save` does an OrderedDict of them; `torch.load(path)` reads it, with
/// `weights_only=True` too. Names of the same row-major memory share it in the file; all else is
/// written as row-major tensors of its own. The file is there whole or not at all, see `save`.
/// Throws Error for tensors that are undefined and for names that are there twice or no UTF-8,
/// IOError where the file can't be written.
void save_pytorch(const NamedTensors& tensors, const std::string& path);

}  // namespace rw::io

#pragma GCC visibility pop
