// The main loop of every matrix product: D [rows, tokens] = W [rows, width] * A^T, weights on the M side of mma.sync m16n8k16, tokens
// on the N side. Weights lie in fragment order, made once at load by shuffle.cu, so that a tile of them is one contiguous copy and a
// lane's 16 bytes are registers; activations go through shared memory.
//
// Batch invariance: an output element's products are summed over k in steps of 16, in parts of the width that the number of parts
// alone decides; parts are added in order. Nothing of that depends on the number of tokens or on the tile's shape.
#pragma once
#include "device.cuh"

namespace gemm {

constexpr int kStep = 64;                // columns of one pipeline stage
constexpr int kActivationRow = kStep + 8;  // elements; 144 bytes spread the eight rows of an ldmatrix over all banks
constexpr int kStages = 3;
constexpr int kRowTiles = 2;  // of 16 rows each, a warp's share
constexpr int kWarpRows = 16 * kRowTiles;

DEVICE int minimum(int a, int b) { return a < b ? a : b; }
DEVICE constexpr int up(int value, int divisor) { return (value + divisor - 1) / divisor; }

// bfloat16 in fragment order: [row / 16][column / 64][4][lane][8]; a lane's eight are its registers of one A fragment.
struct Bf16Weights {
  static constexpr int kTileBytes = 4 * 512;  // 16 rows, 64 columns
  const uint4* data;                          // of the matrix

  // What a lane copies of its warp's row tiles, step after step.
  struct Cursor {
    const char* from[kRowTiles];
    int to;  // in the warp's part of a stage

    DEVICE Cursor(const Bf16Weights& weights, int row_tile, int row_tiles, int step, int steps, int lane) : to(lane * 16) {
#pragma unroll
      for (int i = 0; i < kRowTiles; i++) {
        const size_t tile = (size_t)minimum(row_tile + i, row_tiles - 1) * steps + step;
        from[i] = reinterpret_cast<const char*>(weights.data) + tile * kTileBytes + lane * 16;
      }
    }
    DEVICE void copy(char* shared) {
#pragma unroll
      for (int i = 0; i < kRowTiles; i++) {
#pragma unroll
        for (int q = 0; q < 4; q++) copy_async16(shared + to + i * kTileBytes + q * 512, from[i] + q * 512);
        from[i] += kTileBytes;
      }
    }
  };
  // A lane's share of a tile.
  struct Tile {
    const char* shared;
  };
  DEVICE static Tile load(const char* shared, int lane) { return {shared + lane * 16}; }
  DEVICE static void fragment(uint32_t (&a)[4], const Tile& tile, int k16) {
    const uint4 q = *reinterpret_cast<const uint4*>(tile.shared + k16 * 512);
    a[0] = q.x, a[1] = q.y, a[2] = q.z, a[3] = q.w;
  }
};

// MXFP4 in fragment order: codes [row / 16][column / 64][lane][4], a word for the A fragment of each k16, its codes placed so that
// few shifts and masks make bfloat16 values times 2^-126; scales [row / 16][column / 64][8][4], the bytes of rows g and g + 8 in the first
// 32 columns, then in the second 32: the exponent field of the bfloat16 that a value is multiplied with.
struct Mxfp4Weights {
  static constexpr int kCodeBytes = 512, kScaleBytes = 32, kTileBytes = kCodeBytes + kScaleBytes;
  const char* codes;
  const char* scales;

  // What a lane copies of its warp's row tiles, step after step; the first lanes copy the scales of all of them.
  struct Cursor {
    const char* code[kRowTiles];
    const char* scale;
    int to, scale_to;  // in the warp's part of a stage
    bool has_scale;

