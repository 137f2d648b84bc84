#include "cases.h"

namespace rw::test {
namespace {

using Mode = InterpolateMode;

Case resized(const std::string& name, const InterpolateOptions& options) {
  return {"interpolate_" + name, [=](In x) { return interpolate(x, options).square(); }};
}
Case refused_resize(const std::string& name, const InterpolateOptions& options) {
  return {"interpolate_" + name, [=](In x) { return interpolate(x, options); }};
}
Case bytes(const std::string& name, const InterpolateOptions& options) {
  return {"interpolate_bytes_" + name,
          [=](In x) { return interpolate(x.to(uint8), options).to(int64); }};
}

void add_in_steps(Cases& all) {
  for (const auto& [mode, name] : {std::pair{Mode::nearest, "nearest"},
                                   {Mode::nearest_exact, "nearest_exact"},
                                   {Mode::area, "area"}}) {
    const std::string label = name;
    all.push_back(resized(label + "_1d", {.size = {7}, .mode = mode}));
    all.push_back(resized(label + "_2d", {.size = {5, 3}, .mode = mode}));
    all.push_back(resized(label + "_3d", {.size = {3, 2, 5}, .mode = mode}));
    all.push_back(resized(label + "_factor", {.scale_factor = {1.7, 0.6}, .mode = mode}));
    all.push_back(resized(label + "_factor_recomputed",
                          {.scale_factor = {2.3}, .mode = mode, .recompute_scale_factor = true}));
  }
}

void add_smooth(Cases& all, const std::string& label, Mode mode, const std::vector<int64_t>& size,
                const std::vector<double>& factor) {
  for (const bool align : {false, true}) {
    const std::string name = label + (align ? "_aligned" : "");
    all.push_back(resized(name, {.size = size, .mode = mode, .align_corners = align}));
    all.push_back(
        resized(name + "_factor", {.scale_factor = factor, .mode = mode, .align_corners = align}));
  }
  all.push_back(resized(label + "_recomputed",
                        {.scale_factor = factor, .mode = mode, .recompute_scale_factor = true}));
  all.push_back(resized(label + "_to_one", {.size = {1}, .mode = mode, .align_corners = true}));
  all.push_back(resized(label + "_of_same_size", {.scale_factor = {1.1}, .mode = mode}));
}

void add_antialias(Cases& all) {
  for (const auto& [mode, name] : {std::pair{Mode::bilinear, "bilinear"},
                                   {Mode::bicubic, "bicubic"},
                                   {Mode::lanczos, "lanczos"}}) {
    const std::string label = std::string(name) + "_antialias";
    all.push_back(resized(label, {.size = {3, 2}, .mode = mode, .antialias = true}));
    all.push_back(resized(label + "_larger", {.size = {5, 6}, .mode = mode, .antialias = true}));
    all.push_back(
        resized(label + "_factor", {.scale_factor = {0.4, 0.7}, .mode = mode, .antialias = true}));
    all.push_back(
        resized(label + "_aligned",
                {.size = {3, 9}, .mode = mode, .align_corners = true, .antialias = true}));
  }
}

Case shuffled(const std::string& name, int64_t factor) {
  return {"pixel_shuffle" + name, [=](In x) { return pixel_shuffle(x, factor).square(); }};
}
Case unshuffled(const std::string& name, int64_t factor) {
  return {"pixel_unshuffle" + name, [=](In x) { return pixel_unshuffle(x, factor).square(); }};
}
Case exchanged(const std::string& name, int64_t groups) {
  return {"channel_shuffle" + name, [=](In x) { return channel_shuffle(x, groups).square(); }};
}

Cases shuffles() {
  return {
      shuffled("", 2),
      shuffled("_by_3", 3),
      shuffled("_without_batch", 2),
      shuffled("_of_five_dims", 2),
      shuffled("_by_1", 1),
      shuffled("_uneven", 2),
      shuffled("_of_a_matrix", 1),
      shuffled("_by_0", 0),
      shuffled("_empty", 2),
      {"pixel_shuffle_of_integers", [](In x) { return pixel_shuffle(x, 2); }},
      unshuffled("", 2),
      unshuffled("_by_3", 3),
      unshuffled("_without_batch", 2),
      unshuffled("_uneven", 2),
      exchanged("", 2),
      exchanged("_of_sequences", 3),
      exchanged("_uneven", 4),
      exchanged("_of_a_matrix", 2),
  };
}

using Fill = GridSampleMode;
using Beyond = GridSamplePadding;

Case sampled(const std::string& name, const GridSampleOptions& options) {
  return {"grid_sample_" + name, [=](In x, In g) { return grid_sample(x, g, options); }};
}
// A sample's derivatives, as results.
Case slopes(const std::string& name, const GridSampleOptions& options) {
  return {"grid_sample_slopes_" + name, [=](const Tensors& in) {
            const Tensor x = in[0].clone().requires_grad_(), g = in[1].clone().requires_grad_();
            return grad({grid_sample(x, g, options).square().sum()}, {x, g});
          }};
}

void add_samples(Cases& all) {
  const std::pair<Beyond, std::string> paddings[] = {
      {Beyond::zeros, "zeros"}, {Beyond::border, "border"}, {Beyond::reflection, "reflection"}};
  const std::pair<Fill, std::string> modes[] = {
      {Fill::bilinear, "bilinear"}, {Fill::nearest, "nearest"}, {Fill::bicubic, "bicubic"}};
  for (const auto& [padding, end] : paddings)
    for (const auto& [mode, name] : modes) {
      for (const bool align : {false, true}) {
        const GridSampleOptions options = {mode, padding, align};
        const std::string label = name + "_" + end + (align ? "_aligned" : "");
        all.push_back(sampled(label, options));
        if (mode != Fill::bicubic) all.push_back(sampled("volume_" + label, options));
      }
      all.push_back(slopes(name + "_" + end, {mode, padding}));
    }
  all.push_back(slopes("bilinear_aligned", {Fill::bilinear, Beyond::reflection, true}));
  all.push_back(slopes("volume", {Fill::bilinear, Beyond::border}));
  all.push_back(sampled("at_borders", {.align_corners = true}));
  all.push_back(sampled("other_batch", {}));
  all.push_back(sampled("of_sequences", {}));
  all.push_back(sampled("bicubic_volume", {.mode = Fill::bicubic}));
  all.push_back(sampled("no_pixels", {}));
}

Case affine(const std::string& name, const Shape& size, bool align) {
  return {"affine_grid" + name, [=](In t) { return affine_grid(t, size, align).square(); }};
}

void add_affine(Cases& all) {
  all.push_back(affine("", {2, 1, 2, 3}, false));
  all.push_back(affine("_aligned", {2, 1, 2, 3}, true));
  all.push_back(affine("_3d", {1, 1, 2, 1, 3}, false));
  all.push_back(affine("_3d_aligned", {1, 1, 2, 1, 3}, true));
  all.push_back(affine("_other_theta", {1, 1, 2, 2}, false));
  all.push_back(affine("_of_nothing", {1, 1, 0, 2}, false));
}

}  // namespace

static Cases resampling_cases() {
  Cases all = {
      {"interpolate_bilinear_channels_last",
       [](In x) {
         const Tensor last = x.contiguous(MemoryFormat::channels_last);
         return interpolate(last, {.size = {5, 7}, .mode = Mode::bilinear}).square();
       }},
      resized("nearest_from_one", {.size = {3, 2}}),
      refused_resize("empty_batch", {.size = {3, 2}, .mode = Mode::bilinear}),
      bytes("nearest", {.size = {7, 3}}),
      bytes("bilinear", {.size = {7, 3}, .mode = Mode::bilinear}),
      bytes("bicubic", {.size = {7, 3}, .mode = Mode::bicubic}),
      bytes("bilinear_antialias", {.size = {2, 7}, .mode = Mode::bilinear, .antialias = true}),
      bytes("bicubic_antialias", {.size = {2, 7}, .mode = Mode::bicubic, .antialias = true}),
      refused_resize("of_a_matrix", {.size = {3}}),
      refused_resize("bilinear_of_sequences", {.size = {3}, .mode = Mode::bilinear}),
      refused_resize("to_nothing", {.size = {0}}),
      refused_resize("by_little", {.scale_factor = {0.1}}),
      refused_resize("nearest_aligned", {.size = {3}, .align_corners = true}),
      refused_resize("without_size", {}),
      refused_resize("with_both", {.size = {3}, .scale_factor = {2}}),
      refused_resize("two_sizes_of_one", {.size = {3, 3}}),
      refused_resize("nearest_antialias", {.size = {3}, .antialias = true}),
      refused_resize("of_integers", {.size = {3}}),
      refused_resize("without_channels", {.size = {3}}),
  };
  add_in_steps(all);
  add_smooth(all, "linear", Mode::linear, {8}, {0.7});
  add_smooth(all, "bilinear", Mode::bilinear, {5, 3}, {2.6, 1.3});
  add_smooth(all, "bicubic", Mode::bicubic, {5, 3}, {2.6, 1.3});
  add_smooth(all, "trilinear", Mode::trilinear, {3, 2, 5}, {1.6, 1, 2.5});
  add_antialias(all);
  for (const Case& c : shuffles()) all.push_back(c);
  add_samples(all);
  add_affine(all);
  return all;
}

static const Family resampling_family(resampling_cases);

}  // namespace rw::test
