// Runs the blocks of a launch on the emulator's own threads. Java's threads never run kernels: their stacks belong to the JVM.
#include <pthread.h>

#include <condition_variable>
#include <numeric>
#include <thread>

#include "settings.h"
#include "threads.h"

namespace emulator {
namespace {

// Never destroyed: glibc blocks the exit of the process in a condition variable's destructor while a thread waits on it.
struct Pool {
  std::mutex lock;
  std::condition_variable work, done;
  Launch* launch = nullptr;
  uint64_t launches = 0;
  int size = 0, busy = 0;
};
Pool& pool() {
  static Pool* one = new Pool;
  return *one;
}

// The place of a block in the order: with a step that shares no factor with the count, i * step + seed visits each block once.
struct BlockOrder {
  uint64_t blocks, step = 1;

  explicit BlockOrder(uint64_t count) : blocks(count) {
    if (settings.order != Order::kRandom || count < 3) return;
    step = (settings.seed * 0x9E3779B9u + 0x7F4A7C15u) % count;
    while (std::gcd(step, count) != 1) step++;
  }
  uint64_t at(uint64_t i) const {
    switch (settings.order) {
      case Order::kForward:
        return i;
      case Order::kReverse:
        return blocks - 1 - i;
      case Order::kRandom:
        break;
    }
    return (uint64_t)(((unsigned __int128)i * step + settings.seed) % blocks);
  }
};

void runBlocks(Launch& launch) {
  BlockOrder order((uint64_t)launch.grid.x * launch.grid.y * launch.grid.z);
  while (!launch.failed) {
    uint64_t i = launch.next++;
    if (i >= order.blocks) return;
    runBlock(launch, order.at(i));
  }
}

void* workerMain(void*) {
  prepareFaultStack();
  worker = new Worker;
  Pool& p = pool();
  for (uint64_t seen = 0;;) {
    Launch* launch;
    {
      std::unique_lock<std::mutex> guard(p.lock);
      p.work.wait(guard, [&] { return p.launches != seen; });
      seen = p.launches;
      launch = p.launch;
    }
    runBlocks(*launch);
    std::lock_guard<std::mutex> guard(p.lock);
    if (--p.busy == 0) p.done.notify_all();
  }
}

void startWorkers(Pool& p) {
  p.size = (int)std::max(1u, std::thread::hardware_concurrency());
  for (int i = 0; i < p.size; i++) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 1 << 20);
    pthread_t thread;
    if (pthread_create(&thread, &attributes, workerMain, nullptr)) abort();
    pthread_setname_np(thread, "gpu-emulator");
    pthread_detach(thread);
    pthread_attr_destroy(&attributes);
  }
}

}  // namespace

void runLaunch(Launch& launch) {
  Pool& p = pool();
  std::unique_lock<std::mutex> guard(p.lock);
  if (!p.size) startWorkers(p);
  p.launch = &launch;
  p.busy = p.size;
  p.launches++;
  p.work.notify_all();
  p.done.wait(guard, [&] { return p.busy == 0; });
}

}  // namespace emulator
