// Attention over the paged KV cache: causal, within a sliding window where the layer has one, a sink logit in each head's denominator.
//
// A row is one query token of one head; the heads that share a KV head are neighbours, so a tile of 16 rows of mma.sync m16n8k16 holds
// 16 / group tokens of one KV head. Keys are walked in tiles of 64 and splits of 256, or of 64 where the layer has a window, both aligned
// to positions. A split is summed tile after tile (online softmax), and splits are merged in order. A tile or split that is masked for a
// row leaves the row's state as it is, bit for bit. So a row's result is the same in a prompt's chunk of any size, where a warp walks
// split after split, and alone, where the warps of a block share the splits.
#include "activations.cuh"

struct AttentionParams {
  const bf16* queries;         // [tokens, heads * head], rotated
  const bf16* keys;            // [block][KV head][block tokens][head], as in activations.cuh
  const bf16* values;          // likewise
  bf16* output;                // [tokens, heads * head], as in activations.cuh
  const float* sinks;          // [heads]
  const int4* items;           // [items]: sequence, first token, tokens, position of the first token
  const int32_t* blocks;       // block tables
  const int32_t* block_starts; // [sequences + 1]: where a sequence's table starts; null: every `ring` entries
  int32_t ring;                // entries of a sequence's table, which positions use in turn; 0: no ring
  int32_t block_tokens_log2;
  int32_t window;              // keys that a query sees, itself included; 0: all
  int32_t heads, kv_heads;
  int32_t room;                // rows that the output has room for
  float scale;                 // of the scores
};

namespace attention {

constexpr int kTile = 64, kWarps = 4;

// Keys of a split. A window is short: in decoding each of its tiles is a warp's.
DEVICE int split_keys(const AttentionParams& p) { return p.window ? kTile : 4 * kTile; }

template <int kHead>
constexpr int kTileElements = kTile * kHead;  // of keys, or of values

// Exponents are to the base 2 throughout, so that a score is multiplied by the attention's scale and by this at once.
constexpr float kLog2E = 1.44269504f;

// The state of a warp's 16 rows over some keys: out [row, head] not yet divided by sum, max of the exponents; a thread has rows g and
// g + 8.
template <int kHead>
struct State {
  float out[1][kHead / 8][4];
  float max[2], sum[2];

  DEVICE void clear() {
#pragma unroll
    for (int n = 0; n < kHead / 8; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) out[0][n][e] = 0;
    }
    max[0] = max[1] = -INFINITY;
    sum[0] = sum[1] = 0;
  }
};

// 2^(a - b), 0 where a is -infinity.
DEVICE float weight(float a, float b) { return a == -INFINITY ? 0.0f : exp2_approximate(a - b); }

template <int kHead>
DEVICE void merge(State<kHead>& total, const State<kHead>& more) {
#pragma unroll
  for (int h = 0; h < 2; h++) {
    const float max = fmaxf(total.max[h], more.max[h]);
    const float a = weight(total.max[h], max), b = weight(more.max[h], max);
    total.max[h] = max;
    total.sum[h] = fmaf(total.sum[h], a, more.sum[h] * b);
#pragma unroll
    for (int n = 0; n < kHead / 8; n++) {
#pragma unroll
      for (int e = 2 * h; e < 2 * h + 2; e++) total.out[0][n][e] = fmaf(total.out[0][n][e], a, more.out[0][n][e] * b);
    }
  }
}

// What one warp or block reads: keys [low, high) of one sequence and KV head, and values.
struct Source {
  const AttentionParams& p;
  int sequence, kv_head, low, high;

