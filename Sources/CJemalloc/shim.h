// jemalloc as the process allocator. Linking the library replaces malloc, so that every Swift
// allocation is seen by the statistics that these helpers read.
#ifndef METERSTORM_CJEMALLOC_SHIM_H
#define METERSTORM_CJEMALLOC_SHIM_H

#include <jemalloc/jemalloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/// Bytes in live allocations of the whole process, after a refresh of jemalloc's statistics epoch.
static inline size_t meterstorm_allocated_bytes(void) {
  uint64_t epoch = 1;
  size_t epoch_size = sizeof(epoch);
  mallctl("epoch", &epoch, &epoch_size, &epoch, epoch_size);
  size_t bytes = 0;
  size_t size = sizeof(bytes);
  return mallctl("stats.allocated", &bytes, &size, NULL, 0) == 0 ? bytes : 0;
}

/// One of jemalloc's statistics in bytes, as of the last epoch; 0 where there is none of that name.
static inline size_t meterstorm_statistic(const char *name) {
  size_t bytes = 0;
  size_t size = sizeof(bytes);
  return mallctl(name, &bytes, &size, NULL, 0) == 0 ? bytes : 0;
}

/// Bytes in physically resident pages mapped by the allocator (statistics of the last epoch).
static inline size_t meterstorm_resident_bytes(void) { return meterstorm_statistic("stats.resident"); }

/// Keeps pages that are free for whatever comes next, forever: for a process that does the same thing hundreds of times, and
/// would otherwise ask the system for all of its memory each time anew.
static inline void meterstorm_keep_pages(void) {
  ssize_t never = -1;
  mallctl("arenas.dirty_decay_ms", NULL, NULL, &never, sizeof(never));
  unsigned count = 0;
  size_t size = sizeof(count);
  if (mallctl("arenas.narenas", &count, &size, NULL, 0) != 0) return;
  for (unsigned arena = 0; arena < count; arena++) {
    size_t path[3];
    size_t length = 3;
    if (mallctlnametomib("arena.0.dirty_decay_ms", path, &length) != 0) return;
    path[1] = arena;
    mallctlbymib(path, length, NULL, NULL, &never, sizeof(never));
  }
}

/// Arenas that the allocator keeps: threads are spread over them.
static inline unsigned meterstorm_arenas(void) {
  unsigned count = 0;
  size_t size = sizeof(count);
  return mallctl("opt.narenas", &count, &size, NULL, 0) == 0 ? count : 0;
}

/// The most bytes that the process has had in memory so far.
static inline size_t meterstorm_peak_bytes(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? (size_t)usage.ru_maxrss * 1024 : 0;
}

/// Bytes ever allocated by the calling thread. Exact, needs no epoch.
static inline uint64_t meterstorm_thread_allocated_bytes(void) {
  uint64_t bytes = 0;
  size_t size = sizeof(bytes);
  return mallctl("thread.allocated", &bytes, &size, NULL, 0) == 0 ? bytes : 0;
}

#endif
