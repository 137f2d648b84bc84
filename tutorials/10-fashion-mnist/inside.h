#pragma once

#include <rewind/data/dataset.h>
#include <rewind/rewind.h>

#include "tutorial.h"

/// What each layer makes of one picture, drawn by its shape: sheets for channels, or a bar.
void draw_network(const Tutorial& tutorial, rw::nn::Sequential& net, const rw::Tensor& image);
/// The filters of the first layer, and what both convolutions make of a picture.
void draw_inside(const Tutorial& tutorial, rw::nn::Sequential& net, const rw::Tensor& image);
/// The first mistakes, with the three likeliest answers.
void draw_mistakes(const Tutorial& tutorial, rw::nn::Sequential& net, const rw::data::Batch& test,
                   const std::vector<std::string>& classes);
