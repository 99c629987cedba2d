// Meetings of a warp's threads.
#pragma once
#include "threads.h"

namespace emulator {

// The meeting that the mask names in the thread's warp; stops the kernel if the thread may not take part.
Meeting& meetingOf(Thread* thread, uint32_t mask, const void* programCounter);
[[noreturn]] void stopForDivergence(const Meeting& meeting, WarpOperation operation, const void* programCounter);

// After a thread has exited: the rest may be complete at __syncthreads.
void releaseBlockBarrierIfComplete();

// When a thread exits: no wgmma of its warp may be under way.
void checkNoProductIsLeft();

template <class Body>
inline void forEachLane(uint32_t lanes, Body body) {
  for (; lanes; lanes &= lanes - 1) body(__builtin_ctz(lanes));
}

// Waits until all threads of the meeting are there. The last to come calls complete(requests by lane, lanes), which answers each
// request where it lies, on its thread's stack; so nobody can overtake, and no result needs a second buffer.
template <class Request, class Complete>
inline void meet(Thread* thread, Meeting& meeting, WarpOperation operation, Request* request, const void* programCounter,
                 Complete complete) {
  if (!meeting.arrived) {
    meeting.operation = operation;
  } else if (meeting.operation != operation) {
    stopForDivergence(meeting, operation, programCounter);
  }
  meeting.requests[thread->lane] = request;
  meeting.arrived |= 1u << thread->lane;
  if (meeting.arrived != meeting.mask) return waitUntilReady(thread, nameOf(operation));
  complete(reinterpret_cast<Request* const*>(meeting.requests), meeting.mask);
  meeting.arrived = 0;
  setReady(thread->warp, meeting.mask);
  pickAgain(thread);
}

}  // namespace emulator
