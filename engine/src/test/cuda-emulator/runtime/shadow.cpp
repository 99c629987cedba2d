#include "shadow.h"

namespace emulator {

Access Cell::record(Access now, uint32_t seen, bool writes) {
  Access conflict;
  if (!write.before(now, seen)) conflict = write;
  if (writes) {
    if (!lastRead.before(now, seen)) conflict = lastRead;
    if (!otherThreadsRead.before(now, seen)) conflict = otherThreadsRead;
    if (!otherWarpsRead.before(now, seen)) conflict = otherWarpsRead;
    *this = Cell{now, {}, {}, {}};
    return conflict;
  }
  if (lastRead.present() && (lastRead.thread() != now.thread() || lastRead.block() != now.block())) {
    bool sameWarp = lastRead.block() == now.block() && lastRead.thread() / kWarpThreads == now.thread() / kWarpThreads;
    (sameWarp ? otherThreadsRead : otherWarpsRead) = lastRead;
  }
  lastRead = now;
  return conflict;
}

bool Shadow::access(size_t offset, size_t n, bool writes, Access now, uint32_t seen, uint32_t stamp, Conflict* conflict) {
  if (n < 2 || !now.present()) return false;
  for (size_t cell = offset / 2, last = (offset + n - 1) / 2; cell <= last; cell++) {
    std::unique_ptr<Page>& page = pages_[cell * 2 / kPageBytes];
    if (!page) page = std::make_unique<Page>();
    if (page->stamp != stamp) {
      *page = Page();
      page->stamp = stamp;
    }
    Access earlier = page->cells[cell % (kPageBytes / 2)].record(now, seen, writes);
    if (earlier.present()) {
      *conflict = {cell * 2, earlier};
      return true;
    }
  }
  return false;
}

}  // namespace emulator
