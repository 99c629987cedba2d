// Driver API: streams, events, and graphs made by stream capture.
#include <algorithm>

#include "driver.h"

using namespace emulator;

namespace {

using Clock = std::chrono::steady_clock;

struct GraphExec {
  std::shared_ptr<Graph> graph;
};

// All streams that an event carried into a capture leave it together.
void endCapture(Context* context, const std::shared_ptr<Graph>& graph) {
  for (Stream* stream : context->streams) {
    if (stream->capture == graph) stream->capture = nullptr;
  }
}

Result createStream(Stream** out, unsigned flags) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  auto* stream = new Stream{call.context};
  stream->blocking = !(flags & 1);  // CU_STREAM_NON_BLOCKING
  call.context->streams.push_back(stream);
  *out = stream;
  return kSuccess;
}

}  // namespace

API cuStreamCreate(Stream** out, unsigned flags) { return createStream(out, flags); }
API cuStreamCreateWithPriority(Stream** out, unsigned flags, int) { return createStream(out, flags); }

API cuStreamDestroy_v2(Stream* handle) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!handle || !streamOf(call.context, handle)) return kInvalidHandle;
  // Returns at once on the device, where the queued work still runs; here too, but now.
  synchronise(handle);
  auto& streams = handle->context->streams;
  streams.erase(std::find(streams.begin(), streams.end(), handle));
  return kSuccess;
}

API cuStreamSynchronize(Stream* handle) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  return stream ? synchronise(stream) : kInvalidHandle;
}

API cuStreamQuery(Stream* handle) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream) return kInvalidHandle;
  bool idle = isIdleElseStep(stream);
  return stream->context->error ? stream->context->error : idle ? kSuccess : kNotReady;
}

API cuStreamWaitEvent(Stream* handle, Event* event, unsigned) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream || !event) return kInvalidHandle;
  if (event->capturedIn) {
    if (stream->capture && stream->capture != event->capturedIn) return kCaptureInvalidated;
    stream->capture = event->capturedIn;  // the stream joins the capture; a graph keeps the order of the calls
    return kSuccess;
  }
  if (!event->recorded || event->recorded->done || stream->capture) return kSuccess;
  auto barrier = std::make_shared<Operation>(Operation{stream, [] { return Finding(); }, {event->recorded}});
  stream->queue.push_back(barrier);
  stream->last = barrier;
  return kSuccess;
}

API cuEventCreate(Event** out, unsigned) {
  Call call(Call::kContext);
  if (!call.error) *out = new Event{call.context, nullptr, nullptr, nullptr};
  return call.error;
}

API cuEventDestroy_v2(Event* event) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  delete event;
  return kSuccess;
}

API cuEventRecord(Event* event, Stream* handle) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream || !event) return kInvalidHandle;
  event->capturedIn = stream->capture;
  if (stream->capture) return kSuccess;
  auto time = std::make_shared<Clock::time_point>();
  event->time = time;
  return submit(
      stream,
      [time]() -> Finding {
        *time = Clock::now();
        return {};
      },
      &event->recorded);
}

API cuEventSynchronize(Event* event) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!event) return kInvalidHandle;
  return event->recorded ? complete(event->recorded) : kSuccess;
}

API cuEventQuery(Event* event) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!event) return kInvalidHandle;
  if (!event->recorded || event->recorded->done) return kSuccess;
  isIdleElseStep(event->recorded->stream);
  return kNotReady;
}

API cuEventElapsedTime(float* milliseconds, Event* from, Event* to) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!from || !to || !from->recorded || !to->recorded) return kInvalidHandle;
  if (!from->recorded->done || !to->recorded->done) return kNotReady;
  *milliseconds = std::chrono::duration<float, std::milli>(*to->time - *from->time).count();
  return kSuccess;
}

API cuStreamBeginCapture_v2(Stream* handle, int) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream) return kInvalidHandle;
  if (stream == &call.context->legacy || stream->capture) return kCaptureUnsupported;
  stream->capture = std::make_shared<Graph>();
  stream->captureOrigin = true;
  return kSuccess;
}

API cuStreamIsCapturing(Stream* handle, int* status) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream) return kInvalidHandle;
  *status = stream->capture ? 1 : 0;
  return kSuccess;
}

API cuStreamEndCapture(Stream* handle, GraphExec** out) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream || !stream->capture || !stream->captureOrigin) return kCaptureInvalidated;
  stream->captureOrigin = false;
  *out = new GraphExec{stream->capture};
  endCapture(stream->context, (*out)->graph);
  return kSuccess;
}

API cuGraphInstantiateWithFlags(GraphExec** out, GraphExec* graph, unsigned long long) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  if (!graph) return kInvalidValue;
  *out = new GraphExec{graph->graph};
  return kSuccess;
}

API cuGraphUpload(GraphExec*, Stream*) { return kSuccess; }

API cuGraphLaunch(GraphExec* exec, Stream* handle) {
  Call call(Call::kContext);
  if (call.error) return call.error;
  Stream* stream = streamOf(call.context, handle);
  if (!stream || !exec) return kInvalidHandle;
  std::shared_ptr<Graph> graph = exec->graph;
  return submit(stream, [graph]() -> Finding {
    for (const Work& node : graph->nodes) {
      if (Finding finding = node(); finding.result) return finding;
    }
    return {};
  });
}

API cuGraphDestroy(GraphExec* graph) {
  delete graph;
  return kSuccess;
}

API cuGraphExecDestroy(GraphExec* exec) {
  delete exec;
  return kSuccess;
}
