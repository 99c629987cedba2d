// From router logits to slots grouped by expert, and the list of tiles that the grouped products walk. Nothing leaves the device.
#include "activations.cuh"
#include "lora.cuh"

namespace route {
constexpr int kThreads = 256, kWarps = kThreads / 32;
constexpr int kMostExperts = 1024, kMostPerToken = 16;
}  // namespace route

struct RouteTopParams {
  const float* logits;  // [tokens, experts]
  int32_t* chosen;      // [tokens, per token], in order of falling logit
  float* weights;       // likewise: softmax over the chosen
  int32_t tokens;
  int32_t experts;      // at most 1024
  int32_t per_token;    // at most 16
};

// grid: tokens / 8 rounded up; block: 256 threads, a warp a token. Ties go to the lowest expert; NaN counts as the smallest.
extern "C" __global__ void __launch_bounds__(route::kThreads) route_top(const __grid_constant__ RouteTopParams p) {
  using namespace route;
  const int token = blockIdx.x * kWarps + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (token >= p.tokens) return;
  const float* logits = p.logits + (size_t)token * p.experts;
  uint32_t taken = 0;  // bit i: expert lane + 32 i
  float mine[kMostPerToken];
  float best_logit = 0;
#pragma unroll
  for (int k = 0; k < kMostPerToken; k++) {
    if (k >= p.per_token) break;
    float best = -INFINITY;
    int expert = kMostExperts;
    for (int i = 0, e = lane; e < p.experts; i++, e += 32) {
      const float value = logits[e];
      if ((taken >> i & 1u) == 0 && (expert == kMostExperts || value > best)) best = value == value ? value : -INFINITY, expert = e;
    }
#pragma unroll
    for (int lanes = 16; lanes; lanes >>= 1) {
      const float other = __shfl_xor_sync(0xffffffffu, best, lanes);
      const int other_expert = __shfl_xor_sync(0xffffffffu, expert, lanes);
      if (other_expert < kMostExperts && (expert == kMostExperts || other > best || (other == best && other_expert < expert))) {
        best = other, expert = other_expert;
      }
    }
    if (expert % 32 == lane) taken |= 1u << (expert / 32);
    if (k == 0) best_logit = best;
    mine[k] = best;
    if (lane == 0) p.chosen[(size_t)token * p.per_token + k] = expert;
  }
  float sum = 0;
#pragma unroll
  for (int k = 0; k < kMostPerToken; k++) {
    if (k >= p.per_token) break;
    mine[k] = __expf(mine[k] - best_logit);
    sum += mine[k];
  }
#pragma unroll
  for (int k = 0; k < kMostPerToken; k++) {
    if (k < p.per_token && lane == 0) p.weights[(size_t)token * p.per_token + k] = mine[k] / sum;
  }
}

struct RouteGroupParams {
  const int32_t* chosen;  // [pairs], pair = token * per token + k
  int32_t* counts;        // [experts]
  int32_t* slot_tokens;   // [pairs]: the token of a slot
  int32_t* slot_pairs;    // [pairs]: the pair of a slot
  int4* tiles;            // [pairs / tile slots + experts]: expert, first slot, slots, 0; in order of slots
  int32_t* tile_count;
  int32_t pairs;
  int32_t experts;
  int32_t per_token;
  int32_t tile_slots;
};

namespace route {

// How many of the block's threads before this one have the flag; total receives how many all have.
DEVICE int rank_in_block(bool flag, int& total) {
  __shared__ int warps[kWarps];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const uint32_t votes = __ballot_sync(0xffffffffu, flag);
  if (lane == 0) warps[warp] = __popc(votes);
  __syncthreads();
  int before = __popc(votes & ((1u << lane) - 1u));
  total = 0;
#pragma unroll
  for (int w = 0; w < kWarps; w++) {
    if (w < warp) before += warps[w];
    total += warps[w];
  }
  __syncthreads();
  return before;
}

// The sum of value over the block.
DEVICE int sum_of_block(int value) {
  __shared__ int warps[kWarps];
  const int sum = __reduce_add_sync(0xffffffffu, value);
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = sum;
  __syncthreads();
  int total = 0;
#pragma unroll
  for (int w = 0; w < kWarps; w++) total += warps[w];
  __syncthreads();
  return total;
}

}  // namespace route

// grid: one block an expert; block: 256 threads.
extern "C" __global__ void __launch_bounds__(route::kThreads) route_count(const __grid_constant__ RouteGroupParams p) {
  int count = 0;
  for (int i = threadIdx.x; i < p.pairs; i += route::kThreads) count += p.chosen[i] == (int)blockIdx.x;
  count = route::sum_of_block(count);
  if (threadIdx.x == 0) p.counts[blockIdx.x] = count;
}

