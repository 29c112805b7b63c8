// What the bare ns-3 programs share: the packets to move, and their report.
// ns-3 is as it comes: its own simulator and scheduler, the C library's heap.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef HO_BENCH_BARE_H
#define HO_BENCH_BARE_H

#include <cstdint>
#include <functional>
#include <vector>

namespace bare {

// A packet and when it enters, in ns from the time the radio can carry.
struct Entry {
  std::int64_t at;
  bool down;
  std::uint32_t bytes;
};

// Sends them at their times: all of one instant from within one event.
class Player {
public:
  using Send = std::function<void(bool down, std::uint32_t bytes)>;
  using Ready = std::function<bool()>;

  // |argv| is NAME LIST; LIST has a line "NS up|down BYTES" for each packet, in
  // order of time.  Exits with a message when it cannot be read.
  Player(int argc, char **argv);

  // Waits for |ready|, which is asked every 10 ms as a run of ours does, plays
  // the list, and stops when everything has been received, or TAIL later.
  // Prints the CPU time since Player was made: the libraries are loaded by then
  // and the list is read.  Returns the status to exit with.
  int Run(const Ready &ready, const Send &send);

  void Received() {
    m_received++;
  }

private:
  void Ask();
  void Play();
  void Drain();
  int Report() const;

  Ready m_ready;
  Send m_send;
  const char *m_name;
  std::vector<Entry> m_entries;
  std::size_t m_next = 0, m_received = 0;
  std::int64_t m_zero = 0, m_cpu_us = 0;
};

} // namespace bare

#endif
