#!/usr/bin/env bash
# Runs a command with AWS's DynamoDB Local: starts it in memory on a free port, passes its URL in DYNAMODB_ENDPOINT, and
# stops it when the command ends, even if the command fails or is interrupted.
set -euo pipefail

version=2.9.30 # of the npm package, which contains DynamoDB Local 1.25
root=$(cd "$(dirname "$0")/../.." && pwd)
emulator=$root/.npm/dynamodb-local-$version/package/emulator

fail() {
  echo "error: $1" >&2
  exit 1
}

install() {
  command -v npm >/dev/null || fail 'npm is missing: DynamoDB Local is installed from an npm package'
  echo "installing DynamoDB Local into .npm"
  local folder="$root/.npm/new.$$"
  mkdir -p "$folder"
  # Without its dependencies, which only its JavaScript needs.
  npm pack --silent --pack-destination "$folder" "amplify-dynamodb-simulator@$version" >/dev/null \
    || fail 'npm cannot download amplify-dynamodb-simulator'
  tar -xzf "$folder"/*.tgz -C "$folder" && rm "$folder"/*.tgz
  # Moved only when complete, so that an interrupted installation is repeated.
  rm -rf "$root/.npm/dynamodb-local-$version"
  mv "$folder" "$root/.npm/dynamodb-local-$version"
}

is_ready() {
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}

java=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' || true)
[ "${java:-0}" -ge 17 ] || fail 'DynamoDB Local needs Java 17 or later'
[ -f "$emulator/DynamoDBLocal.jar" ] || install

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
log=$(mktemp)
(cd "$emulator" && exec java -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar \
  -inMemory -disableTelemetry -port "$port") >"$log" 2>&1 &
engine=$!
trap 'kill "$engine" 2>/dev/null || true; wait "$engine" 2>/dev/null || true; rm -f "$log"' EXIT

for _ in $(seq 300); do
  is_ready && break
  kill -0 "$engine" 2>/dev/null || { cat "$log" >&2; fail 'DynamoDB Local exited unexpectedly: see its output above'; }
  sleep 0.2
done
is_ready || fail 'DynamoDB Local does not answer within 60 seconds'

cd "$root"
DYNAMODB_ENDPOINT="http://127.0.0.1:$port" "$@"