// grid: one block an expert; block: 256 threads; after route_count. Slots are in order of expert, then pair.
extern "C" __global__ void __launch_bounds__(route::kThreads) route_group(const __grid_constant__ RouteGroupParams p) {
  using namespace route;
  const int expert = blockIdx.x;
  int slots = 0, tiles = 0;
  for (int e = threadIdx.x; e < expert; e += kThreads) {
    slots += p.counts[e];
    tiles += (p.counts[e] + p.tile_slots - 1) / p.tile_slots;
  }
  const int first_slot = sum_of_block(slots), first_tile = sum_of_block(tiles);
  const int count = p.counts[expert], tile_count = (count + p.tile_slots - 1) / p.tile_slots;
  for (int i = threadIdx.x; i < tile_count; i += kThreads) {
    const int from = i * p.tile_slots, left = count - from;
    p.tiles[first_tile + i] = make_int4(expert, first_slot + from, left < p.tile_slots ? left : p.tile_slots, 0);
  }
  if (expert == (int)gridDim.x - 1 && threadIdx.x == 0) *p.tile_count = first_tile + tile_count;
  int placed = 0;
  for (int from = 0; from < p.pairs && placed < count; from += kThreads) {
    const int pair = from + threadIdx.x;
    const bool here = pair < p.pairs && p.chosen[pair] == expert;
    int found;
    const int rank = rank_in_block(here, found);
    if (here) {
      const int slot = first_slot + placed + rank;
      p.slot_tokens[slot] = pair / p.per_token;
      p.slot_pairs[slot] = pair;
    }
    placed += found;
  }
}

struct RouteGatherParams {
  const uint4* tokens;         // [tokens, width] bfloat16, as in activations.cuh
  uint4* slots;                // [slots, width], likewise
  const int32_t* slot_tokens;  // [slots]
  int32_t count;               // of slots
  int32_t chunks;              // of eight columns, in a row
  int32_t token_room, slot_room;
};

// grid: slots / 8 rounded up; block: 256 threads, a warp a slot. A slot's row is its token's, so that a tile of slots is contiguous.
extern "C" __global__ void __launch_bounds__(route::kThreads) route_gather(const __grid_constant__ RouteGatherParams p) {
  using namespace route;
  const int slot = blockIdx.x * kWarps + threadIdx.x / 32;
  if (slot >= p.count) return;
  const int token = p.slot_tokens[slot];
  for (int chunk = threadIdx.x % 32; chunk < p.chunks; chunk += 32) {
    p.slots[activations::at(p.slot_room, slot, 8 * chunk) / 8] = p.tokens[activations::at(p.token_room, token, 8 * chunk) / 8];
  }
}

struct RouteAdaptersParams {
  const int32_t* counts;       // [experts], of route_count
  const int32_t* slot_tokens;  // [slots]
  const int32_t* adapters;     // [tokens]: 0: none, else 1 + place among the loaded ones
  const int32_t* present;      // [present count]: those that the step has
  int32_t* slot_adapters;      // [slots]: that of the slot's token
  int32_t* rows;               // [slots]: an expert's slots that have an adapter, adapter after adapter, from its first slot on
  int4* tiles;                 // [slots]: the tiles of lora.cuh, an expert's from its first slot on
  int32_t* firsts;             // [experts]: where that is
  int32_t* tile_counts;        // [experts]
  int32_t present_count;
};

// grid: one block an expert; block: 256 threads; after route_group.
extern "C" __global__ void __launch_bounds__(route::kThreads) route_adapters(const __grid_constant__ RouteAdaptersParams p) {
  using namespace route;
  const int expert = blockIdx.x, count = p.counts[expert];
  int before = 0;
  for (int e = threadIdx.x; e < expert; e += kThreads) before += p.counts[e];
  const int first = sum_of_block(before);
  for (int i = threadIdx.x; i < count; i += kThreads) p.slot_adapters[first + i] = p.adapters[p.slot_tokens[first + i]];
  int placed = 0, tiles = 0;
  for (int i = 0; i < p.present_count; i++) {
    const int adapter = p.present[i], begin = placed;
    for (int from = 0; from < count; from += kThreads) {
      const int slot = first + from + threadIdx.x;
      const bool here = from + (int)threadIdx.x < count && p.adapters[p.slot_tokens[slot]] == adapter;
      int found;
      const int rank = rank_in_block(here, found);
      if (here) p.rows[first + placed + rank] = slot;
      placed += found;
    }
    const int tile_count = (placed - begin + lora::kTileRows - 1) / lora::kTileRows;
    for (int t = threadIdx.x; t < tile_count; t += kThreads) {
      const int from = begin + t * lora::kTileRows, left = placed - from;
      p.tiles[first + tiles + t] = make_int4(expert, adapter - 1, first + from, left < lora::kTileRows ? left : lora::kTileRows);
    }
    tiles += tile_count;
  }
  if (threadIdx.x == 0) {
    p.firsts[expert] = first;
    p.tile_counts[expert] = tiles;
  }
}
