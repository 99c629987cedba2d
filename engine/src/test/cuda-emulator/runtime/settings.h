// What the emulated machine is like: one set of values for the process, changed only by configure().
#pragma once
#include <stddef.h>
#include <stdint.h>

#include <string>
#include <vector>

namespace emulator {

// The order in which ready threads, warps, blocks and streams are picked.
enum class Order { kForward, kReverse, kRandom };

struct Settings {
  int devices = 1;
  std::vector<size_t> memoryBytes{256u << 20};  // of each device; the last one holds for those beyond
  int computeCapability = 90;
  int driverVersion = 13000;
  int processors = 4;  // multiprocessors that a device reports; the number of blocks run at once is up to the machine's cores
  Order order = Order::kForward;
  uint64_t seed = 1;
  bool checked = false;        // run the checked build of the kernels: bounds, alignment, foreign and freed memory
  bool races = false;          // checked build: conflicting accesses that no barrier orders
  bool uninitialised = false;  // checked build: reads of bytes that nobody wrote
  bool deferred = false;       // queued work runs when the host waits for it, in random order perhaps sooner
  bool quiet = false;          // findings are not printed on standard error
  uint64_t faultLaunch = 0;    // launches up to the one that ends with a fault of the hardware, counted down; 0 for none
  std::vector<int> faults;     // the codes it may end with
  std::string faultFolder;     // each code is had by one process alone, which makes a file of that name here

  size_t memoryOf(int device) const {
    size_t last = memoryBytes.size() - 1;
    return memoryBytes[(size_t)device < last ? (size_t)device : last];
  }
};

extern Settings settings;

// Reads "devices=2,memory=64/128,order=random,seed=7,checked=1": keys not named have their defaults. False if it cannot be read.
bool parseSettings(const std::string& text, Settings* out);

}  // namespace emulator