  // Copies the rows of the cache at positions [first, first + 64), zeros outside [low, high), with cp.async. kLoaders warps share them;
  // this is number `loader`.
  template <int kHead, int kLoaders>
  DEVICE void copy(bf16* tile, const bf16* cache, int first, int loader) const {
    constexpr int kKeys = kTile / kLoaders, kOnce = kKeys < 32 ? kKeys : 32, kChunks = kHead / 8;
    static_assert(kKeys % kOnce == 0 && kOnce * kChunks % 32 == 0, "every lane copies as many chunks");
    const int lane = threadIdx.x % 32;
    // Not unrolled: addresses of a whole tile are too many registers.
#pragma unroll 1
    for (int i = loader * kKeys; i < (loader + 1) * kKeys; i += kOnce) {
      const int position = first + i + lane % kOnce;
      const uint32_t mine = position < low || position >= high ? kNowhere : row_of(position);
#pragma unroll
      for (int j = 0; j < kOnce * kChunks / 32; j++) {
        const int key = (j * 32 + lane) / kChunks, chunk = (j * 32 + lane) % kChunks;
        const uint32_t row = __shfl_sync(0xffffffffu, mine, key);
        const bool inside = row != kNowhere;
        copy_async16_or_zero(tile + (i + key) * kHead + chunk * 8, cache + (inside ? (size_t)row * kHead + chunk * 8 : 0), inside);
      }
    }
  }

  // The same by one warp, in bulk, block after block of the cache; the barrier waits for all of it. Whoever read or wrote the tile before
  // has come to a barrier that this warp has passed.
  template <int kHead>
  DEVICE void copy_in_bulk(bf16* tile, const bf16* cache, int first, uint64_t* barrier) const {
    const int lane = threadIdx.x % 32, from = low > first ? low : first, to = high < first + kTile ? high : first + kTile;
    if (to - from < kTile) {
      for (int i = lane; i < kTile * kHead / 8; i += 32) {
        const int position = first + i / (kHead / 8);
        if (position < from || position >= to) *reinterpret_cast<uint4*>(tile + i * 8) = make_uint4(0, 0, 0, 0);
      }
      shared_proxy_fence();  // before a later tile's copy
      __syncwarp();
    }
    if (lane == 0) barrier_arrive_expect(barrier, (uint32_t)((to - from) * kHead * 2));
    __syncwarp();
    const int block = 1 << p.block_tokens_log2, piece = block < kTile ? block : kTile;
    for (int i = lane * piece; i < kTile; i += 32 * piece) {
      const int begin = first + i > from ? first + i : from, end = first + i + piece < to ? first + i + piece : to;
      if (begin < end) {
        copy_bulk(tile + (begin - first) * kHead, cache + (size_t)row_of(begin) * kHead, (uint32_t)((end - begin) * kHead * 2), barrier);
      }
    }
  }

 private:
  static constexpr uint32_t kNowhere = 0xffffffffu;

  // Which of the cache's rows, one a position and KV head, a position's key and value are.
  DEVICE uint32_t row_of(int position) const {
    const int32_t* table = p.blocks + (p.block_starts ? p.block_starts[sequence] : sequence * p.ring);
    const int entry = position >> p.block_tokens_log2, place = position & ((1 << p.block_tokens_log2) - 1);
    const uint32_t block = (uint32_t)table[p.ring ? entry % p.ring : entry];
    return ((block * p.kv_heads + kv_head) << p.block_tokens_log2) + place;
  }
};

// What a warp's 16 rows make of a tile of 64 keys: fragments of mma.
using Scores = float[1][kTile / 8][4];

// Products of queries with a tile of keys.
template <int kHead>
DEVICE void score(Scores& scores, const uint32_t (&queries)[kHead / 16][4], const bf16* keys) {
  const int lane = threadIdx.x % 32, row = lane % 8 + lane / 16 * 8;
#pragma unroll
  for (int k = 0; k < kHead / 16; k++) {
    const bf16* chunk = keys + row * kHead + kv::turned(kHead, lane % 8, lane / 8 % 2, 2 * k) * 8;
    uint32_t a[1][4], b[kTile / 8][2];
#pragma unroll
    for (int i = 0; i < 4; i++) a[0][i] = queries[k][i];
#pragma unroll
    for (int n = 0; n < kTile / 8; n += 2) {
      uint32_t both[4];
      load_matrix_x4(both, chunk + n * 8 * kHead);
      b[n][0] = both[0], b[n][1] = both[1];
      b[n + 1][0] = both[2], b[n + 1][1] = both[3];
    }
    mma_bf16(scores, a, b);
  }
}

