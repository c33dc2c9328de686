#!/usr/bin/env bash
# What `./dev demo` shows: a file that a Linux server serves, fetched by Oriel's TCP over TUN in a network
# namespace of its own and checked by hash; then the long-fat table on virtual time. Where namespaces or
# TUN are not allowed it says so and shows the second part only. Ends with 1 if what it could run failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=build/demo
bin=build/release/bin
file_bytes=$((64 * 1024 * 1024))
server=10.77.0.1
port=8080

say() { printf '%s\n' "$*"; }

# Runs inside the namespace: the kernel's end of the TUN device is the server's address.
inside() {
  ip link set lo up
  ip tuntap add dev oriel0 mode tun
  ip addr add "$server/24" dev oriel0
  ip link set oriel0 up
  python3 -m http.server "$port" --bind "$server" --directory "$out/served" >"$out/server.log" 2>&1 &
  http=$!  # not local: the trap needs it
  trap 'kill $http 2>/dev/null' EXIT
  for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/$server/$port") 2>/dev/null; then break; fi
    kill -0 $http 2>/dev/null || { cat "$out/server.log" >&2; return 1; }
    sleep 0.05
  done
  timeout 60 "$bin/oriel-http-get" tun:oriel0 10.77.0.2/24 "$server:$port" /file.bin "$out/received.bin" \
    "$out/http.pcap"
}

# The command that gives a namespace of our own, or nothing.
namespace_command() {
  if unshare -n true 2>/dev/null; then
    echo "unshare -n"
  elif unshare -rn true 2>/dev/null; then
    echo "unshare -rn"
  fi
}

fetch_over_tun() {
  local namespace
  namespace=$(namespace_command)
  if [ -z "$namespace" ]; then
    say "No right to make a network namespace here, so the part with a real Linux server is left out."
    return 0
  fi
  if ! $namespace ip tuntap add dev oriel0 mode tun 2>/dev/null; then
    say "No TUN device can be made here, so the part with a real Linux server is left out."
    return 0
  fi
  mkdir -p "$out/served"
  rm -f "$out/received.bin"
  head -c "$file_bytes" /dev/urandom >"$out/served/file.bin"
  say "1. A file of 64 MiB from python3's http.server on Linux TCP, fetched by Oriel's TCP over TUN"
  # shellcheck disable=SC2086
  $namespace bash tools/demo/run.sh inside || { say "   fetching failed"; return 1; }
  local sent received
  sent=$(sha256sum <"$out/served/file.bin")
  received=$(sha256sum <"$out/received.bin")
  say "   sha256 of what was served    ${sent%% *}"
  say "   sha256 of what was received  ${received%% *}"
  [ "$sent" = "$received" ] || { say "   THEY DIFFER"; return 1; }
  say "   they are equal; the packets lie in $out/http.pcap"
  rm -f "$out/received.bin" "$out/served/file.bin"
}

long_fat_table() {
  say "2. A long fat path on virtual time: the same transfer with and without window scaling"
  "$bin/oriel" lab longfat --modes normal,no-scaling
  if [ ! -e "$out/http.pcap" ]; then
    "$bin/oriel" lab longfat --modes normal --rate 100mbit --seconds 2 --pcap "$out/longfat.pcap" >/dev/null
    say "   the packets of a short run lie in $out/longfat.pcap"
  fi
}

if [ "${1:-}" = inside ]; then
  inside
  exit
fi
mkdir -p "$out"
rm -f "$out"/*.pcap
say "building the release (log: $out/build.log)"
./dev _build release >"$out/build.log" 2>&1 || { tail -40 "$out/build.log" >&2; exit 1; }
failed=0
fetch_over_tun || failed=1
long_fat_table || failed=1
exit $failed
