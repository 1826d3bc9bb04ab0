#!/usr/bin/env bash
# Prepares the container of Gradescope's autograder, once: installs Python, the course's packages, and
# what isolates student code. It needs the network; if something is missing, it says so at the end.
umask 022  # the user that student code runs as must be able to read the environment
root="${AUTOGRADER_ROOT:-/autograder}"
environment="${AUTOGRADER_ENVIRONMENT:-/opt/flaxlings}"
course="$root/source/course"
export DEBIAN_FRONTEND=noninteractive

python() {
  for name in python3.13 python3.12 python3.11; do
    command -v "$name" && return
  done
  return 1
}

apt-get update
apt-get install --yes --no-install-recommends util-linux libseccomp2 python3-venv
python >/dev/null || apt-get install --yes --no-install-recommends python3.11 python3.11-venv
"$(python)" -m venv "$environment"

if [ ! -x "$environment/bin/python" ]; then
  echo "Missing: Python 3.11, 3.12 or 3.13 with its venv module. Is there a network?" >&2
  exit 1
fi
if ! "$environment/bin/python" -m pip install --no-cache-dir --editable "$course"; then
  "$environment/bin/python" - "$course/pyproject.toml" <<'MISSING'
import importlib.metadata, re, sys, tomllib
with open(sys.argv[1], "rb") as file:
    wanted = tomllib.load(file)["project"]["dependencies"]
plain = lambda name: re.sub("[-_.]+", "-", name.lower())
there = {plain(part.name) for part in importlib.metadata.distributions()}
missing = [one for one in wanted if plain(re.match("[a-zA-Z0-9._-]+", one)[0]) not in there]
print(f"Missing, could not be installed: {', '.join(missing)}. Is there a network?", file=sys.stderr)
MISSING
  exit 1
fi
exec bash "$root/source/run_autograder" --check
