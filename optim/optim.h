#pragma once
// Every optimizer, scheduler and average of weights.

#include <rewind/optim/adadelta.h>
#include <rewind/optim/adafactor.h>
#include <rewind/optim/adagrad.h>
#include <rewind/optim/adam.h>
#include <rewind/optim/adamax.h>
#include <rewind/optim/asgd.h>
#include <rewind/optim/averaging.h>
#include <rewind/optim/lamb.h>
#include <rewind/optim/lbfgs.h>
#include <rewind/optim/lion.h>
#include <rewind/optim/muon.h>
#include <rewind/optim/nadam.h>
#include <rewind/optim/radam.h>
#include <rewind/optim/rmsprop.h>
#include <rewind/optim/rprop.h>
#include <rewind/optim/schedulers/annealing.h>
#include <rewind/optim/schedulers/combined.h>
#include <rewind/optim/schedulers/cycles.h>
#include <rewind/optim/schedulers/decay.h>
#include <rewind/optim/schedulers/plateau.h>
#include <rewind/optim/sgd.h>
#include <rewind/optim/sparse_adam.h>
