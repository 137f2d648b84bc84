#pragma once
// What rows.cpp needs of libtorch beyond the names that both libraries have.

#include <torch/torch.h>

#include <algorithm>
#include <string>
#include <vector>

namespace lib {

using namespace torch;
using Type = c10::ScalarType;

inline const Type bf16 = torch::kBFloat16, f32 = torch::kFloat32, f64 = torch::kFloat64,
                  i64 = torch::kInt64, b8 = torch::kBool;

inline Type type_of(const Tensor& t) { return t.scalar_type(); }
inline std::vector<int64_t> sizes(const Tensor& t) { return t.sizes().vec(); }
inline Tensor uniform(const std::vector<int64_t>& sizes) { return torch::rand(sizes); }
inline Tensor expanded(const Tensor& t, const std::vector<int64_t>& sizes) {
  return t.expand(sizes);
}
inline Tensor channels_last(const Tensor& t) {
  return t.contiguous(torch::MemoryFormat::ChannelsLast);
}
inline Tensor leaf(const Tensor& t) { return t.detach().requires_grad_(); }
inline void clear_grad(Tensor& t) { t.mutable_grad() = Tensor(); }
inline void run_backward(const Tensor& y, const Tensor& g) { y.backward(g); }
using NoGrad = torch::NoGradGuard;

inline Tensor conv(const Tensor& x, const Tensor& w, int64_t stride, int64_t padding,
                   int64_t groups) {
  return torch::conv2d(x, w, {}, stride, padding, 1, groups);
}
inline Tensor padded(const Tensor& x, const std::string& mode) {
  namespace F = torch::nn::functional;
  F::PadFuncOptions options({1, 1, 1, 1});
  if (mode == "reflect") options.mode(torch::kReflect);
  if (mode == "replicate") options.mode(torch::kReplicate);
  if (mode == "circular") options.mode(torch::kCircular);
  return F::pad(x, options);
}
inline Tensor batch_norm_of(const Tensor& x, const Tensor& w) {
  return torch::batch_norm(x, w, w, torch::zeros({w.size(0)}, w.dtype()),
                           torch::ones({w.size(0)}, w.dtype()), true, 0.1, 1e-5, false);
}
inline Tensor layer_norm_of(const Tensor& x) { return torch::layer_norm(x, {x.size(-1)}); }
inline Tensor sequences_of(const Tensor& x) {
  const int64_t batch = x.size(0) % 8 == 0 ? 8 : 1;
  return x.reshape({x.size(0) / batch, batch, x.size(-1)});
}
inline std::vector<Tensor> recurrent_weights(const Tensor& x, int64_t rows) {
  std::vector<Tensor> weights;
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{rows, x.size(-1)}, std::vector<int64_t>{rows, 32},
        std::vector<int64_t>{rows}, std::vector<int64_t>{rows}})
    weights.push_back(((torch::rand(shape) - 0.5) * 0.25).to(x.dtype()));
  return weights;
}
inline Tensor lstm_of(const Tensor& matrix) {
  const Tensor x = sequences_of(matrix), h = torch::zeros({1, x.size(1), 32}, x.dtype());
  return std::get<0>(
      torch::lstm(x, {h, h}, recurrent_weights(x, 128), true, 1, 0.0, false, false, false));
}
inline Tensor gru_of(const Tensor& matrix) {
  const Tensor x = sequences_of(matrix), h = torch::zeros({1, x.size(1), 32}, x.dtype());
  return std::get<0>(torch::gru(x, h, recurrent_weights(x, 96), true, 1, 0.0, false, false, false));
}
inline Tensor rnn_tanh_of(const Tensor& matrix) {
  const Tensor x = sequences_of(matrix), h = torch::zeros({1, x.size(1), 32}, x.dtype());
  return std::get<0>(
      torch::rnn_tanh(x, h, recurrent_weights(x, 32), true, 1, 0.0, false, false, false));
}
inline Tensor rnn_relu_of(const Tensor& matrix) {
  const Tensor x = sequences_of(matrix), h = torch::zeros({1, x.size(1), 32}, x.dtype());
  return std::get<0>(
      torch::rnn_relu(x, h, recurrent_weights(x, 32), true, 1, 0.0, false, false, false));
}
inline Tensor lstm_cell_of(const Tensor& x) {
  const std::vector<Tensor> w = recurrent_weights(x, 128);
  const Tensor h = torch::zeros({x.size(0), 32}, x.dtype());
  return std::get<0>(torch::lstm_cell(x, {h, h}, w[0], w[1], w[2], w[3]));
}
inline Tensor gru_cell_of(const Tensor& x) {
  const std::vector<Tensor> w = recurrent_weights(x, 96);
  const Tensor h = torch::zeros({x.size(0), 32}, x.dtype());
  return torch::gru_cell(x, h, w[0], w[1], w[2], w[3]);
}
inline Tensor rnn_tanh_cell_of(const Tensor& x) {
  const std::vector<Tensor> w = recurrent_weights(x, 32);
  const Tensor h = torch::zeros({x.size(0), 32}, x.dtype());
  return torch::rnn_tanh_cell(x, h, w[0], w[1], w[2], w[3]);
}
inline Tensor rnn_relu_cell_of(const Tensor& x) {
  const std::vector<Tensor> w = recurrent_weights(x, 32);
  const Tensor h = torch::zeros({x.size(0), 32}, x.dtype());
  return torch::rnn_relu_cell(x, h, w[0], w[1], w[2], w[3]);
}
inline Tensor instance_norm_of(const Tensor& x) {
  return torch::instance_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5, false);
}
inline Tensor cross_entropy_of(const Tensor& x, const Tensor& t) {
  return torch::cross_entropy_loss(x, t);
}
inline Tensor bce_with_logits(const Tensor& x, const Tensor& y) {
  return torch::binary_cross_entropy_with_logits(x, y);
}
inline Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, bool causal) {
  return scaled_dot_product_attention(q, k, v, {}, 0, causal);
}
inline Tensor attend_by_heads(const Tensor& x, const Tensor& w) {
  namespace F = torch::nn::functional;
  const auto options = F::MultiheadAttentionForwardFuncOptions(w.size(0), 1, torch::cat({w, w, w}),
                                                               {}, {}, {}, false, 0, w, {});
  return std::get<0>(F::multi_head_attention_forward(
      x, x, x, F::MultiheadAttentionForwardFuncOptions(options).need_weights(false)));
}
inline Tensor gelu_by_tanh(const Tensor& x) { return torch::gelu(x, "tanh"); }
inline Tensor sum_of(const Tensor& x, const std::vector<int64_t>& dims) {
  return torch::sum(x, c10::OptionalArrayRef<int64_t>(dims));
}
inline Tensor logical_inverse(const Tensor& x) { return torch::logical_not(x); }
inline Tensor poisson_nll_of(const Tensor& x, const Tensor& t) {
  return torch::poisson_nll_loss(x, t, true, false, 1e-8, at::Reduction::Mean);
}
inline Tensor gaussian_nll_of(const Tensor& x, const Tensor& t, const Tensor& var) {
  Tensor v = var.clone();
  {
    NoGrad guard;
    v.clamp_(1e-6);
  }
  return (0.5 * (torch::log(v) + torch::pow(x - t, 2) / v)).mean();
}
inline Tensor multilabel_soft_margin_of(const Tensor& x, const Tensor& t) {
  return torch::nn::functional::multilabel_soft_margin_loss(x, t);
}
inline Tensor triplet_margin_by_distance(const Tensor& a, const Tensor& p, const Tensor& n) {
  return torch::nn::functional::triplet_margin_with_distance_loss(a, p, n);
}
inline Tensor normalized(const Tensor& x) { return torch::nn::functional::normalize(x); }
inline Tensor ctc_of(const Tensor& x, const Tensor& targets) {
  const std::vector<int64_t> steps(x.size(1), x.size(0)), lengths(x.size(1), targets.size(1));
  return torch::ctc_loss(x, targets, steps, lengths);
}