// Adds a tile of values, weighed by its scores, which are used up. positions: of the thread's rows g and g + 8; -1 where there is no such
// row.
template <int kHead>
DEVICE void absorb(State<kHead>& state, Scores& scores, const bf16* values, int first, const int (&positions)[2], int window,
                   float scale) {
  const int lane = threadIdx.x % 32;
  // Most tiles are seen whole by all rows that there are.
  bool whole = true;
#pragma unroll
  for (int h = 0; h < 2; h++) {
    whole &= positions[h] < 0 || (first + kTile - 1 <= positions[h] && (window == 0 || first > positions[h] - window));
  }
  if (!__all_sync(0xffffffffu, whole)) {
#pragma unroll
    for (int n = 0; n < kTile / 8; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const int key = first + n * 8 + lane % 4 * 2 + e % 2, position = positions[e / 2];
        const bool seen = key <= position && (window == 0 || key > position - window);
        if (!seen) scores[0][n][e] = -INFINITY;
      }
    }
  }
  float max[2] = {-INFINITY, -INFINITY};
#pragma unroll
  for (int n = 0; n < kTile / 8; n++) {
#pragma unroll
    for (int e = 0; e < 4; e++) max[e / 2] = fmaxf(max[e / 2], scores[0][n][e]);
  }
  float base[2];  // what exponents are taken from: finite, so that those of unseen keys stay -infinity
#pragma unroll
  for (int h = 0; h < 2; h++) {
    max[h] = fmaxf(max[h], __shfl_xor_sync(0xffffffffu, max[h], 1));
    max[h] = fmaxf(max[h], __shfl_xor_sync(0xffffffffu, max[h], 2));
    max[h] = fmaxf(state.max[h], max[h] * scale);
    base[h] = max[h] == -INFINITY ? 0.0f : max[h];
    const float factor = state.max[h] == max[h] ? 1.0f : weight(state.max[h], max[h]);
    state.max[h] = max[h];
    state.sum[h] *= factor;
#pragma unroll
    for (int n = 0; n < kHead / 8; n++) {
      state.out[0][n][2 * h] *= factor;
      state.out[0][n][2 * h + 1] *= factor;
    }
  }
  // A thread's part of the row's sum; the four parts meet at the end of the split.
#pragma unroll
  for (int n = 0; n < kTile / 8; n++) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      scores[0][n][e] = exp2_approximate(fmaf(scores[0][n][e], scale, -base[e / 2]));
      state.sum[e / 2] += scores[0][n][e];
    }
  }
#pragma unroll
  for (int k = 0; k < kTile / 16; k++) {
    uint32_t a[1][4], b[kHead / 8][2];
    a[0][0] = pack_bf16(scores[0][2 * k][0], scores[0][2 * k][1]);
    a[0][1] = pack_bf16(scores[0][2 * k][2], scores[0][2 * k][3]);
    a[0][2] = pack_bf16(scores[0][2 * k + 1][0], scores[0][2 * k + 1][1]);
    a[0][3] = pack_bf16(scores[0][2 * k + 1][2], scores[0][2 * k + 1][3]);
#pragma unroll
    for (int n = 0; n < kHead / 8; n += 2) {
      uint32_t both[4];
      load_matrix_x4_transposed(both, values + (k * 16 + lane % 16) * kHead + kv::turned(kHead, lane % 8, lane / 16, n) * 8);
      b[n][0] = both[0], b[n][1] = both[1];
      b[n + 1][0] = both[2], b[n + 1][1] = both[3];
    }
    mma_bf16(state.out, a, b);
  }
}

// Makes the row's sum of the four threads' parts, in one order for all.
template <int kHead>
DEVICE void end_split(State<kHead>& state) {
#pragma unroll
  for (int h = 0; h < 2; h++) {
    state.sum[h] += __shfl_xor_sync(0xffffffffu, state.sum[h], 1);
    state.sum[h] += __shfl_xor_sync(0xffffffffu, state.sum[h], 2);
  }
}

// The 16 rows of a warp: which, their queries in fragments, and where their results go.
template <int kHead>
struct Rows {
  uint32_t queries[kHead / 16][4];
  int positions[2];  // of the thread's rows g and g + 8; -1: no such row
  int tokens[2], heads[2];

