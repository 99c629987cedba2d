// The main loop of every matrix product: D [rows, tokens] = W [rows, width] * A^T, weights on the M side of mma.sync m16n8k16, tokens
// on the N side. Weights lie in fragment order, made once at load by shuffle.cu, so that a lane's 16 bytes are registers; activations go
// through shared memory in the order of activations.cuh. What a block takes in one step of 64 columns is contiguous, two row groups of
// weights and a tile of tokens: from sm_90 on one warp has it copied in bulk, and the others wait for no more than the bytes. Before sm_90
// each thread copies its share with cp.async. In shapes with kWgmma a warpgroup multiplies the same fragments of weights with the same tile
// of tokens by wgmma, which reads the tile itself.
//
// Batch invariance: an output element's products are summed over k in steps of 16, in parts of the width that the number of parts
// alone decides; parts are added in order. Nothing of that depends on the number of tokens, on the tile's shape or on who copies. That an
// instruction's sums have the same bits for every number of tokens is for the GPU to show, and so is whether wgmma has the bits of mma.sync:
// a run has all its products by one or by the other.
#pragma once
#include "activations.cuh"
#include "device.cuh"

namespace gemm {

constexpr int kStep = activations::kColumns;  // columns of one pipeline stage
constexpr int kRowTiles = 2;                  // of 16 rows each, a warp's share as a rule
constexpr int kGroupTiles = 4;  // row tiles that lie beside each other, step after step; a matrix has whole groups
constexpr int kStages = 3, kBulkStages = 4;
constexpr int kConsumersBarrier = 1;
constexpr int kSwizzleBytes = 1024;  // what wgmma's tiles are aligned to

DEVICE int minimum(int a, int b) { return a < b ? a : b; }
DEVICE constexpr int up(int value, int divisor) { return (value + divisor - 1) / divisor; }

// The number of a tile of 16 rows and 64 columns in a matrix: [row tile / 4][step][row tile % 4]. Beyond the matrix the last group.
DEVICE size_t tile_number(int row_tile, int row_tiles, int step, int steps) {
  const int group = minimum(row_tile / kGroupTiles, (row_tiles - 1) / kGroupTiles);
  return ((size_t)group * steps + step) * kGroupTiles + row_tile % kGroupTiles;
}

// bfloat16 in fragment order: [tile][4][lane][8]; a lane's eight are its registers of one A fragment.
struct Bf16Weights {
  static constexpr int kTileBytes = 4 * 512;  // 16 rows, 64 columns
  const char* data;                           // of the matrix

  // What a lane copies of its warp's row tiles, step after step.
  struct Cursor {
    const char* from;

    DEVICE Cursor(const Bf16Weights& weights, size_t tile, int lane) : from(weights.data + tile * kTileBytes + lane * 16) {}
    template <int kTiles>
    DEVICE void copy(char* stage, int tile, int lane) {
#pragma unroll
      for (int q = 0; q < kRowTiles * 4; q++) copy_async16(stage + tile * kTileBytes + lane * 16 + q * 512, from + q * 512);
      from += kGroupTiles * kTileBytes;
    }
  };
  // The matrix from this tile on.
  DEVICE Bf16Weights at(size_t tile) const { return {data + tile * kTileBytes}; }
  // One thread copies kCount tiles from number `tile` on to the stage's tiles from `to` on.
  template <int kTiles, int kCount>
  DEVICE void copy_tiles(char* stage, int to, size_t tile, uint64_t* barrier) const {
    copy_bulk(stage + to * kTileBytes, data + tile * kTileBytes, kCount * kTileBytes, barrier);
  }
  // A lane's share of a tile.
  struct Tile {
    const char* shared;
  };
  template <int kTiles>
  DEVICE static Tile load(const char* stage, int tile, int lane) {
    return {stage + tile * kTileBytes + lane * 16};
  }
  DEVICE static void fragment(uint32_t (&a)[4], const Tile& tile, int k16) {
    const uint4 q = *reinterpret_cast<const uint4*>(tile.shared + k16 * 512);
    a[0] = q.x, a[1] = q.y, a[2] = q.z, a[3] = q.w;
  }
};

// MXFP4 in fragment order: codes [tile][lane][4], a word for the A fragment of each k16, its codes placed so that few shifts and masks make
// bfloat16 values times 2^-126; scales [tile][8][4], the bytes of rows g and g + 8 in the first 32 columns, then in the second 32: the
// exponent field of the bfloat16 that a value is multiplied with. A stage has the codes of all its tiles, then their scales.
struct Mxfp4Weights {
  static constexpr int kCodeBytes = 512, kScaleBytes = 32, kTileBytes = kCodeBytes + kScaleBytes;
  const char* codes;
  const char* scales;

