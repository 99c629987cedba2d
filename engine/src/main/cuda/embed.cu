// Rows of the embedding.
#include "device.cuh"

struct EmbedParams {
  const bf16* table;         // [vocabulary, hidden]
  const int32_t* ids;        // [tokens]; -1 - r: what was sampled for row r of the step before
  const int32_t* sampled;    // [rows of the step before]
  bf16* output;              // [tokens, hidden]
  int32_t hidden;            // a multiple of 8
  int32_t vocabulary;
};

// grid: one block a token; block: 128 threads. An id outside the vocabulary, as a row has that could not be sampled, gives zeros: the
// host drops such a row.
extern "C" __global__ void __launch_bounds__(128) embed(const __grid_constant__ EmbedParams p) {
  int id = p.ids[blockIdx.x];
  if (id < 0) id = p.sampled[-1 - id];
  const bool known = id >= 0 && id < p.vocabulary;
  const uint4* from = reinterpret_cast<const uint4*>(p.table + (size_t)(known ? id : 0) * p.hidden);
  uint4* to = reinterpret_cast<uint4*>(p.output + (size_t)blockIdx.x * p.hidden);
  for (int i = threadIdx.x; i < p.hidden / 8; i += 128) to[i] = known ? from[i] : make_uint4(0, 0, 0, 0);
}
