#pragma once
// All models.

#include <rewind/models/alexnet.h>
#include <rewind/models/cifar_resnet.h>
#include <rewind/models/convnext.h>
#include <rewind/models/dcgan.h>
#include <rewind/models/densenet.h>
#include <rewind/models/efficientnet.h>
#include <rewind/models/gpt.h>
#include <rewind/models/lenet.h>
#include <rewind/models/mobilenet.h>
#include <rewind/models/registry.h>
#include <rewind/models/resnet.h>
#include <rewind/models/unet.h>
#include <rewind/models/vgg.h>
#include <rewind/models/vision_transformer.h>