  // What a lane copies of its warp's row tiles, step after step; the first lanes copy the scales of all of them.
  struct Cursor {
    const char* code;
    const char* scale;

    DEVICE Cursor(const Mxfp4Weights& weights, size_t tile, int lane)
        : code(weights.codes + tile * kCodeBytes + lane * 16), scale(weights.scales + tile * kScaleBytes + lane * 16) {}
    template <int kTiles>
    DEVICE void copy(char* stage, int tile, int lane) {
#pragma unroll
      for (int i = 0; i < kRowTiles; i++) copy_async16(stage + tile * kCodeBytes + lane * 16 + i * kCodeBytes, code + i * kCodeBytes);
      if (lane < kRowTiles * kScaleBytes / 16) copy_async16(stage + kTiles * kCodeBytes + tile * kScaleBytes + lane * 16, scale);
      code += kGroupTiles * kCodeBytes;
      scale += kGroupTiles * kScaleBytes;
    }
  };
  DEVICE Mxfp4Weights at(size_t tile) const { return {codes + tile * kCodeBytes, scales + tile * kScaleBytes}; }
  template <int kTiles, int kCount>
  DEVICE void copy_tiles(char* stage, int to, size_t tile, uint64_t* barrier) const {
    copy_bulk(stage + to * kCodeBytes, codes + tile * kCodeBytes, kCount * kCodeBytes, barrier);
    copy_bulk(stage + kTiles * kCodeBytes + to * kScaleBytes, scales + tile * kScaleBytes, kCount * kScaleBytes, barrier);
  }
  struct Tile {
    uint4 codes;
    uint32_t scales;
  };
  template <int kTiles>
  DEVICE static Tile load(const char* stage, int tile, int lane) {
    return {*reinterpret_cast<const uint4*>(stage + tile * kCodeBytes + lane * 16),
            *reinterpret_cast<const uint32_t*>(stage + kTiles * kCodeBytes + tile * kScaleBytes + lane / 4 * 4)};
  }
  DEVICE static void fragment(uint32_t (&a)[4], const Tile& tile, int k16) {
    const uint32_t q = k16 == 0 ? tile.codes.x : k16 == 1 ? tile.codes.y : k16 == 2 ? tile.codes.z : tile.codes.w;
    const uint32_t scales = tile.scales >> (k16 / 2 * 16);
    const uint32_t upper = (scales & 0xffu) * 0x00800080u, lower = (scales >> 8 & 0xffu) * 0x00800080u;
    constexpr uint32_t kMask = 0x81c081c0u;
    a[0] = mul_bf16x2(q & kMask, upper);
    a[1] = mul_bf16x2((q >> 4 | q << 28) & kMask, lower);  // a rotation: signs change places
    a[2] = mul_bf16x2(q << 6 & kMask, upper);
    a[3] = mul_bf16x2((q << 2 & 0x80c080c0u) | (q >> 6 & 0x01000100u), lower);
  }
};

// The tokens of a tile: rows [first, first + count) of activations that have room for so many rows; the tile counts on as zeros.
struct Tokens {
  const bf16* activations;
  int room, first, count;
};

// A block's share of a product. Warps are side by side on rows, and on parts of the width, which is cut into kParts_ ranges of whole
// steps: a warp sums its ranges one after the other.
template <class Weights_, int kTokens_, int kRowWarps_, int kPartWarps_, int kParts_, bool kWgmma_ = false, int kRowTiles_ = kRowTiles>
struct Shape {
  using Weights = Weights_;
  static constexpr int kTokens = kTokens_, kRowWarps = kRowWarps_, kPartWarps = kPartWarps_, kParts = kParts_, kRowTiles = kRowTiles_;
  static constexpr bool kWgmma = kWgmma_;
  static constexpr int kWarps = kRowWarps * kPartWarps;
  static constexpr int kThreads = 32 * kWarps;  // that multiply
  static constexpr int kWarpRows = 16 * kRowTiles;
  static constexpr int kBlockRows = kRowWarps * kWarpRows;
  static constexpr int kTiles = kWarps * kRowTiles;            // of a stage
  static constexpr int kWeightBytes = kTiles * Weights::kTileBytes;
  static constexpr int kTokenBytes = kTokens * activations::kRowBytes;
  static constexpr int kStageBytes = kWeightBytes + kPartWarps * kTokenBytes;
  static constexpr int kTokensAt = kWgmma ? 0 : kWeightBytes;  // in a stage; wgmma's tiles keep their alignment at its beginning
  static constexpr int kWeightsAt = kWgmma ? kPartWarps * kTokenBytes : 0;
  static constexpr int kPartsEach = kParts / kPartWarps;  // of a warp
  static_assert(kParts % kPartWarps == 0, "every warp has as many parts");
  static_assert(kTokens == 8 || kTokens % 16 == 0, "activation fragments are read in pairs");
  static_assert(!kWgmma || kRowWarps == 4, "four warps of a part are a warpgroup");
  static_assert(!kWgmma || (kTokens & (kTokens - 1)) == 0, "rows of a tile go round");

