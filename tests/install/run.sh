#!/usr/bin/env bash
# Installs a build into an empty prefix, moves the prefix, and builds a program that stands outside the
# repository against it: by pkg-config (shared and static) and by find_package (shared and static).
# usage: run.sh BUILD_DIRECTORY C++_COMPILER C_COMPILER
set -euo pipefail
build=$1
cxx=$2
cc=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"  # nothing installed may name its own place
prefix=$work/moved
for file in lib/liboriel.so lib/liboriel.a include/oriel/host.h lib/pkgconfig/oriel.pc \
  lib/pkgconfig/oriel-winsock.pc lib/pkgconfig/oriel-wsk.pc include/oriel-win32/winsock2.h \
  include/oriel-win32/WinSock2.h include/oriel-win32/wsk.h bin/oriel; do
  [ -e "$prefix/$file" ] || { echo "not installed: $file"; exit 1; }
done
if grep -rIl -e "$work/first" -e "$build" "$prefix/lib/cmake" "$prefix/lib/pkgconfig"; then
  echo "these installed files name a place on this machine"
  exit 1
fi
if nm -DC --defined-only "$prefix/lib/liboriel.so" | grep -E ' oriel::(tcp|udp|ip|wire|link|runtime|socket)::'; then
  echo "liboriel.so lets these names out, which belong to nobody but itself"
  exit 1
fi
cp -r "$here/outside" "$work/program"
cd "$work/program"

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
# shellcheck disable=SC2046
"$cxx" -std=c++20 main.cc -o by_pkg_config $(pkg-config --cflags --libs oriel) "-Wl,-rpath,$prefix/lib"
./by_pkg_config
# Libs.private names what the archive needs beside itself.
# shellcheck disable=SC2046
"$cxx" -std=c++20 main.cc -o by_archive $(pkg-config --cflags oriel) "$prefix/lib/liboriel.a" \
  $(sed -n 's/^Libs.private://p' "$prefix/lib/pkgconfig/oriel.pc")
./by_archive

# Windows programs: one word gives all flags. They run on loopback, without rights and without a link to anywhere.
read -ra winsock_flags <<<"$(pkg-config --cflags oriel-winsock)"
read -ra winsock_libs <<<"$(pkg-config --libs oriel-winsock)"
read -ra winsock_archive <<<"$(pkg-config --libs --static oriel-winsock | sed 's/-loriel/-l:liboriel.a/')"
strict=(-Wall -Wextra -Werror -O2)
"$cc" "${strict[@]}" "${winsock_flags[@]}" winsock_c.c -o winsock_c "${winsock_libs[@]}" "-Wl,-rpath,$prefix/lib"
"$cxx" -std=c++17 "${strict[@]}" "${winsock_flags[@]}" winsock_cc.cc -o winsock_cc "${winsock_libs[@]}" "-Wl,-rpath,$prefix/lib"
"$cc" "${strict[@]}" "${winsock_flags[@]}" winsock_c.c -o winsock_c_archive "${winsock_archive[@]}"
"$cxx" -std=c++17 "${strict[@]}" "${winsock_flags[@]}" winsock_cc.cc -o winsock_cc_archive "${winsock_archive[@]}"
for program in winsock_c winsock_cc winsock_c_archive winsock_cc_archive; do
  ./$program || { echo "$program ended with $?"; exit 1; }
  "$prefix/bin/oriel" run -- ./$program || { echo "oriel run -- $program ended with $?"; exit 1; }
done

# The body of a driver: a shared object for `oriel wsk-run`, which finds liboriel.so beside itself.
read -ra wsk_flags <<<"$(pkg-config --cflags oriel-wsk)"
read -ra wsk_libs <<<"$(pkg-config --libs oriel-wsk)"
"$cc" -shared "${strict[@]}" "${wsk_flags[@]}" wsk_driver.c -o wsk_driver.so "${wsk_libs[@]}"
"$cxx" -shared -std=c++17 "${strict[@]}" "${wsk_flags[@]}" wsk_driver_cc.cc -o wsk_driver_cc.so "${wsk_libs[@]}"
check_driver() { # FILE SENTENCE
  said=$("$prefix/bin/oriel" wsk-run "$1" --verifier --seconds 200ms 2>&1) || { echo "wsk-run $1: $said"; exit 1; }
  [[ $said == *"$2"* ]] || { echo "wsk-run $1 said: $said"; exit 1; }
}
check_driver wsk_driver.so 'Services\wsk_driver: 0x00000000'
check_driver wsk_driver.so 'outside: unloaded'
check_driver wsk_driver_cc.so 'outside: C++ runs'

cmake -S . -B cmake-build -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" \
  -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build cmake-build >/dev/null
./cmake-build/with_shared
./cmake-build/with_static
for program in winsock_c winsock_cc winsock_c_static winsock_cc_static; do
  ./cmake-build/$program || { echo "cmake-build/$program ended with $?"; exit 1; }
done
check_driver cmake-build/wsk_driver.so 'outside: unloaded'
"$prefix/bin/oriel" --help >/dev/null
echo "installed files suffice"
