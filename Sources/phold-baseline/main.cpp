// PHOLD on a bare std::priority_queue: what meterstorm-bench phold is measured against. The same model, the same
// generator (xoshiro256**) and the same draws; no fingerprint and no sequence numbers beyond what stability needs.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <queue>
#include <vector>

namespace {

struct Event {
  int64_t time;
  uint64_t sequence;
  uint64_t process;
};

struct Later {
  bool operator()(const Event &a, const Event &b) const {
    return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
  }
};

struct Xoshiro256 {
  uint64_t s[4];

  explicit Xoshiro256(uint64_t seed) {
    for (auto &word : s) {
      seed += 0x9e3779b97f4a7c15u;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      word = z ^ (z >> 31);
    }
  }

  uint64_t next() {
    auto rotate = [](uint64_t x, int k) { return (x << k) | (x >> (64 - k)); };
    const uint64_t result = rotate(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
  }

  // Exponential, of mean 1 s in nanoseconds.
  int64_t delay() {
    const double unit = (double)((next() >> 11) + 1) * 0x1p-53;
    return (int64_t)(-std::log(unit) * 1e9);
  }

  uint64_t below(uint64_t bound) { return (uint64_t)(((unsigned __int128)next() * bound) >> 64); }
};

uint64_t option(int argc, char **argv, const char *name, uint64_t fallback) {
  for (int i = 1; i + 1 < argc; i++)
    if (std::strcmp(argv[i], name) == 0) return std::strtoull(argv[i + 1], nullptr, 10);
  return fallback;
}

}  // namespace

int main(int argc, char **argv) {
  const uint64_t processes = option(argc, argv, "--processes", 1024);
  const uint64_t population = option(argc, argv, "--population", 1);
  const uint64_t events = option(argc, argv, "--events", 10000000);
  Xoshiro256 random(42);
  std::priority_queue<Event, std::vector<Event>, Later> queue;
  uint64_t sequence = 0;
  for (uint64_t p = 0; p < processes; p++)
    for (uint64_t k = 0; k < population; k++) queue.push({random.delay(), sequence++, p});
  std::vector<uint64_t> handled(processes, 0);
  const auto begin = std::chrono::steady_clock::now();
  for (uint64_t i = 0; i < events; i++) {
    const Event event = queue.top();
    queue.pop();
    handled[event.process]++;
    const uint64_t target = random.below(processes);
    queue.push({event.time + random.delay(), sequence++, target});
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  uint64_t checksum = 0;
  for (uint64_t p = 0; p < processes; p++) checksum = checksum * 31 + handled[p];
  std::printf(
      "{\"benchmark\":\"phold-baseline\",\"checksum\":\"%llx\",\"events\":%llu,\"eventsPerSecond\":%.0f,"
      "\"population\":%llu,\"processes\":%llu,\"seconds\":%.6f}\n",
      (unsigned long long)checksum, (unsigned long long)events, (double)events / elapsed.count(),
      (unsigned long long)population, (unsigned long long)processes, elapsed.count());
}
