// jemalloc as the process allocator. Linking the library replaces malloc, so that every Swift
// allocation is seen by the statistics that these helpers read.
#ifndef METERSTORM_CJEMALLOC_SHIM_H
#define METERSTORM_CJEMALLOC_SHIM_H

#include <jemalloc/jemalloc.h>
#include <stddef.h>
#include <stdint.h>

/// Bytes in live allocations of the whole process, after a refresh of jemalloc's statistics epoch.
static inline size_t meterstorm_allocated_bytes(void) {
  uint64_t epoch = 1;
  size_t epoch_size = sizeof(epoch);
  mallctl("epoch", &epoch, &epoch_size, &epoch, epoch_size);
  size_t bytes = 0;
  size_t size = sizeof(bytes);
  return mallctl("stats.allocated", &bytes, &size, NULL, 0) == 0 ? bytes : 0;
}

/// Bytes in physically resident pages mapped by the allocator (statistics of the last epoch).
static inline size_t meterstorm_resident_bytes(void) {
  size_t bytes = 0;
  size_t size = sizeof(bytes);
  return mallctl("stats.resident", &bytes, &size, NULL, 0) == 0 ? bytes : 0;
}

/// Bytes ever allocated by the calling thread. Exact, needs no epoch.
static inline uint64_t meterstorm_thread_allocated_bytes(void) {
  uint64_t bytes = 0;
  size_t size = sizeof(bytes);
  return mallctl("thread.allocated", &bytes, &size, NULL, 0) == 0 ? bytes : 0;
}

#endif
