#!/usr/bin/env bash
# Makes the virtual environment of one tool, `tools/python-env.sh bench`: what tools/bench/python-requirements.txt pins goes
# to .cache/bench-venv. Prints the path of its python; fails, saying why, when there is no python3 or no package index.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=.cache/$1-venv
requirements=tools/$1/python-requirements.txt
if ! command -v python3 >/dev/null; then
  echo 'there is no python3' >&2
  exit 1
fi
if ! cmp -s "$requirements" "$environment/installed.txt"; then
  rm -rf "$environment"
  python3 -m venv "$environment" >&2
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2
  cp "$requirements" "$environment/installed.txt"
fi
echo "$PWD/$environment/bin/python"