  // Rows [first, first + 16) of `count` rows: row r is token r / group, head r % group of the KV head.
  DEVICE void load(const AttentionParams& p, const int4& item, int kv_head, int first) {
    const int lane = threadIdx.x % 32, group = p.heads / p.kv_heads, count = item.z * group;
#pragma unroll
    for (int h = 0; h < 2; h++) {
      const int row = first + lane / 4 + 8 * h;
      const bool here = row < count;
      tokens[h] = item.y + (here ? row / group : 0);
      heads[h] = kv_head * group + (here ? row % group : 0);
      positions[h] = here ? item.w + row / group : -1;
      const bf16* from = p.queries + ((size_t)tokens[h] * p.heads + heads[h]) * kHead + lane % 4 * 2;
#pragma unroll
      for (int k = 0; k < kHead / 16; k++) {
        queries[k][h] = here ? *reinterpret_cast<const uint32_t*>(from + k * 16) : 0;
        queries[k][2 + h] = here ? *reinterpret_cast<const uint32_t*>(from + k * 16 + 8) : 0;
      }
    }
  }

  DEVICE void store(const AttentionParams& p, State<kHead>& state) const {
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int h = 0; h < 2; h++) {
      if (positions[h] < 0) continue;
      const float sink = p.sinks[heads[h]] * kLog2E, max = fmaxf(state.max[h], sink);
      const float factor = weight(state.max[h], max);
      const float share = __fdividef(factor, fmaf(state.sum[h], factor, exp2_approximate(sink - max)));
#pragma unroll
      for (int n = 0; n < kHead / 8; n++) {
        bf16* to = p.output + activations::at(p.room, tokens[h], heads[h] * kHead + n * 8) + lane % 4 * 2;
        *reinterpret_cast<uint32_t*>(to) = pack_bf16(state.out[0][n][2 * h] * share, state.out[0][n][2 * h + 1] * share);
      }
    }
  }
};

DEVICE int least(int a, int b) { return a < b ? a : b; }
DEVICE int first_key(const AttentionParams& p, int position) {
  return p.window && position >= p.window ? position - p.window + 1 : 0;
}

// Many rows: the block's warps have 16 rows each and share the tiles of keys, of which the next one is on its way. From sm_90 on one
// more warp has them copied, keys and values each when all have used those before.
template <int kHead, bool kBulk>
DEVICE void prefill(const AttentionParams& p) {
  DYNAMIC_SHARED(bf16, shared);  // [2][keys, values]
  const int4 item = p.items[blockIdx.x];
  const int kv_head = blockIdx.y, group = p.heads / p.kv_heads, rows = item.z * group;
  const int block_row = blockIdx.z * 16 * kWarps;
  if (block_row >= rows) return;
  const int last_row = least(block_row + 16 * kWarps, rows) - 1;
  const Source source{p, item.x, kv_head, first_key(p, item.w + block_row / group), item.w + last_row / group + 1};
  const int from = source.low / kTile * kTile;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  __shared__ uint64_t full[4], empty[4];  // as shared
  int stage = 0;
  uint32_t parity = 0;
  if constexpr (kBulk) {
    if (threadIdx.x == 0) {
      for (int i = 0; i < 4; i++) {
        barrier_init(&full[i], 1);
        barrier_init(&empty[i], kWarps);
      }
      shared_proxy_fence();
    }
    __syncthreads();
    if (warp == kWarps) {
      for (int first = from; first < source.high; first += kTile, stage ^= 2, parity ^= stage == 0) {
#pragma unroll
        for (int i = stage; i < stage + 2; i++) {
          barrier_wait(&empty[i], parity ^ 1);
          source.copy_in_bulk<kHead>(shared + i * kTileElements<kHead>, i == stage ? p.keys : p.values, first, &full[i]);
        }
      }
      return;
    }
  }
  Rows<kHead> mine;
  mine.load(p, item, kv_head, block_row + warp * 16);
  State<kHead> total, split;
  total.clear();
  split.clear();
  const int split_width = split_keys(p);
  const float scale = p.scale * kLog2E;
  auto copy = [&](int to, int first) {
    source.copy<kHead, kWarps>(shared + to * kTileElements<kHead>, p.keys, first, warp);
    source.copy<kHead, kWarps>(shared + (to + 1) * kTileElements<kHead>, p.values, first, warp);
  };
  if constexpr (!kBulk) {
    copy(0, from);
    copy_async_commit();
  }
  for (int first = from; first < source.high; first += kTile, stage ^= 2, parity ^= stage == 0) {
    const bf16* keys = shared + stage * kTileElements<kHead>;
    Scores scores = {};
    if constexpr (kBulk) {
      barrier_wait(&full[stage], parity);
    } else {
      if (first + kTile < source.high) copy(stage ^ 2, first + kTile);
      copy_async_commit();
      copy_async_wait<1>();
      __syncthreads();
    }
    score<kHead>(scores, mine.queries, keys);
    if constexpr (kBulk) {
      __syncwarp();
      if (lane == 0) barrier_arrive(&empty[stage]);
      barrier_wait(&full[stage + 1], parity);
    }
    absorb<kHead>(split, scores, keys + kTileElements<kHead>, first, mine.positions, p.window, scale);
    if constexpr (kBulk) {
      __syncwarp();
      if (lane == 0) barrier_arrive(&empty[stage + 1]);
    } else {
      __syncthreads();
    }
    if ((first + kTile) % split_width == 0 || first + kTile >= source.high) {
      end_split(split);
      merge(total, split);
      split.clear();
    }
  }
  mine.store(p, total);
}

