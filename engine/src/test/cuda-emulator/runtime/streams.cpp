#include "streams.h"

#include <algorithm>

#include "settings.h"
#include "threads.h"

namespace emulator {
namespace {

constexpr size_t kMaxQueued = 4096;  // bounds the memory of staged copies, as a real driver's queues are bounded

void execute(Operation& operation) {
  Context* context = operation.stream->context;
  if (!context->error) {
    Finding finding = operation.work();
    if (finding.result) {
      context->error = finding.result;
      report(finding);
    }
  }
  operation.done = true;
  operation.work = nullptr;
  operation.after.clear();
}

void runOldest(Stream* stream) {
  std::shared_ptr<Operation> oldest = stream->queue.front();
  for (size_t i = 0; i < oldest->after.size(); i++) complete(oldest->after[i]);
  execute(*oldest);
  stream->queue.pop_front();
}

// Runs some of what is queued, as a device does that is free to choose among streams. It stays with one stream for a while, so that one
// gets far ahead of another.
void runSome(Stream* submitted) {
  static std::vector<Stream*> busy;
  static Stream* chosen;
  static uint64_t random, seeded, patience;
  if (seeded != settings.seed + 1) random = (seeded = settings.seed + 1) * 0x9E3779B97F4A7C15ull | 1;
  if (std::find(busy.begin(), busy.end(), submitted) == busy.end()) busy.push_back(submitted);
  if (patience == 0) {
    busy.erase(std::remove_if(busy.begin(), busy.end(), [](Stream* s) { return s->queue.empty() || s->context->destroyed; }), busy.end());
    chosen = busy[nextRandom(&random) % busy.size()];
    patience = nextRandom(&random) % 256 + 1;
  }
  patience--;
  if (chosen->context->destroyed) return;
  for (uint64_t count = nextRandom(&random) % 4; count && !chosen->queue.empty(); count--) runOldest(chosen);
}

void addPredecessor(Operation& operation, const std::shared_ptr<Operation>& before) {
  if (before && !before->done) operation.after.push_back(before);
}

// The legacy default stream waits for all blocking streams of its context, and they for it.
void orderAgainstOthers(Operation& operation) {
  Context* context = operation.stream->context;
  if (operation.stream == &context->legacy) {
    for (Stream* other : context->streams) {
      if (other->blocking) addPredecessor(operation, other->last);
    }
  } else if (operation.stream->blocking) {
    addPredecessor(operation, context->legacy.last);
  }
}

}  // namespace

Result submit(Stream* stream, Work work, std::shared_ptr<Operation>* queued) {
  Context* context = stream->context;
  if (context->error) return context->error;
  if (stream->capture) {
    stream->capture->nodes.push_back(std::move(work));
    return kSuccess;
  }
  if (stream == &context->legacy && isCapturing(context)) return kCaptureUnsupported;
  auto operation = std::make_shared<Operation>(Operation{stream, std::move(work), {}});
  orderAgainstOthers(*operation);
  stream->queue.push_back(operation);
  stream->last = operation;
  if (queued) *queued = operation;
  if (!settings.deferred) return complete(operation);
  if (settings.order == Order::kRandom) runSome(stream);
  while (stream->queue.size() > kMaxQueued) runOldest(stream);
  return kSuccess;
}

Result complete(const std::shared_ptr<Operation>& operation) {
  Stream* stream = operation->stream;
  while (!operation->done) runOldest(stream);
  return stream->context->error;
}

Result synchronise(Stream* stream) {
  if (stream->capture) return kCaptureUnsupported;
  if (stream == &stream->context->legacy) {
    // Waiting for the default stream waits for what its next operation would wait for.
    for (Stream* other : stream->context->streams) {
      if (other->blocking && other->last) complete(other->last);
    }
  }
  while (!stream->queue.empty()) runOldest(stream);
  return stream->context->error;
}

Result synchronise(Context* context) {
  std::vector<Stream*> streams = context->streams;
  streams.push_back(&context->legacy);
  if (settings.order == Order::kReverse) std::reverse(streams.begin(), streams.end());
  if (settings.order == Order::kRandom) {
    static uint64_t state = 0;
    state ^= settings.seed * 0x9E3779B97F4A7C15ull + 1;
    for (size_t i = streams.size(); i > 1; i--) std::swap(streams[i - 1], streams[nextRandom(&state) % i]);
  }
  for (Stream* stream : streams) {
    while (!stream->queue.empty()) runOldest(stream);
  }
  return context->error;
}

bool isIdleElseStep(Stream* stream) {
  if (stream->queue.empty()) return true;
  runOldest(stream);
  return false;
}

bool isCapturing(const Context* context) {
  return std::any_of(context->streams.begin(), context->streams.end(), [](const Stream* s) { return s->capture && s->blocking; });
}

}  // namespace emulator
