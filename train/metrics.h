#pragma once
// All metrics.

#include <rewind/train/classification_metrics.h>
#include <rewind/train/metric.h>
#include <rewind/train/regression_metrics.h>
#include <rewind/train/score_metrics.h>
