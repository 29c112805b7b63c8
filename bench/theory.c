/* What a saturated network should carry, on paper. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/theory.h"

#include <assert.h>
#include <stdbool.h>

/* ---- Wi-Fi ---- */

/* Of 5 GHz's OFDM PHYs (802.11-2016, table 17-21) and of best effort (table
 * 9-137), in microseconds. */
static const double SLOT = 9, SIFS = 16, AIFSN = 3, CW_MIN = 15;

/* A block acknowledgement's 32 bytes at 24 Mbit/s, 96 bits a symbol, after 20
 * us of preamble. */
static const double BLOCK_ACK = 20 + 4 * 3;

/* MAC header with QoS, LLC and SNAP, FCS; then the delimiter of an A-MPDU,
 * which is padded to four bytes. */
enum { MAC_BYTES = 26 + 8 + 4, DELIMITER = 4 };

/* An A-MPDU is at most as long as the standard allows it, as the longest PPDU
 * (aPPDUMaxTime), and as the window of block acknowledgements, 64 packets in
 * all of ns-3's. */
enum { WINDOW = 64 };
static const double PPDU_MAX = 5484;

/* An A-MPDU longer than this is announced by RTS and CTS (dot11RTSThreshold's
 * default), 20 and 14 bytes at 24 Mbit/s. */
enum { RTS_THRESHOLD = 65535 };
static const double RTS_CTS = 2 * (20 + 4 * 2 + 16);

/* Service and tail. */
enum { EXTRA_BITS = 16 + 6 };

/* HT mixed: 20 us of legacy, HT-SIG 8, HT-STF 4, HT-LTF 4. */
ho_theory_phy ho_theory_n20(unsigned mcs) {
  static const unsigned bits[] = {26, 52, 78, 104, 156, 208, 234, 260};

  assert(mcs < sizeof(bits) / sizeof(bits[0]));
  return (ho_theory_phy){bits[mcs], 65535, 4, 36};
}

/* 20 us of legacy, VHT-SIG-A 8, VHT-STF 4, VHT-LTF 4, VHT-SIG-B 4. */
ho_theory_phy ho_theory_ac80(unsigned mcs) {
  static const unsigned bits[] = {117, 234,  351,  468,  702,
                                  936, 1053, 1170, 1404, 1560};

  assert(mcs < sizeof(bits) / sizeof(bits[0]));
  return (ho_theory_phy){bits[mcs], 1048575, 4, 40};
}

/* 20 us of legacy, RL-SIG 4, HE-SIG-A 8, HE-STF 4, HE-LTF 8. */
ho_theory_phy ho_theory_ax80(unsigned mcs) {
  static const unsigned bits[] = {490,  980,  1470, 1960, 2940, 3920,
                                  4410, 4900, 5880, 6533, 7350, 8166};

  assert(mcs < sizeof(bits) / sizeof(bits[0]));
  return (ho_theory_phy){bits[mcs], 6500631, 16, 44};
}

static double airtime(ho_theory_phy phy, unsigned packets, unsigned subframe) {
  unsigned bits = EXTRA_BITS + 8 * packets * subframe;
  unsigned symbols = (bits + phy.bits - 1) / phy.bits;

  return phy.preamble + symbols * phy.symbol;
}

static unsigned packets_of(ho_theory_phy phy, unsigned subframe) {
  unsigned packets = phy.ampdu_max / subframe;

  packets = packets < WINDOW ? packets : WINDOW;
  while (packets > 1 && airtime(phy, packets, subframe) > PPDU_MAX) {
    packets--;
  }
  return packets;
}

/* An exchange is AIFS, half of the smallest contention window, RTS and CTS
 * where need be, an A-MPDU of as many packets as may be, SIFS and a block
 * acknowledgement. */
double ho_theory_wifi(ho_theory_phy phy, unsigned ip_bytes) {
  unsigned subframe = (DELIMITER + MAC_BYTES + ip_bytes + 3) / 4 * 4;
  unsigned packets = packets_of(phy, subframe);
  double exchange = SIFS + AIFSN * SLOT + CW_MIN / 2 * SLOT +
                    airtime(phy, packets, subframe) + SIFS + BLOCK_ACK;

  if (packets * subframe > RTS_THRESHOLD) {
    exchange += RTS_CTS;
  }
  return packets * ip_bytes * 8 / exchange * 1e6;
}

/* ---- LTE ---- */

/* 3GPP TS 36.213, table 7.1.7.2.1-1, row I_TBS 26 (MCS 28): bits a transport
 * block, one a millisecond. */
static double transport_block(unsigned resource_blocks) {
  switch (resource_blocks) {
  case 12:
    return 8760;
  case 24:
    return 17568;
  case 25:
    return 18336;
  case 48:
    return 35160;
  case 50:
    return 36696;
  case 100:
    return 75376;
  default:
    assert(false);
    return 0;
  }
}

/* An RLC header of 2 bytes and as many of sequence and segment offset a block,
 * 2 bytes of PDCP and 1.5 of a length indicator a packet. */
double ho_theory_lte(unsigned resource_blocks, unsigned ip_bytes) {
  double block = transport_block(resource_blocks) / 8 - 4;

  return block * 8e3 * ip_bytes / (ip_bytes + 2 + 1.5);
}
