// C++'s heap, which here is ns-3's.
// SPDX-License-Identifier: GPL-2.0-or-later
//
// A frame on the air takes a hundred blocks and gives them back: those of an
// LTE subframe are more than the C library keeps at hand, so they are merged
// and split again each time.  Here a block that was given back waits, by size,
// for the next that asks.  Every block is malloc's, and as large as malloc
// says.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>
#include <new>

// Sanitizers have their own, which see more.
#if defined(__SANITIZE_ADDRESS__)
#define HO_HEAP 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HO_HEAP 0
#endif
#endif
#ifndef HO_HEAP
#define HO_HEAP 1
#endif

#if HO_HEAP

namespace {

// Blocks of step |i| have room for i x 16 + 8 bytes, as the C library's have,
// whose least are of step 1.
constexpr std::size_t STEPS = 65;

constexpr std::size_t RoomOf(std::size_t step) {
  return step * 16 + 8;
}

constexpr std::size_t StepFor(std::size_t size) {
  return (std::max<std::size_t>(size, 9) + 7) / 16;
}

struct Block {
  Block *next;
};

thread_local std::array<Block *, STEPS> waiting;

void Keep(void *block, std::size_t step) {
  waiting[step] = new (block) Block{waiting[step]};
}

void *New(std::size_t size) {
  for (;;) {
    void *block = std::malloc(size);
    if (block) {
      return block;
    }
    std::new_handler handler = std::get_new_handler();
    if (!handler) {
      throw std::bad_alloc();
    }
    handler();
  }
}

} // namespace

void *operator new(std::size_t size) {
  std::size_t step = StepFor(size);

  if (step >= STEPS) {
    return New(size);
  }
  Block *block = waiting[step];
  if (!block) {
    return New(RoomOf(step));
  }
  waiting[step] = block->next;
  return block;
}

void operator delete(void *block) noexcept {
  if (block) {
    std::size_t step = (malloc_usable_size(block) - 8) / 16;
    step < STEPS ? Keep(block, step) : std::free(block);
  }
}

void operator delete(void *block, std::size_t size) noexcept {
  if (block) {
    std::size_t step = StepFor(size);
    step < STEPS ? Keep(block, step) : std::free(block);
  }
}

#endif