inline Tensor conv_1d(const Tensor& x, const Tensor& w, int64_t padding, int64_t groups) {
  return torch::conv1d(x, w, {}, 1, padding, 1, groups);
}
inline Tensor conv_3d(const Tensor& x, const Tensor& w, int64_t padding, int64_t groups) {
  return torch::conv3d(x, w, {}, 1, padding, 1, groups);
}
inline Tensor up_1d(const Tensor& x, const Tensor& w, int64_t stride, int64_t padding) {
  return torch::conv_transpose1d(x, w, {}, stride, padding);
}
inline Tensor up_2d(const Tensor& x, const Tensor& w, int64_t stride, int64_t padding) {
  return torch::conv_transpose2d(x, w, {}, stride, padding);
}
inline Tensor up_3d(const Tensor& x, const Tensor& w, int64_t stride, int64_t padding) {
  return torch::conv_transpose3d(x, w, {}, stride, padding);
}
inline Tensor windows(const Tensor& x) { return torch::im2col(x, {3, 3}, {1, 1}, {1, 1}, {1, 1}); }
inline Tensor from_windows(const Tensor& x, const std::vector<int64_t>& size) {
  return torch::col2im(x, size, {2, 2}, {1, 1}, {0, 0}, {2, 2});
}
/// Functions of linalg that differ in how they are called or return.
namespace algebra {
inline Tensor identity(int64_t n, Type type) { return torch::eye(n, type); }
inline Tensor inv(const Tensor& a) { return torch::linalg_inv(a); }
inline Tensor inv_ex(const Tensor& a) { return std::get<0>(torch::linalg_inv_ex(a)); }
inline Tensor solve(const Tensor& a, const Tensor& b) { return torch::linalg_solve(a, b); }
inline Tensor solve_ex(const Tensor& a, const Tensor& b) {
  return std::get<0>(torch::linalg_solve_ex(a, b));
}
inline Tensor solve_triangular(const Tensor& a, const Tensor& b) {
  return torch::linalg_solve_triangular(a, b, true);
}
inline Tensor triangular_solve(const Tensor& a, const Tensor& b) {
  return std::get<0>(torch::triangular_solve(b, a));
}
inline Tensor tensorinv(const Tensor& a) { return torch::linalg_tensorinv(a, 1); }
inline Tensor tensorsolve(const Tensor& a, const Tensor& b) {
  return torch::linalg_tensorsolve(a, b.select(1, 0));
}
inline Tensor lstsq(const Tensor& a, const Tensor& b) {
  return std::get<0>(torch::linalg_lstsq(a, b));
}
inline Tensor det(const Tensor& a) { return torch::linalg_det(a); }
inline Tensor slogdet(const Tensor& a) { return std::get<1>(torch::linalg_slogdet(a)); }
inline Tensor logdet(const Tensor& a) { return torch::logdet(a); }
inline Tensor cholesky(const Tensor& a) { return torch::linalg_cholesky(a); }
inline Tensor cholesky_ex(const Tensor& a) { return std::get<0>(torch::linalg_cholesky_ex(a)); }
inline Tensor cholesky_solve(const Tensor& a, const Tensor& b) {
  return torch::cholesky_solve(b, a);
}
inline Tensor cholesky_inverse(const Tensor& a) { return torch::cholesky_inverse(a); }
inline Tensor lu(const Tensor& a) { return std::get<2>(torch::linalg_lu(a)); }
inline Tensor lu_factor(const Tensor& a) { return std::get<0>(torch::linalg_lu_factor(a)); }
inline Tensor lu_factor_ex(const Tensor& a) { return std::get<0>(torch::linalg_lu_factor_ex(a)); }
inline Tensor qr(const Tensor& a) { return std::get<1>(torch::linalg_qr(a)); }
inline Tensor eigh(const Tensor& a) { return std::get<0>(torch::linalg_eigh(a)); }
inline Tensor eigvalsh(const Tensor& a) { return torch::linalg_eigvalsh(a); }
inline Tensor svd(const Tensor& a) { return std::get<1>(torch::linalg_svd(a, false)); }
inline Tensor svdvals(const Tensor& a) { return torch::linalg_svdvals(a); }
inline Tensor pinv(const Tensor& a) { return torch::linalg_pinv(a); }
inline Tensor matrix_rank(const Tensor& a) { return torch::linalg_matrix_rank(a); }
inline Tensor matrix_norm(const Tensor& a) { return torch::linalg_matrix_norm(a); }
inline Tensor cond(const Tensor& a) { return torch::linalg_cond(a); }
inline Tensor vander(const Tensor& x) { return torch::linalg_vander(x); }
inline Tensor vecdot(const Tensor& a, const Tensor& b) {
  return torch::linalg_vecdot(a, b.select(1, 0));
}
inline Tensor norm(const Tensor& a) { return torch::linalg_norm(a); }
inline Tensor diagonal(const Tensor& a) { return torch::linalg_diagonal(a); }
inline Tensor multi_dot(const Tensor& a, const Tensor& b) {
  return torch::linalg_multi_dot({a, a, b});
}
inline Tensor lu_solve(const Tensor& a, const Tensor& b) {
  const auto [lu, pivots] = torch::linalg_lu_factor(a);
  return torch::linalg_lu_solve(lu, pivots, b);
}
inline Tensor lu_unpack(const Tensor& a) {
  const auto [lu, pivots] = torch::linalg_lu_factor(a);
  return std::get<1>(torch::lu_unpack(lu, pivots));
}
}  // namespace algebra
using Sizes = std::vector<int64_t>;
inline Tensor repeated(const Tensor& x, const Sizes& repeats) {
  const auto all = static_cast<size_t>(x.dim());
  return x.repeat(c10::IntArrayRef(repeats.data(), std::min(all, repeats.size())));
}
inline Tensor windows(const Tensor& x, int64_t dim, int64_t size, int64_t step) {
  return x.unfold(dim, size, step);
}
inline std::vector<Tensor> grids(const std::vector<Tensor>& tensors) {
  return torch::meshgrid(tensors, "ij");
}
inline Tensor reduced_by(const Tensor& x, const Tensor& index, const Tensor& src,
                         const std::string& how) {
  return torch::scatter_reduce(x, 1, index, src, how);
}
inline Tensor rows_reduced_by(const Tensor& x, const Tensor& index, const Tensor& src,
                              const std::string& how) {
  return torch::index_reduce(x, 0, index, src, how);
}

