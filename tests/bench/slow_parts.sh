#!/usr/bin/env bash
# Cost of slow parts: the first attempt of one part in twenty takes twenty times as long. Prints elapsed seconds with and
# without `hedge`, relative to a storage without slow parts, and transferred bytes. Medians of five interleaved runs.
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --quiet
bin=${CARGO_TARGET_DIR:-target}/release
size=${1:-1073741824}
pause=${2:-200}
scratch=$(mktemp -d)
"$bin/storage" "$size" "$pause" >"$scratch/slow" &
slow=$!
"$bin/storage" "$size" "$pause" even >"$scratch/even" &
even=$!
trap 'kill $slow $even; rm -r "$scratch"' EXIT
until [ -s "$scratch/slow" ] && [ -s "$scratch/even" ]; do sleep 0.1; done
head -c "$size" /dev/zero >"$scratch/source"

for _ in 1 2 3 4 5; do
    for direction in up down; do
        for case in 'ours even' 'ours slow' 'hedged slow'; do
            read -r client storage <<<"$case"
            file=$scratch/source
            [ $direction = up ] || file=$scratch/target
            "$bin/transfer" "$client" $direction "$(cat "$scratch/$storage")" "$file" "$size" \
                >>"$scratch/$client.$storage.$direction"
            rm -f "$scratch/target"
        done
    done
done
median() { sort -n -k "$2" "$1" | awk -v column="$2" '{ value[NR] = $column } END { print value[int((NR + 1) / 2)] }'; }
for direction in up down; do
    awk -v d=$direction -v e="$(median "$scratch/ours.even.$direction" 3)" -v a="$(median "$scratch/ours.slow.$direction" 3)" \
        -v b="$(median "$scratch/hedged.slow.$direction" 3)" -v m="$(median "$scratch/hedged.slow.$direction" 4)" \
        -v size="$size" 'BEGIN {
        printf "%s: even %.2f s; one in twenty slow %.2f s, ratio %.2f; hedged %.2f s, ratio %.2f, bytes %.3f times the file\n",
            d, e, a, a / e, b, b / e, m / size
    }'
done
