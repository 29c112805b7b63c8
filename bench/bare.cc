// What the bare ns-3 programs share: the packets to move, and their report.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/bare.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/resource.h>

#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"

using namespace ns3;

namespace {

const Time ASK = MilliSeconds(10);
const Time SEARCH_MAX = Seconds(10);
const Time TAIL = Seconds(1);

std::int64_t CpuUs(const timeval &time) {
  return std::int64_t{time.tv_sec} * 1000000 + time.tv_usec;
}

std::int64_t CpuUs() {
  rusage usage;

  getrusage(RUSAGE_SELF, &usage);
  return CpuUs(usage.ru_utime) + CpuUs(usage.ru_stime);
}

long PeakKib() {
  rusage usage;

  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

std::vector<bare::Entry> Read(const char *name, const char *path) {
  std::vector<bare::Entry> entries;
  FILE *file = std::fopen(path, "r");
  std::int64_t at;
  std::uint32_t bytes;
  char way[5];

  if (!file) {
    std::fprintf(stderr, "%s: cannot read '%s'\n", name, path);
    std::exit(2);
  }
  while (std::fscanf(file, "%" SCNd64 " %4s %" SCNu32, &at, way, &bytes) == 3) {
    entries.push_back({at, std::strcmp(way, "down") == 0, bytes});
  }
  if (!std::feof(file) || entries.empty()) {
    std::fprintf(stderr, "%s: '%s': packet %zu is not 'NS up|down BYTES'\n",
                 name, path, entries.size() + 1);
    std::exit(2);
  }
  std::fclose(file);
  return entries;
}

} // namespace

bare::Player::Player(int argc, char **argv) : m_name(argv[0]) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s LIST\n", m_name);
    std::exit(2);
  }
  m_entries = Read(m_name, argv[1]);
  m_cpu_us = CpuUs();
  RngSeedManager::SetSeed(1);
  RngSeedManager::SetRun(1);
}

int bare::Player::Run(const Ready &ready, const Send &send) {
  m_ready = ready;
  m_send = send;
  Simulator::ScheduleNow(&Player::Ask, this);
  Simulator::Run();
  int status = Report();
  Simulator::Destroy();
  return status;
}

void bare::Player::Ask() {
  if (m_ready()) {
    m_zero = Simulator::Now().GetNanoSeconds();
    Play();
  } else if (Simulator::Now() < SEARCH_MAX) {
    Simulator::Schedule(ASK, &Player::Ask, this);
  } else {
    Simulator::Stop();
  }
}

void bare::Player::Play() {
  std::int64_t now = Simulator::Now().GetNanoSeconds() - m_zero;

  while (m_next < m_entries.size() && m_entries[m_next].at <= now) {
    const Entry &entry = m_entries[m_next++];
    m_send(entry.down, entry.bytes);
  }
  if (m_next < m_entries.size()) {
    Simulator::Schedule(NanoSeconds(m_entries[m_next].at - now), &Player::Play,
                        this);
  } else {
    Simulator::Stop(TAIL);
    Drain();
  }
}

void bare::Player::Drain() {
  if (m_received >= m_entries.size()) {
    Simulator::Stop();
  } else {
    Simulator::Schedule(MilliSeconds(1), &Player::Drain, this);
  }
}

int bare::Player::Report() const {
  double cpu = static_cast<double>(CpuUs() - m_cpu_us) / 1e6;

  std::printf("cpu_s=%.6f warm_up_s=%.3f virtual_s=%.6f packets=%zu "
              "received=%zu ns3_events=%" PRIu64 " peak_kib=%ld\n",
              cpu, static_cast<double>(m_zero) / 1e9,
              Simulator::Now().GetSeconds(), m_entries.size(), m_received,
              Simulator::GetEventCount(), PeakKib());
  if (m_next < m_entries.size()) {
    std::fprintf(stderr, "%s: the radio never came up\n", m_name);
    return 1;
  }
  return 0;
}
