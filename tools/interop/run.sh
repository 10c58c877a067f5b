#!/usr/bin/env bash
# What we write, Python's libraries must read, and the other way round. Needs python3 and the package index to set up
# .cache/interop-venv: without them it says that it did not run, which is a failure under CI=true alone.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

not_run() {
  echo "*** INTEROPERATION WITH PYTHON: NOT RUN: $1 ***"
  if [ "${CI:-}" = true ]; then
    echo '0 passed, 1 failed'
    exit 1
  fi
  exit 0
}

reasons=$(mktemp)
trap 'rm -f "$reasons"' EXIT
python=$(bash tools/python-env.sh interop 2>"$reasons") || not_run "$(tail -n 1 "$reasons")"

# The Python counterpart of this project has large dependencies: where it cannot be installed only its own checks are left out.
package=bioimage-py==0.2.2
if ! "$python" -c 'import bioimage_py' 2>/dev/null; then
  "$python" -m pip install --quiet --disable-pip-version-check --constraint tools/interop/python-requirements.txt "$package" >&2 || true
fi
# Without the build there is nothing to read with.
node tools/bootstrap.mjs nx run-many -t build --outputStyle=static >"$reasons" 2>&1 || {
  cat "$reasons"
  echo '0 passed, 1 failed'
  exit 1
}
node tools/interop/run.mjs --python "$python" "$@"