    DEVICE Cursor(const Mxfp4Weights& weights, int row_tile, int row_tiles, int step, int steps, int lane)
        : to(lane * 16), has_scale(lane < 2 * kRowTiles) {
#pragma unroll
      for (int i = 0; i < kRowTiles; i++) {
        code[i] = weights.codes + ((size_t)minimum(row_tile + i, row_tiles - 1) * steps + step) * kCodeBytes + lane * 16;
      }
      const int i = lane / 2 % kRowTiles;
      scale = weights.scales + ((size_t)minimum(row_tile + i, row_tiles - 1) * steps + step) * kScaleBytes + lane % 2 * 16;
      scale_to = i * kTileBytes + kCodeBytes + lane % 2 * 16;
    }
    DEVICE void copy(char* shared) {
#pragma unroll
      for (int i = 0; i < kRowTiles; i++) {
        copy_async16(shared + to + i * kTileBytes, code[i]);
        code[i] += kCodeBytes;
      }
      if (has_scale) copy_async16(shared + scale_to, scale);
      scale += kScaleBytes;
    }
  };
  struct Tile {
    uint4 codes;
    uint32_t scales;
  };
  DEVICE static Tile load(const char* shared, int lane) {
    return {*reinterpret_cast<const uint4*>(shared + lane * 16), *reinterpret_cast<const uint32_t*>(shared + kCodeBytes + lane / 4 * 4)};
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

// Warps side by side on rows, and on parts of the width.
template <class Weights, int kTokens, int kRowWarps, int kPartWarps>
struct Shape {
  static constexpr int kThreads = 32 * kRowWarps * kPartWarps;
  static constexpr int kBlockRows = kRowWarps * kWarpRows;
  static constexpr int kWeightBytes = kRowWarps * kPartWarps * kRowTiles * Weights::kTileBytes;  // of a stage
  static constexpr int kActivationBytes = kPartWarps * kTokens * kActivationRow * 2;
  static constexpr int kStageBytes = kWeightBytes + kActivationBytes;
  static constexpr int kSharedBytes = kStages * kStageBytes;
};

// Sums of a warp: [row tile][token tile][4], the fragments of mma.
template <int kTokens>
using Sums = float[kRowTiles][kTokens / 8][4];

// Rows first_row_tile * 16 .. of W times kTokens activations [.., width]. `source(t)` is the row of token t of the tile, or negative where
// the tile has no such token: it counts as zeros. Parts: the width is cut into kParts ranges of whole steps; a warp sums its ranges one
// after the other. At the end warp (r, p) of the block holds the sums of its row tiles over its parts, added in order.
template <class Weights, int kTokens, int kRowWarps, int kPartWarps, int kParts, class Source>
DEVICE void multiply(Sums<kTokens>& total, char* shared, const Weights& weights, int first_row_tile, int row_tiles, int width,
                     const bf16* activations, const Source& source) {
  static_assert(kTokens == 8 || kTokens % 16 == 0, "activation fragments are read in pairs");
  using S = Shape<Weights, kTokens, kRowWarps, kPartWarps>;
  static_assert(kParts % kPartWarps == 0, "every warp has as many parts");
  constexpr int kPartsEach = kParts / kPartWarps;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int row_warp = warp % kRowWarps, part_warp = warp / kRowWarps;
  const int steps = up(width, kStep), part_steps = up(steps, kParts), rounds = part_steps * kPartsEach;
  // A warp's steps follow each other, part after part; the last part may have fewer.
  const int first_step = part_warp * rounds, my_rounds = minimum(rounds, steps - first_step);
  const int end = kPartWarps == 1 ? my_rounds : rounds;

  // What this thread copies. The loop below moves all addresses by constants: it has no room for divisions and products.
  typename Weights::Cursor cursor(weights, first_row_tile + row_warp * kRowTiles, row_tiles, first_step, steps, lane);
  constexpr int kRowChunks = kStep / 8, kChunks = kPartWarps * kTokens * kRowChunks, kChunksEach = up(kChunks, S::kThreads);
  static_assert(S::kThreads % kRowChunks == 0, "a thread's chunks lie below each other");
  constexpr int kToEach = S::kThreads / kRowChunks * kActivationRow * 2;
  const int to = S::kWeightBytes + (threadIdx.x / kRowChunks * kActivationRow + threadIdx.x % kRowChunks * 8) * 2;
  const uint4* columns = reinterpret_cast<const uint4*>(activations);  // from the step's first one on
  uint32_t from[kChunksEach];
  int limit[kChunksEach];  // copied while the step's first column is below the limit, zeros from there on
#pragma unroll
  for (int j = 0; j < kChunksEach; j++) {
    const int i = threadIdx.x + j * S::kThreads, token = i / kRowChunks % kTokens;
    const int column = i / (kRowChunks * kTokens) * rounds * kStep + i % kRowChunks * 8;
    const int row = i < kChunks ? source(token) : -1;
    from[j] = row < 0 ? 0 : (uint32_t)(((size_t)row * width + column) / 8);
    limit[j] = row < 0 ? 0 : width - column;
  }
  int column = 0;
  auto load = [&](int round, char* stage) {
    if (kPartWarps == 1 || round < my_rounds) cursor.copy(stage + warp * kRowTiles * Weights::kTileBytes);
#pragma unroll
    for (int j = 0; j < kChunksEach; j++) {
      if (kChunks % S::kThreads == 0 || threadIdx.x + j * S::kThreads < kChunks) {
        copy_async16_or_zero(stage + to + j * kToEach, columns + from[j], column < limit[j]);
      }
    }
    column += kStep;
    columns += kRowChunks;
  };

#pragma unroll
  for (int s = 0; s < kStages - 1; s++) {
    if (s < end) load(s, shared + s * S::kStageBytes);
    copy_async_commit();
  }
  Sums<kTokens> sum = {};
  char *stage = shared, *before = shared + (kStages - 1) * S::kStageBytes;
  int round = 0;
#pragma unroll 1
  for (int part = 0; part < kPartsEach; part++) {
    const int part_end = kPartsEach == 1 ? end : minimum((part + 1) * part_steps, end);
    for (; round < part_end; round++) {
      copy_async_wait<kStages - 2>();
      __syncthreads();  // all of the stage has landed, and no thread reads the one before, which is overwritten next
      if (round + kStages - 1 < end) load(round + kStages - 1, before);
      copy_async_commit();
      if (kPartWarps == 1 || round < my_rounds) {
        const bf16* tokens = reinterpret_cast<const bf16*>(stage + S::kWeightBytes) + part_warp * kTokens * kActivationRow;
        typename Weights::Tile tiles[kRowTiles];
#pragma unroll
        for (int i = 0; i < kRowTiles; i++) tiles[i] = Weights::load(stage + (warp * kRowTiles + i) * Weights::kTileBytes, lane);
#pragma unroll
        for (int k16 = 0; k16 < kStep / 16; k16++) {
          uint32_t a[kRowTiles][4], b[kTokens / 8][2];
#pragma unroll
          for (int i = 0; i < kRowTiles; i++) Weights::fragment(a[i], tiles[i], k16);
          if constexpr (kTokens == 8) {
            load_matrix_x2(b[0], tokens + lane % 8 * kActivationRow + k16 * 16 + lane / 8 % 2 * 8);
          } else {
#pragma unroll
            for (int n = 0; n < kTokens / 8; n += 2) {
              uint32_t both[4];
              load_matrix_x4(both, tokens + (n * 8 + lane % 8 + lane / 16 * 8) * kActivationRow + k16 * 16 + lane / 8 % 2 * 8);
              b[n][0] = both[0], b[n][1] = both[1];
              b[n + 1][0] = both[2], b[n + 1][1] = both[3];
            }
          }
          mma_bf16(sum, a, b);
        }
      }
      before = stage;
      stage = stage == shared + (kStages - 1) * S::kStageBytes ? shared : stage + S::kStageBytes;
    }
#pragma unroll
    for (int i = 0; i < kRowTiles; i++) {
#pragma unroll
      for (int n = 0; n < kTokens / 8; n++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          total[i][n][e] = part == 0 ? sum[i][n][e] : total[i][n][e] + sum[i][n][e];
          sum[i][n][e] = 0;
        }
      }
    }
  }
  copy_async_wait<0>();
  __syncthreads();  // shared memory is free again
}

// Adds the sums of the block's part warps in order, through shared memory, and hands fragment after fragment to `use(row, token, d)`:
// row of the block and token of the tile of d[0]; d[1] belongs to the next token, d[2] and d[3] to the row eight further down.
template <int kTokens, int kRowWarps, int kPartWarps, class Use>
DEVICE void finish(const Sums<kTokens>& sums, char* shared, const Use& use) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  constexpr int kFragments = kRowTiles * (kTokens / 8);
  if constexpr (kPartWarps == 1) {
#pragma unroll
    for (int i = 0; i < kRowTiles; i++) {
#pragma unroll
      for (int n = 0; n < kTokens / 8; n++) {
        use(warp * kWarpRows + i * 16 + lane / 4, n * 8 + lane % 4 * 2, sums[i][n]);
      }
    }
  } else {
    static_assert(kRowWarps == 1, "part warps share their rows");
    float4* all = reinterpret_cast<float4*>(shared);  // [part][fragment][lane]
#pragma unroll
    for (int i = 0; i < kRowTiles; i++) {
#pragma unroll
      for (int n = 0; n < kTokens / 8; n++) {
        const float(&d)[4] = sums[i][n];
        all[(warp * kFragments + i * (kTokens / 8) + n) * 32 + lane] = make_float4(d[0], d[1], d[2], d[3]);
      }
    }
    __syncthreads();
    for (int fragment = warp; fragment < kFragments; fragment += kPartWarps) {
      float4 sum = all[fragment * 32 + lane];
#pragma unroll
      for (int part = 1; part < kPartWarps; part++) {
        const float4 more = all[(part * kFragments + fragment) * 32 + lane];
        sum.x += more.x, sum.y += more.y, sum.z += more.z, sum.w += more.w;
      }
      const float d[4] = {sum.x, sum.y, sum.z, sum.w};
      use(fragment / (kTokens / 8) * 16 + lane / 4, fragment % (kTokens / 8) * 8 + lane % 4 * 2, d);
    }
  }
}

}  // namespace gemm
