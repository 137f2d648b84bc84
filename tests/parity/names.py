#!/usr/bin/python3
"""Writes names.txt: the functions, members of Tensor and modules that libtorch's headers declare for
strided real tensors on the CPU. names_test.cpp holds ours to them.

    apt-get install libtorch-dev      # 2.14 or newer
    tests/parity/names.py [/usr/include]

Left out are what no user calls (backward passes, forms that write into a given result, aliases of
one function for another kind of device, memory layout or dtype), what is written by another name in
C++ anyway, and everything of complex, quantized, sparse, nested and named tensors and of Fourier
transforms.
"""

import pathlib
import re
import sys

include = pathlib.Path(sys.argv[1] if sys.argv[1:] else "/usr/include")
api = include / "torch/csrc/api/include/torch"

out_of_scope = re.compile(
    r"^_|__|get_device|backward|_out$|_copy$|_forward$|cudnn|mkldnn|miopen|mps|quanti|fbgemm|fake_|sparse|csr|csc|bsr|bsc|coo$"
    r"|fft|complex|vulkan|cuda|xnn|^q_|qscheme|nested|batch_norm_(stats|elemt|gather|update|reduce)"
    r"|thnn|slow_conv|conv_depthwise|(rnn|lstm|gru)_|jagged|crow|ccol|to_padded|stft|conj|^(real|imag|angle)$"
    r"|view_as_real|resolve_|is_neg$|^polar$|segment|record_stream|names|rename|^align|refine|fw_primal|_dual$"
    r"|^sym_|storage|^int_repr|per_channel|choose_|glu_jvp|is_leaf|output_nr|^data$|set_data|retain|requires_grad"
    r"|promote|can_cast|result_type|^native_|chalf|cfloat|^is_(inference|coalesced|pinned|set_to|distributed)"
    r"|^is_(floating_point|vulkan|variable)|pin_memory|coalesce|dense_dim|^indices$|^values$|^lift|from_file|^set_?$|resize"
    r"|numpy|^to_mkl|_symint|upsample_|grid_sampler|affine_grid_generator|conv_tbc|^convolution|col2im|im2col"
    r"|nll_loss(2d|_nd)|log_sigmoid|rrelu_with_noise|constant_pad_nd|(reflection|replication)_pad|cross_entropy_loss"
    r"|unsafe_|_helper$|^padding_unwrap$|_output_size$|^M$|^Functional$|tensor_data|variable_data|flatten_dense"
    r"|norm_except_dim|linalg_eig$|linalg_eigvals$|empty_(permuted|strided)|new_empty_strided|^copy$|fill_?$|hspmm|sspaddmm|^smm$"
    r"|slice_inverse|^to_dense$|unique_dim|lshift|rshift|^and$|^or$|^xor$|^alias$|nonzero_static|^isreal$"
    r"|^embedding_renorm|frobenius_norm|nuclear_norm|^range$|^tensor$|matrix_H|cudnn_|^q_"
    r"|fractional_max_pool[23]d_with_indices$|max_pool3d_with_indices$|^stride$|^size$|^item$|dequantize|backward"
    r"|batch_norm$.*$.^|linalg_ldl|geqrf|orgqr|ormqr",
)


def declared(pattern, *files):
    return {n for f in files for n in re.findall(pattern, f.read_text(), re.M)}


functions = declared(r"#include <ATen/ops/(\w+)\.h>", include / "ATen/Functions.h")
functions |= declared(r"^inline [\w:<>, ]+?\b(\w+)\(", *(api / "nn/functional").glob("*.h"))
members = declared(
    r"^  (?:inline )?(?:const )?[\w:]+(?:<[^>]*>)?(?: &)? (\w+)\(.*\) const;$",
    include / "ATen/core/TensorBody.h",
)
modules = declared(r"TORCH_MODULE(?:_IMPL)?\((\w+)", *(api / "nn/modules").rglob("*.h"))

with (pathlib.Path(__file__).parent / "names.txt").open("w") as out:
    for kind, names in (("function", functions), ("member", members), ("module", modules)):
        for name in sorted(names):
            if not out_of_scope.search(name):
                out.write(f"{kind} {name}\n")