  // The column of the sums that has a row of activations. wgmma's swizzle counts a tile's rows as activations.cuh counts a buffer's: modulo
  // 8 they are the same, so a tile that begins in between goes round its columns.
  DEVICE static int column(const int row) { return kWgmma ? row & (kTokens - 1) : 0; }

  // Sums of a warp: [row tile][token tile][4], the fragments of mma.
  using Sums = float[kRowTiles][kTokens / 8][4];
};

// The steps of a width: a warp's follow each other, part after part; the last part may have fewer.
template <class S>
struct Steps {
  int steps, of_part, of_warp;  // all; at most
  int end;                      // of the block's loop

  DEVICE explicit Steps(int width)
      : steps(up(width, kStep)), of_part(up(steps, S::kParts)), of_warp(of_part * S::kPartsEach),
        end(S::kPartWarps == 1 ? steps : of_warp) {}
  // How many the warps of a part have.
  DEVICE int of(int part_warp) const { return minimum(of_warp, steps - part_warp * of_warp); }
};

// One warp's multiplications: where its operands are, and its sums. At the end warp (r, p) of the block holds the sums of its row tiles
// over its parts, added in order.
template <class S>
struct Consumer {
  const int lane, warp, part_warp, my_steps;
  int offset;  // of what the lane reads first in a tile of tokens

  DEVICE Consumer(const Steps<S>& steps, const Tokens& tokens)
      : lane(threadIdx.x % 32), warp(threadIdx.x / 32), part_warp(warp / S::kRowWarps), my_steps(steps.of(part_warp)) {
    const int row = lane % 8 + (S::kTokens == 8 ? 0 : lane / 16 * 8);
    offset = row * activations::kRowBytes + (lane / 8 % 2 ^ (tokens.first + lane) % 8) * 16;
  }

  DEVICE void step(typename S::Sums& sum, const char* stage) const {
    const char* tokens = stage + S::kTokensAt + part_warp * S::kTokenBytes;
    typename S::Weights::Tile tiles[S::kRowTiles];
#pragma unroll
    for (int i = 0; i < S::kRowTiles; i++) {
      tiles[i] = S::Weights::template load<S::kTiles>(stage + S::kWeightsAt, warp * S::kRowTiles + i, lane);
    }
    if constexpr (S::kWgmma) {
      by_wgmma(sum, tiles, tokens);
    } else {
      by_mma(sum, tiles, tokens);
    }
  }

  DEVICE void by_mma(typename S::Sums& sum, const typename S::Weights::Tile (&tiles)[S::kRowTiles], const char* tokens) const {
#pragma unroll
    for (int k16 = 0; k16 < kStep / 16; k16++) {
      uint32_t a[S::kRowTiles][4], b[S::kTokens / 8][2];
#pragma unroll
      for (int i = 0; i < S::kRowTiles; i++) S::Weights::fragment(a[i], tiles[i], k16);
      const char* chunk = tokens + (offset ^ k16 * 32);
      if constexpr (S::kTokens == 8) {
        load_matrix_x2(b[0], chunk);
      } else {
#pragma unroll
        for (int n = 0; n < S::kTokens / 8; n += 2) {
          uint32_t both[4];
          load_matrix_x4(both, chunk + n * 8 * activations::kRowBytes);
          b[n][0] = both[0], b[n][1] = both[1];
          b[n + 1][0] = both[2], b[n + 1][1] = both[3];
        }
      }
      mma_bf16(sum, a, b);
    }
  }

