#pragma once

// All transforms of images.
#include <rewind/data/transforms/augment.h>
#include <rewind/data/transforms/colors.h>
#include <rewind/data/transforms/crops.h>
#include <rewind/data/transforms/erasing.h>
#include <rewind/data/transforms/filters.h>
#include <rewind/data/transforms/flips.h>
#include <rewind/data/transforms/mixing.h>
#include <rewind/data/transforms/resizing.h>
#include <rewind/data/transforms/scaling.h>
#include <rewind/data/transforms/tones.h>
#include <rewind/data/transforms/transform.h>
#include <rewind/data/transforms/warps.h>
