#pragma once
// One training by three loops.

#include "setup.h"
#include "tutorial.h"

void small_trainings(const Tutorial& tutorial, const data::ImageDataset& all);
