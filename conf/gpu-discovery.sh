#!/usr/bin/env bash
# Tells Spark which GPUs a machine has: {"name": "gpu", "addresses": ["0", "1"]}. For spark.worker.resource.gpu.discoveryScript (standalone),
# spark.executor.resource.gpu.discoveryScript (YARN, Kubernetes) and spark.driver.resource.gpu.discoveryScript.
# Addresses are device numbers as CUDA counts them in the executor: with CUDA_VISIBLE_DEVICES, those of the devices that it leaves, from 0.
# Executors need CUDA_DEVICE_ORDER=PCI_BUS_ID (spark.executorEnv.CUDA_DEVICE_ORDER), since nvidia-smi counts by PCI bus.
set -euo pipefail

if [ -n "${CUDA_VISIBLE_DEVICES+set}" ]; then
  # CUDA stops at the first entry that names no device, of which -1 is the usual one.
  count=0
  IFS=',' read -ra visible <<< "$CUDA_VISIBLE_DEVICES"
  for device in "${visible[@]}"; do
    [ "${device// /}" != "-1" ] && [ -n "${device// /}" ] || break
    count=$((count + 1))
  done
elif count=$(nvidia-smi --query-gpu=index --format=csv,noheader); then
  count=$(grep -c '[0-9]' <<< "$count" || true)
else
  echo "gpu-discovery.sh: nvidia-smi is missing or failed: install NVIDIA's driver, or ask for no gpu resource" >&2
  exit 1
fi

addresses=""
for ((i = 0; i < count; i++)); do
  addresses="$addresses${addresses:+, }\"$i\""
done
echo "{\"name\": \"gpu\", \"addresses\": [$addresses]}"
