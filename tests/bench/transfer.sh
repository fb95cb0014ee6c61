#!/usr/bin/env bash
# CPU seconds and peak memory of uploading and downloading a file of 1 GiB: this library and plain reqwest. Medians of five
# interleaved runs.
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --quiet
bin=${CARGO_TARGET_DIR:-target}/release
size=${1:-1073741824}
scratch=$(mktemp -d)
"$bin/storage" "$size" >"$scratch/url" &
server=$!
trap 'kill $server; rm -r "$scratch"' EXIT
until [ -s "$scratch/url" ]; do sleep 0.1; done
url=$(cat "$scratch/url")
head -c "$size" /dev/zero >"$scratch/source"

for _ in 1 2 3 4 5; do
    for direction in up down; do
        for client in ours reqwest; do
            file=$scratch/source
            [ $direction = up ] || file=$scratch/target
            "$bin/transfer" $client $direction "$url" "$file" "$size" >>"$scratch/$client.$direction"
            rm -f "$scratch/target"
        done
    done
done
median() { sort -n -k "$2" "$1" | awk -v column="$2" '{ value[NR] = $column } END { print value[int((NR + 1) / 2)] }'; }
for direction in up down; do
    for client in ours reqwest; do
        declare "cpu_$client=$(median "$scratch/$client.$direction" 1)" "memory_$client=$(median "$scratch/$client.$direction" 2)"
    done
    awk -v d=$direction -v a="$cpu_ours" -v b="$cpu_reqwest" -v m="$memory_ours" -v n="$memory_reqwest" 'BEGIN {
        printf "%s: CPU ours %.2f s, plain reqwest %.2f s, ratio %.2f; memory above idle ours %.1f MiB, plain reqwest %.1f MiB\n",
            d, a, b, a / b, m / 1024, n / 1024
    }'
done
