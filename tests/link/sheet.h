/* flows.csv by hand, and linkability.csv as it comes out. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HO_TESTS_SHEET_H
#define HO_TESTS_SHEET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "measure/csv.h"
#include "measure/link/linkability.h"

/* sheet is a pair of input files in a folder of its own. */
typedef struct {
  char dir[64], *flows, *handoffs;
  FILE *out, *windows;
} sheet;

/* row is a flow; what is NULL or 0 is a default: arm "quic", seed 1, vantage
 * both, 10 packets of 100 bytes in either direction. */
typedef struct {
  const char *arm, *vantage;
  uint64_t seed;
  int client;
  bool stays; /* its client never moves */
  const char *old_of, *new_of;
  double begin_ms, end_ms;           /* of packets to the server */
  double begin_down_ms, end_down_ms; /* 0: the same */
  bool no_up, no_down;
  unsigned packets_up, packets_down, bytes_up, bytes_down, max_up, max_down;
  const char *spin_up, *spin_down; /* NULL: none */
  const char *ids;
} row;

void sheet_open(sheet *s);
void sheet_add(sheet *s, row r);
void sheet_window(sheet *s, uint64_t seed, int client, int handoff,
                  const char *ms);

/* sheet_close removes the files. */
void sheet_close(sheet *s);

/* sheet_evaluate returns what ho_linkability_write makes of |s|, which is
 * complete then, under its header; the caller frees it.  |what| lacks the names
 * of files, and of arms where there is only "quic". */
ho_csv_file sheet_evaluate(sheet *s, ho_linkability what);

/* sheet_field is a field of the row of arm "quic"; sheet_value its number. */
const char *sheet_field(const ho_csv_file *file, const char *vantage,
                        const char *adversary, const char *column);
double sheet_value(const ho_csv_file *file, const char *vantage,
                   const char *adversary, const char *column);

#define BOTH (1u << HO_VANTAGE_BOTH)

#endif