inline Tensor argsort_of(const Tensor& x, int64_t dim) { return x.argsort(dim); }
inline Tensor unique_of(const Tensor& x) { return std::get<0>(at::_unique2(x)); }
inline Tensor unique_consecutive_of(const Tensor& x) {
  return std::get<0>(torch::unique_consecutive(x));
}
inline std::tuple<Tensor, Tensor> std_mean_of(const Tensor& x, int64_t dim) {
  return torch::std_mean(x, c10::OptionalArrayRef<int64_t>(dim), true, false);
}
inline std::tuple<Tensor, Tensor> var_mean_of(const Tensor& x, int64_t dim) {
  return torch::var_mean(x, c10::OptionalArrayRef<int64_t>(dim), true, false);
}
inline Tensor quantile_of(const Tensor& x, double q, int64_t dim) {
  return torch::quantile(x.scalar_type() == torch::kFloat64 ? x : x.to(torch::kFloat32), q, dim);
}
inline Tensor nanquantile_of(const Tensor& x, double q, int64_t dim) {
  return torch::nanquantile(x.scalar_type() == torch::kFloat64 ? x : x.to(torch::kFloat32), q, dim);
}
inline Tensor vector_norm_of(const Tensor& x, double p, int64_t dim) {
  return torch::linalg_vector_norm(x, p, c10::OptionalArrayRef<int64_t>(dim));
}

