#include <rewind/ops/indexing.h>
