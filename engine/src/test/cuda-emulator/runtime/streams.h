// Streams, events and graphs. In deferred mode an operation runs only when the host waits for it, or for something ordered after it:
// whoever forgets to synchronise finds memory as it was. In random order it may also run sooner, before what other streams were given
// earlier: whoever forgets that others still read finds memory overwritten.
#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "results.h"

namespace emulator {

struct Context;
struct Stream;

using Work = std::function<Finding()>;

struct Operation {
  Stream* stream;
  Work work;
  std::vector<std::shared_ptr<Operation>> after;  // of other streams
  bool done = false;
};

// What a capturing stream was given, in the order of the calls; launched as one operation.
struct Graph {
  std::vector<Work> nodes;
};

struct Stream {
  Context* context;
  bool blocking = true;  // waits for the legacy default stream, and it for this one
  std::deque<std::shared_ptr<Operation>> queue;
  std::shared_ptr<Operation> last;
  std::shared_ptr<Graph> capture;
  bool captureOrigin = false;
};

struct Event {
  Context* context;
  std::shared_ptr<Operation> recorded;
  std::shared_ptr<Graph> capturedIn;
  std::shared_ptr<std::chrono::steady_clock::time_point> time;
};

struct Context {
  int device;
  bool primary;
  bool destroyed = false;
  Result error = kSuccess;  // of a fault: all later calls return it
  Stream legacy{this};
  std::vector<Stream*> streams;

  Context(int d, bool p) : device(d), primary(p) {}
  Context(const Context&) = delete;
};

// Queues work; runs it at once unless settings.deferred. The result is the context's error, if it has one by now.
Result submit(Stream* stream, Work work, std::shared_ptr<Operation>* queued = nullptr);
// Runs what the operation needs and then itself.
Result complete(const std::shared_ptr<Operation>& operation);
Result synchronise(Stream* stream);
Result synchronise(Context* context);
// Runs the oldest operation, for hosts that poll. True if there was none.
bool isIdleElseStep(Stream* stream);
bool isCapturing(const Context* context);

}  // namespace emulator