// A warp's own tiles: keys, or values, of a next one are on their way while the last one's are used, in one place.
template <int kHead, bool kBulk>
struct OwnTiles {
  const Source& source;
  bf16 *keys, *values;
  uint64_t* barriers;  // of keys and of values; null before sm_90
  uint32_t parity;     // bit 0 and bit 1

  // Begins to copy what lies at a position, if anything does. All lanes have used what was there before.
  DEVICE void begin(int which, int first) const {
    bf16* tile = which ? values : keys;
    const bf16* cache = which ? source.p.values : source.p.keys;
    if constexpr (kBulk) {
      if (first < source.high) source.copy_in_bulk<kHead>(tile, cache, first, barriers + which);
    } else {
      if (first < source.high) source.copy<kHead, 1>(tile, cache, first, 0);
      copy_async_commit();
    }
  }
  // Waits for the older of the two copies that have begun.
  DEVICE void end(int which) {
    if constexpr (kBulk) {
      barrier_wait(barriers + which, parity >> which & 1);
      parity ^= 1u << which;
    } else {
      copy_async_wait<1>();
      __syncwarp();
    }
  }
};

// Up to 16 rows: the block's warps share the splits, each with tiles of its own; the first warp merges them in order.
template <int kHead, bool kBulk>
DEVICE void decode(const AttentionParams& p) {
  DYNAMIC_SHARED(bf16, shared);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int4 item = p.items[blockIdx.x];
  const int kv_head = blockIdx.y;
  const Source source{p, item.x, kv_head, first_key(p, item.w), item.w + item.z};
  __shared__ uint64_t barriers[kWarps][2];
  if constexpr (kBulk) {
    if (lane == 0) {
      barrier_init(&barriers[warp][0], 1);
      barrier_init(&barriers[warp][1], 1);
      shared_proxy_fence();
    }
    __syncwarp();
  }
  bf16* keys = shared + warp * 2 * kTileElements<kHead>;
  OwnTiles<kHead, kBulk> tiles{source, keys, keys + kTileElements<kHead>, barriers[warp], 0};
  // [warp][value][lane]: states on their way to the first warp.
  float* states = reinterpret_cast<float*>(shared + kWarps * 2 * kTileElements<kHead>);
  constexpr int kValues = kHead / 8 * 4 + 4;
  const int split_width = split_keys(p);
  const float scale = p.scale * kLog2E;
  // The warp's tile after one: in the same split, or in its next.
  auto after = [&](int first) {
    const int next = first + kTile;
    return next % split_width == 0 ? next + (kWarps - 1) * split_width : next;
  };
  const int round_width = kWarps * split_width, begin = source.low / split_width * split_width + warp * split_width;
  int first = warp == 0 ? source.low / kTile * kTile : begin;
  tiles.begin(0, first);
  tiles.begin(1, first);
  Rows<kHead> mine;
  mine.load(p, item, kv_head, 0);
  State<kHead> total;
  total.clear();
  for (int round = begin - warp * split_width; round < source.high; round += round_width) {
    const int end = least(round + (warp + 1) * split_width, source.high);
    State<kHead> split;
    split.clear();
    while (first < end) {
      const int next = after(first);
      Scores scores = {};
      tiles.end(0);
      score<kHead>(scores, mine.queries, tiles.keys);
      __syncwarp();
      tiles.begin(0, next);
      tiles.end(1);
      absorb<kHead>(split, scores, tiles.values, first, mine.positions, p.window, scale);
      __syncwarp();
      tiles.begin(1, next);
      first = next;
    }
    end_split(split);
    if (warp > 0) {
      float* to = states + warp * kValues * 32 + lane;
#pragma unroll
      for (int n = 0; n < kHead / 8; n++) {
#pragma unroll
        for (int e = 0; e < 4; e++) to[(n * 4 + e) * 32] = split.out[0][n][e];
      }
#pragma unroll
      for (int h = 0; h < 2; h++) {
        to[(kHead / 2 + h) * 32] = split.max[h];
        to[(kHead / 2 + 2 + h) * 32] = split.sum[h];
      }
    }
    __syncthreads();
    if (warp == 0) {
      merge(total, split);
      for (int w = 1; w < kWarps && round + w * split_width < source.high; w++) {
        const float* in = states + w * kValues * 32 + lane;
        State<kHead> more;
#pragma unroll
        for (int n = 0; n < kHead / 8; n++) {
#pragma unroll
          for (int e = 0; e < 4; e++) more.out[0][n][e] = in[(n * 4 + e) * 32];
        }
#pragma unroll
        for (int h = 0; h < 2; h++) {
          more.max[h] = in[(kHead / 2 + h) * 32];
          more.sum[h] = in[(kHead / 2 + 2 + h) * 32];
        }
        merge(total, more);
      }
    }
    __syncthreads();
  }
  if (warp == 0) mine.store(p, total);
}

}  // namespace attention

