package io.github.gptoss.engine.backend.cuda;

/** Keys and values of one layer, each [block][KV head][block tokens][headDim] bfloat16. */
record KvCacheMemory(DeviceMemory keys, DeviceMemory values) {}
