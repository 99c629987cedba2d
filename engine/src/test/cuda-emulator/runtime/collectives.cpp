// Where threads wait for each other: __syncthreads, named barriers, __syncwarp, shuffles and votes; and the meeting that the matrix
// instructions use too.
#include "collectives.h"

#include <algorithm>
#include <string>

#include "settings.h"

namespace emulator {

const char* nameOf(WarpOperation operation) {
  switch (operation) {
    case WarpOperation::kSync:
      return "__syncwarp";
    case WarpOperation::kShuffle:
      return "a shuffle";
    case WarpOperation::kVote:
      return "a vote";
    case WarpOperation::kReduce:
      return "a reduction";
    case WarpOperation::kMatch:
      return "a match";
    case WarpOperation::kLoadMatrix:
      return "ldmatrix";
    case WarpOperation::kMma:
      return "mma.sync";
    case WarpOperation::kProductWait:
      return "wgmma.wait_group";
  }
  return "an operation";
}

Meeting& meetingOf(Thread* thread, uint32_t mask, const void* programCounter) {
  Warp* warp = thread->warp;
  mask &= warp->existing;
  if (!(mask >> thread->lane & 1)) stopKernel(kLaunchFailed, "the thread is not in the mask of its own *_sync operation", programCounter);
  if (mask & ~warp->alive) stopKernel(kLaunchFailed, "the mask of a *_sync operation names a thread that has exited", programCounter);
  if (mask == warp->existing) {
    warp->full.mask = mask;
    return warp->full;
  }
  for (Meeting& meeting : warp->partial) {
    if (meeting.mask == mask) return meeting;
  }
  warp->partial.reserve(64);  // references to meetings have to stay valid
  if (warp->partial.size() == 64) stopKernel(kNotSupported, "more than 64 different masks in one warp", programCounter);
  warp->partial.emplace_back();
  warp->partial.back().mask = mask;
  return warp->partial.back();
}

void stopForDivergence(const Meeting& meeting, WarpOperation operation, const void* programCounter) {
  stopKernel(kLaunchFailed,
             std::string("the warp diverged: some threads are at ") + nameOf(meeting.operation) + ", this one at " + nameOf(operation),
             programCounter);
}

namespace {

void releaseBarrier(BlockBarrier& barrier) {
  Block& block = worker->block;
  for (int w = 0; w < kMaxWarps; w++) {
    if (!barrier.waiting[w]) continue;
    for (uint32_t lanes = barrier.waiting[w]; lanes; lanes &= lanes - 1) {
      worker->threads[w * kWarpThreads + __builtin_ctz(lanes)].clocks.pass(barrier.clock);
    }
    setReady(&block.warps[w], barrier.waiting[w]);
    barrier.waiting[w] = 0;
  }
  barrier.result = barrier.vote;
  barrier.arrived = 0;
  barrier.vote = 0;
  barrier.clock = 0;
}

void arrive(BlockBarrier& barrier, Thread* thread) {
  barrier.arrived++;
  barrier.clock = std::max(barrier.clock, thread->clocks.block);
}

void enterBarrier(BlockBarrier& barrier, Thread* thread, bool complete, const char* where) {
  barrier.waiting[thread->linear / kWarpThreads] |= 1u << thread->lane;
  if (complete) releaseBarrier(barrier);
  if (complete) {
    pickAgain(thread);
  } else {
    waitUntilReady(thread, where);
  }
}

struct ShuffleRequest {
  uint64_t value, result;
  int lane;  // to read from; negative for the thread's own value
};

struct VoteRequest {
  bool predicate;
  uint32_t ballot;
};

struct ReduceRequest {
  uint32_t value;
  Reduction kind;
};

uint32_t reduce(uint32_t a, uint32_t b, Reduction kind) {
  switch (kind) {
    case Reduction::kAdd:
      return a + b;
    case Reduction::kMin:
      return (uint32_t)std::min((int32_t)a, (int32_t)b);
    case Reduction::kMax:
      return (uint32_t)std::max((int32_t)a, (int32_t)b);
    case Reduction::kMinUnsigned:
      return std::min(a, b);
    case Reduction::kMaxUnsigned:
      return std::max(a, b);
    case Reduction::kAnd:
      return a & b;
    case Reduction::kOr:
      return a | b;
    case Reduction::kXor:
      return a ^ b;
  }
  return a;
}

struct MatchRequest {
  uint64_t value;
  uint32_t equal;
};

int shuffleSource(int lane, int operand, int width, Shuffle kind) {
  int segment = lane & ~(width - 1);
  switch (kind) {
    case Shuffle::kIndex:
      return segment + (operand & (width - 1));
    case Shuffle::kUp:
      return lane - operand < segment ? lane : lane - operand;
    case Shuffle::kDown:
      return lane + operand >= segment + width ? lane : lane + operand;
    case Shuffle::kXor:
      return (lane ^ operand) >= segment + width ? lane : lane ^ operand;
  }
  return lane;
}

}  // namespace

void releaseBlockBarrierIfComplete() {
  BlockBarrier& barrier = worker->block.barriers[0];
  if (worker->block.alive && barrier.arrived == worker->block.alive) releaseBarrier(barrier);
}

}  // namespace emulator

using namespace emulator;

