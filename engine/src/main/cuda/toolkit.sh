# Sourced by the scripts that need programs of the CUDA toolkit.

# Installs the files of PyPI's packages:  fetch_toolkit FOLDER PACKAGE...  Replaces the folder once all are there; fails without a change.
fetch_toolkit() {
  local folder=$1 part=$1.part
  shift
  rm -rf "$part"
  mkdir -p "$part"
  if ! python3 -m pip download --quiet --no-deps --only-binary=:all: --retries 1 --dest "$part/wheels" "$@" >&2; then return 1; fi
  local wheel
  for wheel in "$part"/wheels/*.whl; do python3 -m zipfile -e "$wheel" "$part/files"; done
  find "$part/files/nvidia/cu13" -path '*/bin/*' -type f -exec chmod +x {} +
  rm -rf "$folder"
  mv "$part/files/nvidia/cu13" "$folder"
  rm -rf "$part"
}
