#!/usr/bin/env bash
# Instructions (callgrind) and allocations (dhat) of one typed call: this library and plain reqwest with the same struct.
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --quiet
bin=${CARGO_TARGET_DIR:-target}/release
scratch=$(mktemp -d)
"$bin/server" >"$scratch/url" &
server=$!
trap 'kill $server; rm -r "$scratch"' EXIT
until [ -s "$scratch/url" ]; do sleep 0.1; done
url=$(cat "$scratch/url")

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bin/typed_get" "$1" "$url" "$2" 2>&1 |
        awk '/Collected/ { print $4 }'
}
allocations() {
    valgrind --tool=dhat --dhat-out-file=/dev/null "$bin/typed_get" "$1" "$url" "$2" 2>&1 |
        awk '/Total:/ { gsub(",", "", $6); print $6 }'
}
per_call() { echo $((($2 - $1) / 500)); }

for client in ours reqwest; do
    declare "instructions_$client=$(per_call "$(instructions $client 100)" "$(instructions $client 600)")"
    declare "allocations_$client=$(per_call "$(allocations $client 100)" "$(allocations $client 600)")"
done
awk -v a="$instructions_ours" -v b="$instructions_reqwest" -v c="$allocations_ours" -v d="$allocations_reqwest" 'BEGIN {
    printf "instructions: ours %d, plain reqwest %d, ratio %.3f\n", a, b, a / b
    printf "allocations:  ours %d, plain reqwest %d, ratio %.3f\n", c, d, c / d
}'
