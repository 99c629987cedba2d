// Who touched a piece of memory last, for finding accesses that no barrier orders.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include <memory>
#include <vector>

#include "threads.h"

namespace emulator {

// One access, packed: presence, 20 bits of block, 10 of thread, 16 of block clock, 17 of warp clock. 0 means none.
struct Access {
  uint64_t bits = 0;

  static Access of(uint32_t block, int thread, Clocks clocks) {
    // Past what fits nothing is recorded: a race may be missed there, but none is made up.
    if (block > 0xfffff || clocks.block > 0xffff || clocks.warp > 0x1ffff) return {};
    return {1ull << 63 | (uint64_t)block << 43 | (uint64_t)thread << 33 | (uint64_t)clocks.block << 17 | clocks.warp};
  }
  bool present() const { return bits != 0; }
  uint32_t block() const { return (uint32_t)(bits >> 43) & 0xfffff; }
  int thread() const { return (int)(bits >> 33) & 0x3ff; }
  uint32_t blockClock() const { return (uint32_t)(bits >> 17) & 0xffff; }
  uint32_t warpClock() const { return (uint32_t)bits & 0x1ffff; }
  // Whether this earlier access is ordered before `now`, whatever the scheduling; `seen` is that of the clocks now.
  bool before(Access now, uint32_t seen) const {
    if (!present() || !now.present()) return true;
    if (block() != now.block()) return false;
    if (thread() == now.thread() || blockClock() < seen) return true;
    return thread() / kWarpThreads == now.thread() / kWarpThreads && warpClock() < now.warpClock();
  }
};

// The last accesses of two neighbouring bytes: the write, and up to three reads since, of different threads and warps.
struct Cell {
  Access write, lastRead, otherThreadsRead, otherWarpsRead;

  // Records the access and returns the one that it conflicts with, or none.
  Access record(Access now, uint32_t seen, bool writes);
};

// The cells of a range of memory, made when touched and forgotten when the stamp (launch or block) changes.
class Shadow {
 public:
  Shadow(size_t bytes = 0) : pages_((bytes + kPageBytes - 1) / kPageBytes) {}

  struct Conflict {
    size_t offset;
    Access earlier;
  };
  // Records an access of bytes [offset, offset + n). True if it conflicts; then *conflict says with whom.
  // One-byte accesses are not recorded, since a cell holds two bytes that may be two threads' own.
  bool access(size_t offset, size_t n, bool writes, Access now, uint32_t seen, uint32_t stamp, Conflict* conflict);

 private:
  static constexpr size_t kPageBytes = 1024;
  struct Page {
    uint32_t stamp = 0;
    Cell cells[kPageBytes / 2];
  };
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace emulator
