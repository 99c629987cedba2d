// The rows of a step that have a LoRA adapter, in tiles of one adapter, and of one expert where a product has several matrices.
#pragma once
#include "device.cuh"

namespace lora {

constexpr int kTileRows = 16;

// Group g, an expert or the only one, has tiles [firsts[g], firsts[g] + counts[g]).
struct Tiles {
  const int4* tiles;      // group, adapter's place among the loaded ones, first of `rows`, rows (1 to kTileRows)
  const int32_t* rows;    // tokens or slots, tile after tile
  const int32_t* firsts;
  const int32_t* counts;
};

}  // namespace lora