// HEAD elements of a head. attention_prefill_HEAD: grid (items, KV heads, most rows of an item / 64 rounded up); block 128; dynamic shared
// memory 512 * HEAD bytes. attention_decode_HEAD, for items of up to 16 rows (tokens * group): grid (items, KV heads); block 128; dynamic
// shared memory 1024 * HEAD + 512 * (HEAD / 2 + 4) bytes. From sm_90 on attention_prefill_HEAD_bulk, block 160, and
// attention_decode_HEAD_bulk.
#define ATTENTION_KERNELS(head, suffix, prefill_threads, kBulk)                                                                  \
  extern "C" __global__ void __launch_bounds__(prefill_threads)                                                                  \
      attention_prefill_##head##suffix(const __grid_constant__ AttentionParams p) {                                              \
    attention::prefill<head, kBulk>(p);                                                                                          \
  }                                                                                                                              \
  /* Shared memory leaves room for two blocks: without the bound, registers are saved for a third one and spilled. */             \
  extern "C" __global__ void __launch_bounds__(128, head <= 64 ? 2 : 1)                                                          \
      attention_decode_##head##suffix(const __grid_constant__ AttentionParams p) {                                               \
    attention::decode<head, kBulk>(p);                                                                                           \
  }
#if DEVICE_LACKS_BULK_COPY
ATTENTION_KERNELS(16, , 128, false)
ATTENTION_KERNELS(32, , 128, false)
ATTENTION_KERNELS(48, , 128, false)
ATTENTION_KERNELS(64, , 128, false)
ATTENTION_KERNELS(96, , 128, false)
ATTENTION_KERNELS(128, , 128, false)
#endif
#if DEVICE_HAS_BULK_COPY
ATTENTION_KERNELS(16, _bulk, 160, true)
ATTENTION_KERNELS(32, _bulk, 160, true)
ATTENTION_KERNELS(48, _bulk, 160, true)
ATTENTION_KERNELS(64, _bulk, 160, true)
ATTENTION_KERNELS(96, _bulk, 160, true)
ATTENTION_KERNELS(128, _bulk, 160, true)
#endif
