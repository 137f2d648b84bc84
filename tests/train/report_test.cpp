#include "../check.h"
