#include "build_identity.h"

#ifndef METERSTORM_COMMIT
#define METERSTORM_COMMIT ""
#endif

const char *meterstorm_commit(void) { return METERSTORM_COMMIT; }
