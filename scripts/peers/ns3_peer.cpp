// PHOLD and M/M/1 on ns-3's core simulator: what meterstorm-bench is measured against where libns3-dev is installed.
// ns3_peer phold PROCESSES POPULATION EVENTS | mm1 CUSTOMERS
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "ns3/core-module.h"

namespace {

std::mt19937_64 generator(42);
uint64_t left = 0;
uint64_t done = 0;
uint64_t processes = 1;
std::vector<uint64_t> handled;

ns3::Time Later(double mean) {
  double unit = (double(generator() >> 11) + 0.5) * 0x1p-53;
  return ns3::NanoSeconds(int64_t(-mean * std::log(unit) * 1e9));
}

void Hold(uint64_t process) {
  handled[process] += 1;
  done += 1;
  if (--left == 0) return ns3::Simulator::Stop();
  ns3::Simulator::Schedule(Later(1), &Hold, generator() % processes);
}

uint64_t waiting = 0;

void Depart() {
  done += 1;
  if (--waiting > 0) ns3::Simulator::Schedule(Later(1), &Depart);
}

void Arrive() {
  if (waiting++ == 0) ns3::Simulator::Schedule(Later(1), &Depart);
  if (--left > 0) ns3::Simulator::Schedule(Later(1.25), &Arrive);
}

} // namespace

int main(int argc, char **argv) {
  if (argc == 5 && std::strcmp(argv[1], "phold") == 0) {
    processes = std::strtoull(argv[2], nullptr, 10);
    uint64_t population = std::strtoull(argv[3], nullptr, 10);
    left = std::strtoull(argv[4], nullptr, 10);
    handled.assign(processes, 0);
    for (uint64_t process = 0; process < processes; ++process)
      for (uint64_t job = 0; job < population; ++job) ns3::Simulator::Schedule(Later(1), &Hold, process);
  } else if (argc == 3 && std::strcmp(argv[1], "mm1") == 0) {
    left = std::strtoull(argv[2], nullptr, 10);
    ns3::Simulator::Schedule(Later(1.25), &Arrive);
  } else {
    std::fprintf(stderr, "usage: ns3_peer phold PROCESSES POPULATION EVENTS | mm1 CUSTOMERS\n");
    return 64;
  }
  auto begin = std::chrono::steady_clock::now();
  ns3::Simulator::Run();
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  ns3::Simulator::Destroy();
  std::printf("{\"peer\":\"ns-3\",\"model\":\"%s\",\"done\":%llu,\"seconds\":%f,\"perSecond\":%f}\n", argv[1],
              (unsigned long long)done, seconds, double(done) / seconds);
}
