// C++'s heap.  Goals: blocks are aligned, large enough and nobody else's,
// whichever way they come back; one that came back is the next of its size.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

extern "C" {
#include "tests/suite.h"
}

// Which clang does not declare of itself.
void operator delete(void *block, std::size_t size) noexcept;

namespace {

struct Block {
  unsigned char *bytes;
  std::size_t size;
  unsigned char fill;
};

void Fill(Block *block) {
  std::memset(block->bytes, block->fill, block->size);
}

void Check(const Block &block) {
  const unsigned char *at = block.bytes;

  ck_assert(std::all_of(at, at + block.size, [&block](unsigned char byte) {
    return byte == block.fill;
  }));
}

Block New(std::size_t size, unsigned char fill) {
  Block block = {static_cast<unsigned char *>(::operator new(size)), size,
                 fill};

  ck_assert_uint_eq(reinterpret_cast<std::uintptr_t>(block.bytes) % 16, 0);
  Fill(&block);
  return block;
}

void Delete(const Block &block, bool sized) {
  if (sized) {
    ::operator delete(block.bytes, block.size);
  } else {
    ::operator delete(block.bytes);
  }
}

START_TEST(nobody_elses) {
  std::vector<Block> blocks;
  std::uint64_t state = 1;
  auto draw = [&state](std::uint64_t below) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return static_cast<std::size_t>((state >> 33) % below);
  };

  for (unsigned i = 0; i < 50000; i++) {
    if (blocks.size() < 100 || draw(2) == 0) {
      std::size_t size = draw(20) == 0 ? draw(5000) : draw(300);
      blocks.push_back(New(size, static_cast<unsigned char>(i)));
    } else {
      std::size_t at = draw(blocks.size());
      Check(blocks[at]);
      Delete(blocks[at], draw(2) == 0);
      blocks[at] = blocks.back();
      blocks.pop_back();
    }
  }
  for (const Block &block : blocks) {
    Check(block);
    Delete(block, true);
  }
  ::operator delete(nullptr);
  ::operator delete(nullptr, 8);
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
START_TEST(back_first) {
  std::size_t sizes[] = {0, 1, 8, 9, 24, 25, 40, 100, 1000, 1032};

  for (std::size_t size : sizes) {
    for (bool sized : {false, true}) {
      Block first = New(size, 1), other = New(size, 2);
      Delete(first, sized);
      Block again = New(size, 3);
      ck_assert_ptr_eq(again.bytes, first.bytes);
      Check(other);
      Delete(other, sized);
      Delete(again, sized);
    }
  }
}
END_TEST
#endif

void Add(TCase *tc) {
  tcase_add_test(tc, nobody_elses);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
  tcase_add_test(tc, back_first);
#endif
}

} // namespace

int main() {
  return suite_run("heap", Add);
}