  // The fragments of the next 16 columns are made while the tensor cores have those before.
  DEVICE void by_wgmma(typename S::Sums& sum, const typename S::Weights::Tile (&tiles)[S::kRowTiles], const char* tokens) const {
#if DEVICE_HAS_WGMMA
    const uint64_t b = wgmma_descriptor(tokens);
    uint32_t a[kStep / 16][S::kRowTiles][4];
#pragma unroll
    for (int k16 = 0; k16 < kStep / 16; k16++) {
#pragma unroll
      for (int i = 0; i < S::kRowTiles; i++) S::Weights::fragment(a[k16][i], tiles[i], k16);
      wgmma_fence();
      wgmma_bf16(sum, a[k16], b + 2 * k16);
      wgmma_commit();
    }
    wgmma_wait<0>();
#endif
  }

  // All steps, part after part; `next(round, multiply)` calls multiply(stage) when the stage of the round is there.
  template <class Next>
  DEVICE void run(typename S::Sums& total, const Steps<S>& steps, const Next& next) const {
    typename S::Sums sum = {};
    int round = 0;
#pragma unroll 1
    for (int part = 0; part < S::kPartsEach; part++) {
      const int part_end = S::kPartsEach == 1 ? steps.end : minimum((part + 1) * steps.of_part, steps.end);
#pragma unroll 1
      for (; round < part_end; round++) {
        next(round, [&](const char* stage) {
          if (S::kPartWarps == 1 || round < my_steps) step(sum, stage);
        });
      }
#pragma unroll
      for (int i = 0; i < S::kRowTiles; i++) {
#pragma unroll
        for (int n = 0; n < S::kTokens / 8; n++) {
#pragma unroll
          for (int e = 0; e < 4; e++) {
            total[i][n][e] = part == 0 ? sum[i][n][e] : total[i][n][e] + sum[i][n][e];
            sum[i][n][e] = 0;
          }
        }
      }
    }
  }
};

// Row tiles from first_row_tile on of W times the tokens: what every warp of a block of S::kThreads threads does, before sm_90.
template <class S>
DEVICE void multiply(typename S::Sums& total, char* shared, const typename S::Weights& weights, int first_row_tile, int row_tiles,
                     int width, const Tokens& tokens) {
  const Steps<S> steps(width);
  const Consumer<S> consumer(steps, tokens);
  const int lane = consumer.lane, warp = consumer.warp, row_tile = first_row_tile + warp % S::kRowWarps * kRowTiles;
  // What this thread copies. The loop below moves all addresses by constants: it has no room for divisions and products.
  typename S::Weights::Cursor cursor(
      weights, tile_number(row_tile, row_tiles, consumer.part_warp * steps.of_warp, steps.steps), lane);
  constexpr int kRowChunks = kStep / 8, kChunks = S::kPartWarps * S::kTokens * kRowChunks, kChunksEach = up(kChunks, S::kThreads);
  const uint4* base = reinterpret_cast<const uint4*>(tokens.activations);  // of the step
  uint32_t from[kChunksEach];
  int limit[kChunksEach];  // copied in so many rounds, zeros from there on
#pragma unroll
  for (int j = 0; j < kChunksEach; j++) {
    const int i = threadIdx.x + j * S::kThreads, token = i / kRowChunks % S::kTokens, part = i / (kRowChunks * S::kTokens);
    const bool inside = i < kChunks && token < tokens.count;
    limit[j] = inside ? steps.of(part) : 0;
    const size_t row = inside ? (size_t)part * steps.of_warp * tokens.room + tokens.first + token : 0;
    from[j] = (uint32_t)(row * kRowChunks) + i % kRowChunks;
  }
  const size_t step_chunks = (size_t)tokens.room * kRowChunks;
  auto load = [&](int round, char* stage) {
    if (S::kPartWarps == 1 || round < consumer.my_steps) cursor.template copy<S::kTiles>(stage, warp * kRowTiles, lane);
#pragma unroll
    for (int j = 0; j < kChunksEach; j++) {
      if (kChunks % S::kThreads == 0 || threadIdx.x + j * S::kThreads < kChunks) {
        copy_async16_or_zero(stage + S::kWeightBytes + (threadIdx.x + j * S::kThreads) * 16, base + from[j], round < limit[j]);
      }
    }
    base += step_chunks;
  };

#pragma unroll
  for (int s = 0; s < kStages - 1; s++) {
    if (s < steps.end) load(s, shared + s * S::kStageBytes);
    copy_async_commit();
  }
  char *stage = shared, *before = shared + (kStages - 1) * S::kStageBytes;
  consumer.run(total, steps, [&](int round, const auto& multiply_stage) {
    copy_async_wait<kStages - 2>();
    __syncthreads();  // all of the stage has landed, and no thread reads the one before, which is overwritten next
    if (round + kStages - 1 < steps.end) load(round + kStages - 1, before);
    copy_async_commit();
    multiply_stage(stage);
    before = stage;
    stage = stage == shared + (kStages - 1) * S::kStageBytes ? shared : stage + S::kStageBytes;
  });
  copy_async_wait<0>();
  __syncthreads();  // shared memory is free again
}

// From sm_90 on: a ring of stages between one warp that fills them and S::kWarps warps that multiply. Behind a stage lie its barriers.
template <class S>
struct Ring {
  static constexpr int kBytes = S::kWgmma ? up(S::kStageBytes + 128, kSwizzleBytes) * kSwizzleBytes : S::kStageBytes + 128;

