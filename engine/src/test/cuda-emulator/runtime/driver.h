// What the files of the driver API share. One lock guards all of it: a call that waits for a kernel keeps other callers waiting, which
// a test does not mind.
#pragma once
#include <mutex>

#include "settings.h"
#include "streams.h"

// Functions of the driver API have C linkage and the names that JCuda's library imports.
#define API extern "C" __attribute__((visibility("default"))) int

namespace emulator {

// A call of the API: holds the lock, and knows whether the call may go on.
class Call {
 public:
  enum Needs { kNothing, kInitialised, kContext };
  explicit Call(Needs needs);

  Result error = kSuccess;
  Context* context = nullptr;  // the current one, where the call needs it

 private:
  std::lock_guard<std::recursive_mutex> guard_;
};

bool isInitialised();
bool isDevice(int device);
Context* primaryContext(int device);
// The stream for a handle: the default one for null; null for a handle that is no live stream of a live context.
Stream* streamOf(Context* context, Stream* handle);
// Forgets contexts, streams and memory, and takes on the settings.
void configure(const Settings& next);

}  // namespace emulator
