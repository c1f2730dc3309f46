// glibc's allocator in the place of jemalloc, for a process that is linked with the latter: preloaded, these names come first.
// Built and used by scripts/bench --long.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t size) { return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return __libc_realloc(old, size); }
void *memalign(size_t alignment, size_t size) { return __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { return __libc_memalign(alignment, size); }
void free(void *pointer) { __libc_free(pointer); }

int posix_memalign(void **result, size_t alignment, size_t size) {
  void *block = __libc_memalign(alignment, size);
  if (!block) return ENOMEM;
  *result = block;
  return 0;
}

size_t malloc_usable_size(void *pointer) {
  static size_t (*own)(void *);
  if (!own) own = (size_t(*)(void *))dlsym(dlopen("libc.so.6", RTLD_LAZY), "malloc_usable_size");
  return own(pointer);
}

// C++'s operators, which jemalloc defines as well: new, new[], delete and delete[], by their mangled names.
void *_Znwm(size_t size) { return __libc_malloc(size); }
void *_Znam(size_t size) { return __libc_malloc(size); }
void *_ZnwmRKSt9nothrow_t(size_t size, const void *tag) { return __libc_malloc(size); }
void *_ZnamRKSt9nothrow_t(size_t size, const void *tag) { return __libc_malloc(size); }
void *_ZnwmSt11align_val_t(size_t size, size_t alignment) { return __libc_memalign(alignment, size); }
void *_ZnamSt11align_val_t(size_t size, size_t alignment) { return __libc_memalign(alignment, size); }
void _ZdlPv(void *pointer) { __libc_free(pointer); }
void _ZdaPv(void *pointer) { __libc_free(pointer); }
void _ZdlPvm(void *pointer, size_t size) { __libc_free(pointer); }
void _ZdaPvm(void *pointer, size_t size) { __libc_free(pointer); }
void _ZdlPvSt11align_val_t(void *pointer, size_t alignment) { __libc_free(pointer); }
void _ZdaPvSt11align_val_t(void *pointer, size_t alignment) { __libc_free(pointer); }
void _ZdlPvmSt11align_val_t(void *pointer, size_t size, size_t alignment) { __libc_free(pointer); }
void _ZdaPvmSt11align_val_t(void *pointer, size_t size, size_t alignment) { __libc_free(pointer); }
