#pragma once

#include <rewind/nn/parametrize.h>

#pragma GCC visibility push(default)

// Reparametrizations of weights, with PyTorch's names and keys. They take a layer, or return one
// that they are given:
//
//     nn::Conv2d conv = add("conv", nn::utils::parametrizations::spectral_norm(nn::Conv2d(3, 8,
//     3)));

namespace rw::nn::utils::parametrizations {

/// Weight normalization (Salimans and Kingma, "Weight normalization", 2016): the tensor is
/// g v / |v|, with the norms of v over all dimensions but `dim`, or over all where there is none.
/// The originals are original0 = g, with 1 for the sizes of those dimensions (no dimensions where
/// there is no `dim`), and original1 = v; the tensor keeps its value at first. Throws where the
/// module has no such tensor or computes it already, and ShapeError for a dim that it has not.
Module& weight_norm(Module& module, const std::string& name = "weight",
                    std::optional<int64_t> dim = 0);

/// What spectral_norm takes by name.
struct SpectralNormOptions {
  int64_t n_power_iterations = 1;   ///< steps of the power iteration in each call in training mode
  double eps = 1e-12;               ///< norms of vectors are no less in it
  std::optional<int64_t> dim = {};  ///< of the matrix's rows: 1 of transposed convolutions, else 0
};
/// Spectral normalization (Miyato et al., "Spectral normalization for generative adversarial
/// networks", 2018): the tensor is its original divided by its largest singular value, as a matrix
/// of rows along `dim`. That is estimated with the vectors "0._u" and "0._v", which a power
/// iteration improves at each call in training mode. A tensor of one dimension is divided by its
/// norm. An assigned tensor is the original from then on, and is normalized as that is. Throws
/// where the module has no such tensor, for n_power_iterations below 1, and ShapeError for a dim
/// that it has not.
Module& spectral_norm(Module& module, const std::string& name = "weight",
                      const SpectralNormOptions& options = {});
/// The same with PyTorch's arguments in order.
inline Module& spectral_norm(Module& module, const std::string& name, int64_t n_power_iterations,
                             double eps = 1e-12, std::optional<int64_t> dim = {}) {
  return spectral_norm(module, name,
                       {.n_power_iterations = n_power_iterations, .eps = eps, .dim = dim});
}

/// How a matrix that gradients may move anywhere becomes an orthogonal one.
enum class OrthogonalMap : uint8_t {
  matrix_exp,  ///< the exponential of a skew-symmetric one
  cayley,      ///< (I + A / 2) (I - A / 2)^-1 of a skew-symmetric A
  householder  ///< the product of a reflection for each column
};
/// Orthogonal parametrization (Lezcano-Casado, "Trivializations for gradient-based optimization on
/// manifolds", 2019): the last two dimensions of the tensor are a matrix of orthonormal columns,
/// or, where it has more columns than rows, of orthonormal rows. By default the map is matrix_exp
/// for square matrices, and householder for others. With use_trivialization, the result is
/// "0.base", which starts as what is orthogonal next to the tensor, times that of the map, which
/// starts at the identity; without it, matrix_exp and cayley start elsewhere, and their tensor
/// can't be assigned. Throws where the module has no such tensor or it is no matrix.
Module& orthogonal(Module& module, const std::string& name = "weight",
                   std::optional<OrthogonalMap> orthogonal_map = {},
                   bool use_trivialization = true);

///@{
/// The same for a layer that is being made, which is moved through.
template <class Layer, class... A>
requires std::is_base_of_v<Module, Layer> &&(!std::is_lvalue_reference_v<Layer>) [[nodiscard]] Layer
    weight_norm(Layer&& layer, A&&... arguments) {
  weight_norm(static_cast<Module&>(layer), std::forward<A>(arguments)...);
  return std::move(layer);
}
template <class Layer>
requires std::is_base_of_v<Module, Layer> &&(!std::is_lvalue_reference_v<Layer>) [[nodiscard]] Layer
    spectral_norm(Layer&& layer, const std::string& name = "weight",
                  const SpectralNormOptions& options = {}) {
  spectral_norm(static_cast<Module&>(layer), name, options);
  return std::move(layer);
}
template <class Layer>
requires std::is_base_of_v<Module, Layer> &&(!std::is_lvalue_reference_v<Layer>) [[nodiscard]] Layer
    orthogonal(Layer&& layer, const std::string& name = "weight",
               std::optional<OrthogonalMap> orthogonal_map = {}, bool use_trivialization = true) {
  orthogonal(static_cast<Module&>(layer), name, orthogonal_map, use_trivialization);
  return std::move(layer);
}
///@}

}  // namespace rw::nn::utils::parametrizations

#pragma GCC visibility pop
