#ifndef METERSTORM_BUILD_IDENTITY_H
#define METERSTORM_BUILD_IDENTITY_H

/// The commit of which the program was built, as METERSTORM_COMMIT named it to the build; empty in a build that names none.
const char *meterstorm_commit(void);

#endif