inline Tensor rms_norm_of(const Tensor& x) { return torch::rms_norm(x, {x.size(-1)}, {}, {}); }
inline Tensor local_response_norm_of(const Tensor& x) {
  return torch::nn::functional::local_response_norm(
      x, torch::nn::functional::LocalResponseNormFuncOptions(5));
}
inline Tensor affine_grid_of(const Tensor& theta, int64_t size) {
  return torch::affine_grid_generator(theta, {2, 1, size, size}, false);
}
inline Tensor resized(const Tensor& x, const std::string& mode, double factor, bool antialias) {
  namespace F = torch::nn::functional;
  F::InterpolateFuncOptions options;
  options.scale_factor(std::vector<double>{factor, factor});
  if (mode == "nearest") options.mode(torch::kNearest);
  if (mode == "bilinear") options.mode(torch::kBilinear).align_corners(false);
  if (mode == "bicubic") options.mode(torch::kBicubic).align_corners(false);
  if (mode == "area") options.mode(torch::kArea);
  return F::interpolate(x, options.antialias(antialias));
}
// At a grid turned by some degrees, for which there is a gradient as well.
inline Tensor sampled(const Tensor& x, const std::string& mode) {
  const Tensor theta = torch::tensor({{0.9, -0.2, 0.05}, {0.2, 0.9, -0.1}}).to(x.scalar_type());
  const Tensor grid =
      torch::affine_grid_generator(theta.unsqueeze(0), {1, 1, x.size(2), x.size(3)}, false)
          .expand({x.size(0), x.size(2), x.size(3), 2})
          .detach()
          .requires_grad_();
  return torch::grid_sampler(x, grid, mode == "nearest" ? 1 : mode == "bicubic" ? 2 : 0, 0, false);
}