extern "C" int emulator_sync_block(BlockVote vote, int predicate, const char* where) {
  Thread* thread = currentThread();
  BlockBarrier& barrier = worker->block.barriers[0];
  bool yes = predicate != 0;
  switch (vote) {
    case BlockVote::kNone:
      break;
    case BlockVote::kOr:
      barrier.vote |= yes;
      break;
    case BlockVote::kAnd:
      barrier.vote = barrier.arrived ? barrier.vote & (int)yes : (int)yes;
      break;
    case BlockVote::kCount:
      barrier.vote += yes;
      break;
  }
  arrive(barrier, thread);
  enterBarrier(barrier, thread, barrier.arrived == worker->block.alive, where);
  return worker->block.barriers[0].result;
}

extern "C" void emulator_named_barrier(int number, int threads, bool wait, const char* where) {
  Thread* thread = currentThread();
  if (number < 0 || number > 15 || threads <= 0 || threads % kWarpThreads) {
    stopKernel(kLaunchFailed, std::string("a named barrier has a number of 0 to 15 and whole warps, at ") + where);
  }
  BlockBarrier& barrier = worker->block.barriers[number];
  arrive(barrier, thread);
  if (barrier.arrived > threads) stopKernel(kLaunchFailed, std::string("more threads than the named barrier waits for, at ") + where);
  bool complete = barrier.arrived == threads;
  if (wait) {
    enterBarrier(barrier, thread, complete, where);
  } else {
    thread->clocks.block++;  // what follows is not ordered before those who wait
    if (complete) releaseBarrier(barrier);
  }
}

extern "C" void emulator_sync_warp(uint32_t mask) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  meet(thread, meetingOf(thread, mask, pc), WarpOperation::kSync, &thread->clocks, pc, [](Clocks* const* clocks, uint32_t lanes) {
    Clocks latest{0, 0, 0};
    forEachLane(lanes, [&](int lane) {
      latest.block = std::max(latest.block, clocks[lane]->block);
      latest.warp = std::max(latest.warp, clocks[lane]->warp);
      latest.seen = std::max(latest.seen, clocks[lane]->seen);
    });
    latest.warp++;
    forEachLane(lanes, [&](int lane) { *clocks[lane] = latest; });
  });
}

extern "C" uint64_t emulator_shuffle(uint32_t mask, uint64_t value, int operand, int width, Shuffle kind) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  Meeting& meeting = meetingOf(thread, mask, pc);
  int source = shuffleSource(thread->lane, operand, width, kind);
  if (!(meeting.mask >> source & 1)) {
    if (thread->warp->existing >> source & 1) stopKernel(kLaunchFailed, "a shuffle reads from a thread that is not in its mask", pc);
    source = thread->lane;
  }
  ShuffleRequest request{value, 0, source};
  meet(thread, meeting, WarpOperation::kShuffle, &request, pc, [](ShuffleRequest* const* requests, uint32_t lanes) {
    forEachLane(lanes, [&](int lane) { requests[lane]->result = requests[requests[lane]->lane]->value; });
  });
  return request.result;
}

extern "C" uint32_t emulator_vote(uint32_t mask, int predicate, Vote kind) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  Meeting& meeting = meetingOf(thread, mask, pc);
  uint32_t members = meeting.mask;
  VoteRequest request{predicate != 0, 0};
  meet(thread, meeting, WarpOperation::kVote, &request, pc, [](VoteRequest* const* requests, uint32_t lanes) {
    uint32_t ballot = 0;
    forEachLane(lanes, [&](int lane) { ballot |= (uint32_t)requests[lane]->predicate << lane; });
    forEachLane(lanes, [&](int lane) { requests[lane]->ballot = ballot; });
  });
  switch (kind) {
    case Vote::kBallot:
      return request.ballot;
    case Vote::kAny:
      return request.ballot != 0;
    case Vote::kAll:
      return request.ballot == members;
  }
  return 0;
}

extern "C" uint32_t emulator_reduce(uint32_t mask, uint32_t value, Reduction kind) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  ReduceRequest request{value, kind};
  meet(thread, meetingOf(thread, mask, pc), WarpOperation::kReduce, &request, pc, [](ReduceRequest* const* requests, uint32_t lanes) {
    int first = __builtin_ctz(lanes);
    uint32_t result = requests[first]->value;
    forEachLane(lanes & (lanes - 1), [&](int lane) { result = reduce(result, requests[lane]->value, requests[first]->kind); });
    forEachLane(lanes, [&](int lane) { requests[lane]->value = result; });
  });
  return request.value;
}

extern "C" uint32_t emulator_match(uint32_t mask, uint64_t value) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  MatchRequest request{value, 0};
  meet(thread, meetingOf(thread, mask, pc), WarpOperation::kMatch, &request, pc, [](MatchRequest* const* requests, uint32_t lanes) {
    forEachLane(lanes, [&](int lane) {
      forEachLane(lanes, [&](int other) { requests[lane]->equal |= (uint32_t)(requests[other]->value == requests[lane]->value) << other; });
    });
  });
  return request.equal;
}

extern "C" void emulator_yield() { letOthersRun(currentThread()); }

extern "C" void emulator_device_trap(const char* what) { stopKernel(kLaunchFailed, what); }
