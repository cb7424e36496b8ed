#!/bin/sh
# `lodestone` of the package: the server (`lodestone`, `lodestone serve`, with its flags), or a tool
# (`lodestone check --dir DIR`). It runs what was compiled, with the package's own node: whatever
# version is on the PATH, the one that was tested is the one that runs. `exec` leaves one process,
# so a signal meets the server and not its starter.
set -eu

self=$0
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname "$self")/$target ;;
  esac
done
root=$(cd "$(dirname "$self")/.." && pwd -P)

node=
for candidate in "$root/node_modules/node/bin/node" "$root/../node/bin/node"; do
  if [ -x "$candidate" ]; then
    node=$candidate
    break
  fi
done
if [ -z "$node" ]; then
  node=node
  if ! node -e 'process.exit(parseInt(process.versions.node) >= 24 ? 0 : 1)' 2>/dev/null; then
    echo "lodestone: its own node is not there (npm install brings it), and no node 24 is on the PATH" >&2
    exit 2
  fi
fi

case ${1-} in
  "" | -*) entry=main.js ;;
  serve)
    shift
    entry=main.js
    ;;
  *) entry=tools/main.js ;;
esac
exec "$node" "$root/dist/$entry" "$@"
