// What the thread sanitizer has to be told of Swift's Mutex.
//
// On Linux a `Mutex` of the Synchronization module takes and gives its lock by one atomic operation, which the compiler puts into the
// caller and the sanitizer sees. Where it is contended, the library does that by the kernel's futex, and the library is not built for
// the sanitizer: without these functions, which stand in front of the library's, each contended Mutex is reported as a race.
// scripts/thread-sanitizer builds this file and loads it before the tests.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <stdint.h>

extern void __tsan_acquire(void *address);
extern void __tsan_release(void *address);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define SWIFT __attribute__((swiftcall))
#define HANDLE __attribute__((swift_context)) void *handle

// The library's own function. Without it, the names above are those of another version of Swift.
static void *library(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (function == NULL) abort();
  return function;
}

SWIFT void lock(uint32_t thread, HANDLE) __asm__(LOCK);
SWIFT void lock(uint32_t thread, HANDLE) {
  SWIFT void (*own)(uint32_t, HANDLE) = library(LOCK);
  own(thread, handle);
  __tsan_acquire(handle);
}

SWIFT void unlock(HANDLE) __asm__(UNLOCK);
SWIFT void unlock(HANDLE) {
  SWIFT void (*own)(HANDLE) = library(UNLOCK);
  __tsan_release(handle);
  own(handle);
}

SWIFT _Bool try_lock(HANDLE) __asm__(TRY_LOCK);
SWIFT _Bool try_lock(HANDLE) {
  SWIFT _Bool (*own)(HANDLE) = library(TRY_LOCK);
  _Bool taken = own(handle);
  if (taken) __tsan_acquire(handle);
  return taken;
}
