/* Reads arbitrary bytes as the frames of a packet. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/wire/frame.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ho_frame frame;
  size_t n;

  for (size_t at = 0; at < size; at += n) {
    n = ho_frame_next(&frame, data + at, size - at);
    assert(n <= size - at);
    if (n == 0) {
      break;
    }
  }
  return 0;
}