// The greatest elements, which always come with their places.
inline Tensor adaptive_maxima1d(const Tensor& x, int64_t size, bool) {
  return std::get<0>(torch::adaptive_max_pool1d(x, size));
}
inline Tensor adaptive_maxima2d(const Tensor& x, int64_t size, bool) {
  return std::get<0>(torch::adaptive_max_pool2d(x, size));
}
inline Tensor adaptive_maxima3d(const Tensor& x, int64_t size, bool) {
  return std::get<0>(torch::adaptive_max_pool3d(x, size));
}
inline Tensor fractional_maxima2d(const Tensor& x, int64_t size, bool) {
  const Tensor samples = torch::zeros({x.size(0), x.size(1), 2}, x.dtype());
  return std::get<0>(torch::fractional_max_pool2d(x, 2, size, samples));
}
inline Tensor fractional_maxima3d(const Tensor& x, int64_t size, bool) {
  const Tensor samples = torch::zeros({x.size(0), x.size(1), 3}, x.dtype());
  return std::get<0>(torch::fractional_max_pool3d(x, {2, 1, 1}, {1, size, size}, samples));
}
// All to the first place.
inline Tensor unpooled1d(const Tensor& x) {
  namespace F = torch::nn::functional;
  const Tensor places = torch::zeros(x.sizes(), torch::kInt64);
  return F::max_unpool1d(x, places, F::MaxUnpool1dFuncOptions(2));
}
inline Tensor unpooled2d(const Tensor& x) {
  namespace F = torch::nn::functional;
  const Tensor places = torch::zeros(x.sizes(), torch::kInt64);
  return F::max_unpool2d(x, places, F::MaxUnpool2dFuncOptions(2));
}
inline Tensor unpooled3d(const Tensor& x) {
  namespace F = torch::nn::functional;
  const Tensor places = torch::zeros(x.sizes(), torch::kInt64);
  return F::max_unpool3d(x, places, F::MaxUnpool3dFuncOptions(2));
}
inline Tensor norms1d(const Tensor& x) {
  namespace F = torch::nn::functional;
  return F::lp_pool1d(x, F::LPPool1dFuncOptions(2, 2));
}
inline Tensor norms2d(const Tensor& x) {
  namespace F = torch::nn::functional;
  return F::lp_pool2d(x, F::LPPool2dFuncOptions(2, 2));
}
inline Tensor xlog1py_of(const Tensor& x, const Tensor& y) { return torch::special::xlog1py(x, y); }
inline Tensor nextafter_of(const Tensor& x, const Tensor& y) { return torch::nextafter(x, y); }
inline Tensor hardtanh_of(const Tensor& x) { return torch::hardtanh(x, 0.2, 0.8); }
inline Tensor logsigmoid_of(const Tensor& x) { return torch::log_sigmoid(x); }
inline Tensor softsign_of(const Tensor& x) { return torch::nn::functional::softsign(x); }
inline Tensor tanhshrink_of(const Tensor& x) { return torch::nn::functional::tanhshrink(x); }
inline Tensor softmin_of(const Tensor& x) { return torch::nn::functional::softmin(x, -1); }
inline Tensor gumbel_softmax_of(const Tensor& x) {
  return torch::nn::functional::gumbel_softmax(x);
}
inline Tensor dropout1d_of(const Tensor& x) { return torch::feature_dropout(x, 0.3, true); }
inline Tensor dropout2d_of(const Tensor& x) { return torch::feature_dropout(x, 0.3, true); }
inline Tensor dropout3d_of(const Tensor& x) {
  return torch::feature_dropout(x.unsqueeze(0), 0.3, true).squeeze(0);
}
inline Tensor integers_like(const Tensor& t, int64_t high) {
  return torch::randint_like(t, high, t.options());
}
inline Tensor norms3d(const Tensor& x) {
  namespace F = torch::nn::functional;
  return F::lp_pool3d(x, F::LPPool3dFuncOptions(2, 2));
}
inline Tensor embedded(const Tensor& index, const Tensor& weight) {
  return torch::embedding(weight, index);
}
inline Tensor bags_of(const Tensor& index, const Tensor& weight) {
  namespace F = torch::nn::functional;
  return F::embedding_bag(index, weight, F::EmbeddingBagFuncOptions().mode(torch::kSum));
}

inline Tensor frexp_of(const Tensor& x) { return std::get<0>(torch::frexp(x)); }
inline Tensor index_put_of(const Tensor& x) {
  return torch::index_put(x, {torch::arange(x.size(0))}, x.detach() * 2);
}
inline Tensor gradient_of(const Tensor& x) { return torch::gradient(x, 1, -1)[0]; }
inline Tensor householder_of(const Tensor& a) {
  return torch::linalg_householder_product(a, a.select(-2, 0));
}

}  // namespace lib
