/* What a saturated network should carry, on paper. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_BENCH_THEORY_H
#define HO_BENCH_THEORY_H

#include <stdint.h>

/* ho_theory_phy is how one modulation and coding scheme is sent: bits a symbol,
 * bytes of the longest A-MPDU, the length of a symbol and of what precedes the
 * data, in microseconds. */
typedef struct {
  unsigned bits, ampdu_max;
  double symbol, preamble;
} ho_theory_phy;

/* 802.11n at 20 MHz (IEEE 802.11-2016, tables 19-27 and 19-6), ac at 80 MHz
 * (tables 21-38 and 21-5) and ax at 80 MHz with a guard interval of 3.2 us
 * (802.11ax-2021, table 27-111), one spatial stream. */
ho_theory_phy ho_theory_n20(unsigned mcs);
ho_theory_phy ho_theory_ac80(unsigned mcs);
ho_theory_phy ho_theory_ax80(unsigned mcs);

/* ho_theory_wifi is the rate, in bit/s of IP bytes, of one station that always
 * has packets of |ip_bytes| and meets nobody. */
double ho_theory_wifi(ho_theory_phy phy, unsigned ip_bytes);

/* ho_theory_lte is that of one UE at MCS 28 that gets |resource_blocks| in
 * every millisecond: 12, 24, 25, 48, 50 or 100. */
double ho_theory_lte(unsigned resource_blocks, unsigned ip_bytes);

#endif