  char* first;  // in shared memory
  char* stage;  // what a warp waits for next
  uint32_t parity = 0;

  DEVICE explicit Ring(char* shared) : first(shared), stage(shared) {}
  DEVICE static uint64_t* full(char* stage) { return reinterpret_cast<uint64_t*>(stage + S::kStageBytes); }
  DEVICE static uint64_t* empty(char* stage) { return full(stage) + 1; }
  DEVICE void next() {
    const bool last = stage == first + (kBulkStages - 1) * kBytes;
    stage = last ? first : stage + kBytes;
    parity ^= last;
  }
};

// Called by all threads of the block: makes the ring, and stages whose rows without a token hold zeros. A product of one of a tile's rows
// stays in its column, but what memory held before has no place in a sum.
template <class S>
DEVICE void begin_ring(char* shared, const Tokens& tokens) {
  using R = Ring<S>;
  if (threadIdx.x == 0) {
    for (int s = 0; s < kBulkStages; s++) {
      barrier_init(R::full(shared + s * R::kBytes), 1);
      barrier_init(R::empty(shared + s * R::kBytes), S::kWarps);
    }
  }
  if (tokens.count < S::kTokens) {
    for (int i = threadIdx.x; i < kBulkStages * S::kPartWarps * S::kTokenBytes / 16; i += S::kThreads + 32) {
      const int stage = i / (S::kPartWarps * S::kTokenBytes / 16), chunk = i % (S::kPartWarps * S::kTokenBytes / 16);
      *reinterpret_cast<uint4*>(shared + stage * R::kBytes + S::kTokensAt + chunk * 16) = make_uint4(0, 0, 0, 0);
    }
  }
  shared_proxy_fence();
  __syncthreads();
}

// One warp fills a stage for each step of a product.
template <class S>
DEVICE void produce(Ring<S>& ring, const typename S::Weights& weights, int first_row_tile, int row_tiles, int width,
                    const Tokens& tokens) {
  const Steps<S> steps(width);
  constexpr int kPartTiles = S::kRowWarps * S::kRowTiles, kRun = kPartTiles < kGroupTiles ? kPartTiles : kGroupTiles;
  const uint32_t token_bytes = (uint32_t)tokens.count * activations::kRowBytes;
  // Up to the tile's last row; the rest goes to its first rows.
  const uint32_t head_bytes = (uint32_t)minimum(tokens.count, S::kTokens - S::column(tokens.first)) * activations::kRowBytes;
  const size_t step_elements = (size_t)tokens.room * kStep;
  // Of the first part's step, moved by constants as above.
  typename S::Weights from[kPartTiles / kRun];
#pragma unroll
  for (int run = 0; run < kPartTiles / kRun; run++) {
    from[run] = weights.at(tile_number(first_row_tile + run * kRun, row_tiles, 0, steps.steps));
  }
  const bf16* from_tokens = tokens.activations + (size_t)tokens.first * kStep;
#pragma unroll 1
  for (int round = 0; round < steps.end; round++) {
    char* stage = ring.stage;
    barrier_wait(ring.empty(stage), ring.parity ^ 1);
    if (elect_one()) {
      uint64_t* full = ring.full(stage);
      int parts = 0;
#pragma unroll
      for (int part = 0; part < S::kPartWarps; part++) parts += S::kPartWarps == 1 || round < steps.of(part);
      barrier_arrive_expect(full, parts * (kPartTiles * S::Weights::kTileBytes + token_bytes));
#pragma unroll
      for (int part = 0; part < S::kPartWarps; part++) {
        if (S::kPartWarps > 1 && round >= steps.of(part)) continue;
        const int steps_on = part * steps.of_warp;
#pragma unroll
        for (int run = 0; run < kPartTiles / kRun; run++) {
          from[run].template copy_tiles<S::kTiles, kRun>(stage + S::kWeightsAt, part * kPartTiles + run * kRun,
                                                         (size_t)steps_on * kGroupTiles, full);
        }
        char* to = stage + S::kTokensAt + part * S::kTokenBytes;
        const bf16* part_tokens = from_tokens + steps_on * step_elements;
        copy_bulk(to + S::column(tokens.first) * activations::kRowBytes, part_tokens, head_bytes, full);
        if (S::kWgmma && head_bytes < token_bytes) copy_bulk(to, part_tokens + head_bytes / sizeof(bf16), token_bytes - head_bytes, full);
      }
    }
    __syncwarp();
#pragma unroll
    for (int run = 0; run < kPartTiles / kRun; run++) from[run] = from[run].at(kGroupTiles);
    from_tokens += step_elements;
    ring.next();
  }
}

// The other warps multiply what comes.
template <class S>
DEVICE void consume(typename S::Sums& total, Ring<S>& ring, int width, const Tokens& tokens) {
  const Steps<S> steps(width);
  const Consumer<S> consumer(steps, tokens);
  consumer.run(total, steps, [&](int, const auto& multiply_stage) {
    char* stage = ring.stage;
    barrier_wait(ring.full(stage), ring.parity);
    multiply_stage(stage);
    __syncwarp();
    if (consumer.lane == 0) barrier_arrive(ring.empty(stage));
    ring.next();
  });
}

// Adds the sums of the block's part warps in order, through shared memory, and hands fragment after fragment to `use(row, token, d)`:
// row of the block and column of the sums of d[0]; d[1] belongs to the next column, d[2] and d[3] to the row eight further down. Columns are
// the tile's tokens, from S::column of its first row on. Called by the warps that multiply; shared memory holds nothing any more that
// another of them needs.
template <class S, class Use>
DEVICE void finish(const typename S::Sums& sums, char* shared, const Use& use) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  constexpr int kFragments = S::kRowTiles * (S::kTokens / 8), kPartFragments = S::kRowWarps * kFragments;
  if constexpr (S::kPartWarps == 1) {
#pragma unroll
    for (int i = 0; i < S::kRowTiles; i++) {
#pragma unroll
      for (int n = 0; n < S::kTokens / 8; n++) {
        use(warp * S::kWarpRows + i * 16 + lane / 4, n * 8 + lane % 4 * 2, sums[i][n]);
      }
    }
  } else {
    float4* all = reinterpret_cast<float4*>(shared);  // [part][fragment][lane]
    named_barrier_sync(kConsumersBarrier, S::kThreads);
#pragma unroll
    for (int i = 0; i < S::kRowTiles; i++) {
#pragma unroll
      for (int n = 0; n < S::kTokens / 8; n++) {
        const float(&d)[4] = sums[i][n];
        all[(warp * kFragments + i * (S::kTokens / 8) + n) * 32 + lane] = make_float4(d[0], d[1], d[2], d[3]);
      }
    }
    named_barrier_sync(kConsumersBarrier, S::kThreads);
    for (int fragment = warp; fragment < kPartFragments; fragment += S::kWarps) {
      float4 sum = all[fragment * 32 + lane];
#pragma unroll
      for (int part = 1; part < S::kPartWarps; part++) {
        const float4 more = all[(part * kPartFragments + fragment) * 32 + lane];
        sum.x += more.x, sum.y += more.y, sum.z += more.z, sum.w += more.w;
      }
      const float d[4] = {sum.x, sum.y, sum.z, sum.w};
      use(fragment / (S::kTokens / 8) * 16 + lane / 4, fragment % (S::kTokens / 8) * 8 + lane % 4 * 2, d);
    }
  }
}

}  // namespace gemm
