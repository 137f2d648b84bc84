#include <rewind/ops/attention.h>
#include <rewind/ops/multi_head_attention.h>
#include <rewind/ops/native_forms.h>

#include "forms.h"

namespace rw::test {
namespace {

template <size_t n>
ConvPadding<n> conv_padding(Args& a, size_t place) {
  if (a.is(place, "padding", Value::Kind::word)) {
    static std::string word;
    word = a.word(place, "padding");
    return ConvPadding<n>(word.c_str());
  }
  return a.size<n>(place, "padding", 0);
}
template <size_t n>
ConvOptions<n> conv_options(Args& a) {
  return {.stride = a.size<n>(3, "stride", 1),
          .padding = conv_padding<n>(a, 4),
          .dilation = a.size<n>(5, "dilation", 1),
          .groups = a.i(6, "groups", 1)};
}
template <size_t n>
ConvTransposeOptions<n> transposed_options(Args& a) {
  return {.stride = a.size<n>(3, "stride", 1),
          .padding = a.size<n>(4, "padding", 0),
          .output_padding = a.size<n>(5, "output_padding", 0),
          .groups = a.i(6, "groups", 1),
          .dilation = a.size<n>(7, "dilation", 1)};
}
template <size_t n>
MaxPoolOptions<n> max_options(Args& a) {
  return {.stride = a.size<n>(2, "stride", Size<n>::unset()),
          .padding = a.size<n>(3, "padding", 0),
          .dilation = a.size<n>(4, "dilation", 1),
          .ceil_mode = a.b(5, "ceil_mode")};
}
template <size_t n>
AvgPoolOptions<n> avg_options(Args& a) {
  return {.stride = a.size<n>(2, "stride", Size<n>::unset()),
          .padding = a.size<n>(3, "padding", 0),
          .ceil_mode = a.b(4, "ceil_mode"),
          .count_include_pad = a.b(5, "count_include_pad", true),
          .divisor_override = a.opt_i(6, "divisor_override")};
}
Out avg_pooled(Args& a) {
  return avg_pool1d(a.t(0), a.size<1>(1, "kernel_size", 0),
                    {.stride = a.size<1>(2, "stride", Size1::unset()),
                     .padding = a.size<1>(3, "padding", 0),
                     .ceil_mode = a.b(4, "ceil_mode"),
                     .count_include_pad = a.b(5, "count_include_pad", true)});
}
// PyTorch takes those of the whole result as well.
template <size_t n>
Size<n> last_sizes(const std::vector<int64_t>& all) {
  if (all.empty()) return Size<n>::unset();
  if (all.size() < n) Args::fail("output_size", "as many numbers as axes");
  Size<n> s;
  for (size_t d = 0; d < n; ++d) s[static_cast<int>(d)] = all[all.size() - n + d];
  return s;
}
template <size_t n>
MaxUnpoolOptions<n> unpool_options(Args& a) {
  return {.stride = a.size<n>(3, "stride", Size<n>::unset()),
          .padding = a.size<n>(4, "padding", 0),
          .output_size = last_sizes<n>(a.ints(5, "output_size"))};
}
// Of sizes of which some are None.
template <size_t n>
Size<n> adaptive(Args& a) {
  const Value* const v = a.find(1, "output_size");
  if (!v || v->kind != Value::Kind::list) return a.size<n>(1, "output_size", same_size);
  Size<n> s(same_size);
  if (v->list.size() != n) Args::fail("output_size", "as many numbers as axes");
  for (size_t d = 0; d < n; ++d)
    if (v->list[d].kind == Value::Kind::number)
      s[static_cast<int>(d)] = v->list[d].number.to_int64();
  return s;
}
template <class F, class G>
Out with_indices(Args& a, size_t place, const F& one, const G& both) {
  return a.b(place, "return_indices") ? Out(both()) : Out(one());
}
#define MAX_POOL(n)                                                                            \
  FORM("nn.functional.max_pool" #n "d",                                                        \
       with_indices(                                                                           \
           a, 6,                                                                               \
           [&] {                                                                               \
             return max_pool##n##d(a.t(0), a.size<n>(1, "kernel_size", 0), max_options<n>(a)); \
           },                                                                                  \
           [&] {                                                                               \
             return max_pool##n##d_with_indices(a.t(0), a.size<n>(1, "kernel_size", 0),        \
                                                max_options<n>(a));                            \
           }))
#define ADAPTIVE_MAX(n)                                                           \
  FORM("nn.functional.adaptive_max_pool" #n "d",                                  \
       with_indices(                                                              \
           a, 2, [&] { return adaptive_max_pool##n##d(a.t(0), adaptive<n>(a)); }, \
           [&] { return adaptive_max_pool##n##d_with_indices(a.t(0), adaptive<n>(a)); }))
#define CONV(n)                                                                        \
  FORM("nn.functional.conv" #n "d",                                                    \
       conv##n##d(a.t(0), a.t(1, "weight"), a.t(2, "bias"), conv_options<n>(a))),      \
      FORM("nn.functional.conv_transpose" #n "d",                                      \
           conv_transpose##n##d(a.t(0), a.t(1, "weight"), a.t(2, "bias"),              \
                                transposed_options<n>(a))),                            \
      FORM("nn.functional.max_unpool" #n "d",                                          \
           max_unpool##n##d(a.t(0), a.t(1, "indices"), a.size<n>(2, "kernel_size", 0), \
                            unpool_options<n>(a))),                                    \
      FORM("nn.functional.adaptive_avg_pool" #n "d",                                   \
           adaptive_avg_pool##n##d(a.t(0), adaptive<n>(a))),                           \
      MAX_POOL(n), ADAPTIVE_MAX(n)

template <size_t n>
FractionalMaxPoolOptions<n> fractional_options(Args& a) {
  FractionalMaxPoolOptions<n> o{.output_size = a.size<n>(2, "output_size", Size<n>::unset()),
                                .random_samples = a.t(5, "_random_samples")};
  const auto ratio = a.floats(3, "output_ratio");
  if (!ratio.empty()) {
    o.output_ratio.emplace();
    for (size_t d = 0; d < n; ++d) (*o.output_ratio)[d] = ratio[ratio.size() == 1 ? 0 : d];
  }
  return o;
}

PaddingMode padding_mode(const std::string& word) {
  return named<PaddingMode>(word, {{"constant", PaddingMode::zeros},
                                   {"reflect", PaddingMode::reflect},
                                   {"replicate", PaddingMode::replicate},
                                   {"circular", PaddingMode::circular}});
}
Out interpolated(Args& a) {
  const Value* const factor = a.find(2, "scale_factor");
  InterpolateOptions o{
      .size = a.ints(1, "size"),
      .mode = named<InterpolateMode>(a.word(3, "mode", "nearest"),
                                     {{"nearest", InterpolateMode::nearest},
                                      {"nearest-exact", InterpolateMode::nearest_exact},
                                      {"linear", InterpolateMode::linear},
                                      {"bilinear", InterpolateMode::bilinear},
                                      {"bicubic", InterpolateMode::bicubic},
                                      {"trilinear", InterpolateMode::trilinear},
                                      {"area", InterpolateMode::area}}),
      .recompute_scale_factor = a.b(5, "recompute_scale_factor"),
      .antialias = a.b(6, "antialias")};
  if (factor && factor->kind != Value::Kind::none) o.scale_factor = a.floats(2, "scale_factor");
  if (a.has(4, "align_corners")) o.align_corners = a.b(4, "align_corners");
  // One number stands for all axes.
  const size_t axes = a.t(0).dim() > 2 ? static_cast<size_t>(a.t(0).dim() - 2) : 0;
  if (o.size.size() == 1 && !a.is_list(1, "size")) o.size.assign(axes, o.size[0]);
  return interpolate(a.t(0), o);
}
Out upsampled(Args& a, InterpolateMode mode) {
  InterpolateOptions o{
      .size = a.ints(1, "size"), .scale_factor = a.floats(2, "scale_factor"), .mode = mode};
  if (mode == InterpolateMode::bilinear) o.align_corners = true;
  const size_t axes = static_cast<size_t>(a.t(0).dim() - 2);
  if (o.size.size() == 1) o.size.assign(axes, o.size[0]);
  return interpolate(a.t(0), o);
}
GridSampleOptions grid_options(Args& a) {
  return {.mode = named<GridSampleMode>(a.word(2, "mode", "bilinear"),
                                        {{"bilinear", GridSampleMode::bilinear},
                                         {"nearest", GridSampleMode::nearest},
                                         {"bicubic", GridSampleMode::bicubic}}),
          .padding_mode = named<GridSamplePadding>(a.word(3, "padding_mode", "zeros"),
                                                   {{"zeros", GridSamplePadding::zeros},
                                                    {"border", GridSamplePadding::border},
                                                    {"reflection", GridSamplePadding::reflection}}),
          .align_corners = a.b(4, "align_corners")};
}
GridSampleOptions grid_sampler_options(Args& a) {
  return {.mode = static_cast<GridSampleMode>(a.i(2, "interpolation_mode")),
          .padding_mode = static_cast<GridSamplePadding>(a.i(3, "padding_mode")),
          .align_corners = a.b(4, "align_corners")};
}

const JoinedForms windows({
    CONV(1),
    CONV(2),
    CONV(3),
    FORM("nn.functional.avg_pool1d", avg_pooled(a)),
    FORM("nn.functional.avg_pool2d",
         avg_pool2d(a.t(0), a.size<2>(1, "kernel_size", 0), avg_options<2>(a))),
    FORM("nn.functional.avg_pool3d",
         avg_pool3d(a.t(0), a.size<3>(1, "kernel_size", 0), avg_options<3>(a))),
    FORM("nn.functional.fractional_max_pool2d",
         with_indices(
             a, 4,
             [&] {
               return fractional_max_pool2d(a.t(0), a.size<2>(1, "kernel_size", 0),
                                            fractional_options<2>(a));
             },
             [&] {
               return fractional_max_pool2d_with_indices(a.t(0), a.size<2>(1, "kernel_size", 0),
                                                         fractional_options<2>(a));
             })),
    FORM("nn.functional.fractional_max_pool3d",
         with_indices(
             a, 4,
             [&] {
               return fractional_max_pool3d(a.t(0), a.size<3>(1, "kernel_size", 0),
                                            fractional_options<3>(a));
             },
             [&] {
               return fractional_max_pool3d_with_indices(a.t(0), a.size<3>(1, "kernel_size", 0),
                                                         fractional_options<3>(a));
             })),
    FORM("nn.functional.unfold", unfold(a.t(0), a.size<2>(1, "kernel_size", 0),
                                        {.dilation = a.size<2>(2, "dilation", 1),
                                         .padding = a.size<2>(3, "padding", 0),
                                         .stride = a.size<2>(4, "stride", 1)})),
    FORM("constant_pad_nd", pad(a.t(0), a.ints(1, "pad"), PaddingMode::zeros, a.f(2, "value", 0))),
    FORM("nn.functional.pad", pad(a.t(0), a.ints(1, "pad"),
                                  padding_mode(a.word(2, "mode", "constant")), a.f(3, "value", 0))),
    FORM("nn.functional.interpolate", interpolated(a)),
    FORM("nn.functional.upsample_bilinear", upsampled(a, InterpolateMode::bilinear)),
    FORM("nn.functional.upsample_nearest", upsampled(a, InterpolateMode::nearest)),
    FORM("nn.functional.grid_sample", grid_sample(a.t(0), a.t(1), grid_options(a))),
    FORM("grid_sampler_2d", grid_sample(a.t(0), a.t(1), grid_sampler_options(a))),
    FORM("grid_sampler_3d", grid_sample(a.t(0), a.t(1), grid_sampler_options(a))),
});

Shape normalized(Args& a) { return Shape(a.ints(1, "normalized_shape")); }

// A copy of a statistic that is changed, where there is one.
Tensor running(Args& a, size_t place, const char* name) {
  return a.has(place, name) ? a.t(place, name).clone() : Tensor();
}
Out native_batch_normed(Args& a) {
  return native_batch_norm(a.t(0), a.t(1, "weight"), a.t(2, "bias"), running(a, 3, "running_mean"),
                           running(a, 4, "running_var"), a.b(5, "training"), a.f(6, "momentum"),
                           a.f(7, "eps"));
}
Out max_pool_gradient(Args& a) {
  a.ignore(1000, "return_indices");
  const auto kernel = a.size<2>(1, "kernel_size", 0);
  const MaxPoolOptions<2> options = {.stride = a.size<2>(2, "stride", Size2::unset()),
                                     .padding = a.size<2>(3, "padding", 0),
                                     .dilation = a.size<2>(4, "dilation", 1),
                                     .ceil_mode = a.b(5, "ceil_mode")};
  const auto [y, indices] = max_pool2d_with_indices(a.t(0), kernel, options);
  return max_pool2d_with_indices_backward(ones_like(y), a.t(0), kernel, options, indices);
}

const JoinedForms norms({
    FORM("native_layer_norm",
         native_layer_norm(a.t(0), normalized(a), a.t(2, "weight"), a.t(3, "bias"), a.f(4, "eps"))),
    FORM("native_group_norm", native_group_norm(a.t(0), a.t(1), a.t(2), a.i(3, "N"), a.i(4, "C"),
                                                a.i(5, "HxW"), a.i(6, "group"), a.f(7, "eps"))),
    FORM("native_batch_norm", native_batch_normed(a)),
    FORM("_native_batch_norm_legit", native_batch_normed(a)),
    FORM("max_pool2d_with_indices_backward", max_pool_gradient(a)),
    FORM("nn.functional.batch_norm",
         batch_norm(a.t(0), a.t(3, "weight"), a.t(4, "bias"),
                    a.has(1, "running_mean") ? a.t(1, "running_mean").clone() : Tensor(),
                    a.has(2, "running_var") ? a.t(2, "running_var").clone() : Tensor(),
                    {.training = a.b(5, "training"),
                     .momentum = a.f(6, "momentum", 0.1),
                     .eps = a.f(7, "eps", 1e-5)})),
    FORM("nn.functional.layer_norm",
         layer_norm(a.t(0), normalized(a), a.t(2, "weight"), a.t(3, "bias"), a.f(4, "eps", 1e-5))),
    FORM("nn.functional.rms_norm",
         rms_norm(a.t(0), normalized(a), a.t(2, "weight"), a.opt_f(3, "eps"))),
    FORM("nn.functional.group_norm", group_norm(a.t(0), a.i(1, "num_groups"), a.t(2, "weight"),
                                                a.t(3, "bias"), a.f(4, "eps", 1e-5))),
    FORM("nn.functional.instance_norm",
         instance_norm(a.t(0), a.t(3, "weight"), a.t(4, "bias"),
                       a.has(1, "running_mean") ? a.t(1, "running_mean").clone() : Tensor(),
                       a.has(2, "running_var") ? a.t(2, "running_var").clone() : Tensor(),
                       {.use_input_stats = a.b(5, "use_input_stats", true),
                        .momentum = a.f(6, "momentum", 0.1),
                        .eps = a.f(7, "eps", 1e-5)})),
    FORM("nn.functional.local_response_norm",
         local_response_norm(a.t(0), a.i(1, "size"), a.f(2, "alpha", 1e-4), a.f(3, "beta", 0.75),
                             a.f(4, "k", 1))),
});

EmbeddingBagFuncOptions bag_options(Args& a) {
  return {.max_norm = a.opt_f(3, "max_norm"),
          .norm_type = a.f(4, "norm_type", 2),
          .scale_grad_by_freq = a.b(5, "scale_grad_by_freq"),
          .mode = named<BagMode>(
              a.word(6, "mode", "mean"),
              {{"sum", BagMode::sum}, {"mean", BagMode::mean}, {"max", BagMode::max}}),
          .sparse = a.b(7, "sparse"),
          .include_last_offset = a.b(9, "include_last_offset"),
          .padding_idx = a.opt_i(10, "padding_idx")};
}
AttentionOptions attention_options(Args& a) {
  return {.attn_mask = a.t(3, "attn_mask"),
          .dropout_p = a.f(4, "dropout_p", 0),
          .is_causal = a.b(5, "is_causal"),
          .scale = a.opt_f(1000, "scale"),
          .enable_gqa = a.b(1000, "enable_gqa")};
}
MultiheadAttentionForwardFuncOptions heads_options(Args& a) {
  return {.embed_dim_to_check = a.i(3, "embed_dim_to_check"),
          .num_heads = a.i(4, "num_heads"),
          .in_proj_weight = a.t(5, "in_proj_weight"),
          .in_proj_bias = a.t(6, "in_proj_bias"),
          .bias_k = a.t(7, "bias_k"),
          .bias_v = a.t(8, "bias_v"),
          .add_zero_attn = a.b(9, "add_zero_attn"),
          .dropout_p = a.f(10, "dropout_p"),
          .out_proj_weight = a.t(11, "out_proj_weight"),
          .out_proj_bias = a.t(12, "out_proj_bias"),
          .training = a.b(13, "training", true),
          .key_padding_mask = a.t(14, "key_padding_mask"),
          .need_weights = a.b(15, "need_weights", true),
          .attn_mask = a.t(16, "attn_mask"),
          .use_separate_proj_weight = a.b(17, "use_separate_proj_weight"),
          .q_proj_weight = a.t(18, "q_proj_weight"),
          .k_proj_weight = a.t(19, "k_proj_weight"),
          .v_proj_weight = a.t(20, "v_proj_weight"),
          .static_k = a.t(21, "static_k"),
          .static_v = a.t(22, "static_v"),
          .average_attn_weights = a.b(23, "average_attn_weights", true),
          .is_causal = a.b(24, "is_causal")};
}
Out heads(Args& a) {
  const auto o = heads_options(a);
  const auto [out, w] = multi_head_attention_forward(a.t(0), a.t(1, "key"), a.t(2, "value"), o);
  return o.need_weights ? Tensors{out, w} : Tensors{out};
}

const JoinedForms lookups({
    FORM("nn.functional.embedding", embedding(a.t(1), a.t(0),
                                              {.padding_idx = a.opt_i(2, "padding_idx"),
                                               .max_norm = a.opt_f(3, "max_norm"),
                                               .norm_type = a.f(4, "norm_type", 2),
                                               .scale_grad_by_freq = a.b(5, "scale_grad_by_freq"),
                                               .sparse = a.b(6, "sparse")})),
    FORM("nn.functional.embedding_bag",
         embedding_bag(a.t(1), a.t(0, "weight"), a.t(2, "offsets"), bag_options(a),
                       a.t(8, "per_sample_weights"))),
    FORM("nn.functional.scaled_dot_product_attention",
         scaled_dot_product_attention(a.t(0), a.t(1), a.t(2), attention_options(a))),
    FORM("nn.functional.multi_head_attention_forward", heads(a)),
});

#define WITH_WEIGHT .weight = a.t(2, "weight"), .reduction = reduction(a, 5)
Out gaussian(Args& a) {
  const GaussianNllLossOptions o{
      .full = a.b(3, "full"), .eps = a.f(4, "eps", 1e-6), .reduction = reduction(a, 5)};
  return a.is_tensor(2, "var") ? gaussian_nll_loss(a.t(0), a.t(1), a.t(2), o)
                               : gaussian_nll_loss(a.t(0), a.t(1), a.f(2, "var"), o);
}
Out ctc(Args& a) {
  const CtcLossOptions o{.blank = a.i(4, "blank", 0),
                         .reduction = reduction(a, 5),
                         .zero_infinity = a.b(6, "zero_infinity")};
  if (a.is_tensor(2, "input_lengths")) return ctc_loss(a.t(0), a.t(1), a.t(2), a.t(3), o);
  return ctc_loss(a.t(0), a.t(1), a.ints(2, "input_lengths"), a.ints(3, "target_lengths"), o);
}

const JoinedForms losses({
    FORM("nn.functional.cross_entropy",
         cross_entropy(a.t(0), a.t(1),
                       {.weight = a.t(2, "weight"),
                        .ignore_index = a.i(4, "ignore_index", -100),
                        .reduction = reduction(a, 6),
                        .label_smoothing = a.f(7, "label_smoothing", 0)})),
    FORM("nn.functional.nll_loss", nll_loss(a.t(0), a.t(1),
                                            {.weight = a.t(2, "weight"),
                                             .ignore_index = a.i(4, "ignore_index", -100),
                                             .reduction = reduction(a, 6)})),
    FORM("nn.functional.mse_loss",
         mse_loss(a.t(0), a.t(1), {.weight = a.t(5, "weight"), .reduction = reduction(a, 4)})),
    FORM("nn.functional.l1_loss",
         l1_loss(a.t(0), a.t(1), {.weight = a.t(5, "weight"), .reduction = reduction(a, 4)})),
    FORM("nn.functional.smooth_l1_loss",
         smooth_l1_loss(a.t(0), a.t(1), {.beta = a.f(5, "beta", 1), .reduction = reduction(a, 4)})),
    FORM("nn.functional.huber_loss", huber_loss(a.t(0), a.t(1),
                                                {.delta = a.f(3, "delta", 1),
                                                 .weight = a.t(4, "weight"),
                                                 .reduction = reduction(a, 2)})),
    FORM("nn.functional.binary_cross_entropy", binary_cross_entropy(a.t(0), a.t(1), {WITH_WEIGHT})),
    FORM("nn.functional.binary_cross_entropy_with_logits",
         binary_cross_entropy_with_logits(a.t(0), a.t(1),
                                          {.weight = a.t(2, "weight"),
                                           .pos_weight = a.t(6, "pos_weight"),
                                           .reduction = reduction(a, 5)})),
    FORM("nn.functional.kl_div",
         kl_div(a.t(0), a.t(1),
                {.log_target = a.b(5, "log_target"), .reduction = reduction(a, 4)})),
    FORM("nn.functional.poisson_nll_loss", poisson_nll_loss(a.t(0), a.t(1),
                                                            {.log_input = a.b(2, "log_input", true),
                                                             .full = a.b(3, "full"),
                                                             .eps = a.f(5, "eps", 1e-8),
                                                             .reduction = reduction(a, 7)})),
    FORM("nn.functional.gaussian_nll_loss", gaussian(a)),
    FORM("nn.functional.ctc_loss", ctc(a)),
    FORM("nn.functional.soft_margin_loss", soft_margin_loss(a.t(0), a.t(1), reduction(a, 4))),
    FORM("nn.functional.hinge_embedding_loss",
         hinge_embedding_loss(a.t(0), a.t(1),
                              {.margin = a.f(2, "margin", 1), .reduction = reduction(a, 5)})),
    FORM("nn.functional.margin_ranking_loss",
         margin_ranking_loss(a.t(0), a.t(1), a.t(2),
                             {.margin = a.f(3, "margin", 0), .reduction = reduction(a, 6)})),
    FORM("nn.functional.cosine_embedding_loss",
         cosine_embedding_loss(a.t(0), a.t(1), a.t(2),
                               {.margin = a.f(3, "margin", 0), .reduction = reduction(a, 6)})),
    FORM("nn.functional.multi_margin_loss", multi_margin_loss(a.t(0), a.t(1),
                                                              {.p = a.i(2, "p", 1),
                                                               .margin = a.f(3, "margin", 1),
                                                               .weight = a.t(4, "weight"),
                                                               .reduction = reduction(a, 7)})),
    FORM("nn.functional.multilabel_margin_loss",
         multilabel_margin_loss(a.t(0), a.t(1), reduction(a, 4))),
    FORM("nn.functional.multilabel_soft_margin_loss",
         multilabel_soft_margin_loss(a.t(0), a.t(1), {WITH_WEIGHT})),
    FORM("nn.functional.triplet_margin_loss", triplet_margin_loss(a.t(0), a.t(1), a.t(2),
                                                                  {.margin = a.f(3, "margin", 1),
                                                                   .p = a.f(4, "p", 2),
                                                                   .eps = a.f(5, "eps", 1e-6),
                                                                   .swap = a.b(6, "swap"),
                                                                   .reduction = reduction(a, 9)})),
});

}  // namespace
}  // namespace rw::test
