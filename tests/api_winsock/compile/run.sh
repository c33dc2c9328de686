#!/usr/bin/env bash
# Compiles what a Windows program may look like against the headers, with a user's flags and warnings as errors.
# usage: run.sh HEADERS matrix COMPILER STANDARD      both orders of headers, two Windows versions, narrow and wide
#        run.sh HEADERS alone COMPILER STANDARD       every header by itself, twice
#        run.sh HEADERS names COMPILER                calls lead to symbols of ours, none to libc's
set -euo pipefail
headers=$1
what=$2
compiler=$3
standard=${4:-gnu17}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $standard in *++*) kind=cc language=c++ ;; *) kind=c language=c ;; esac
user=(-isystem "$headers" -D_WIN32 -DWIN32 -include oriel_win_keywords.h -std="$standard")
strict=(-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -Wall -Wextra -Werror -fsyntax-only)

case $what in
  matrix)
    "$compiler" "${user[@]}" "${strict[@]}" -D_WIN32_WINNT=0x0601 "$here/before.$kind"
    "$compiler" "${user[@]}" "${strict[@]}" -D_WIN32_WINNT=0x0A00 -DWIN32_LEAN_AND_MEAN -DUNICODE \
      -D_UNICODE -DNOMINMAX -DFD_SETSIZE=1024 "$here/after.$kind"
    ;;
  alone)
    cd "$headers"
    for header in $(find . -name '*.h' -printf '%P\n' | sort); do
      case $header in
        mswsockdef.h) # refuses to stand alone, as on Windows
          ! "$compiler" "${user[@]}" -fsyntax-only -x "$language" "$header" 2>/dev/null || exit 1
          continue ;;
        bits/* | experimental/*) continue ;;                                 # parts of <filesystem>
        oriel_win_winsock_calls.h | oriel_win_address_inlines.h | oriel_win_wsk_provider.h) continue ;; # parts of winsock2.h, ws2tcpip.h, wsk.h
      esac
      printf '#include <%s>\n#include <%s>\nextern int nothing;\n' "$header" "$header" >"$work/alone.$kind"
      "$compiler" "${user[@]}" "${strict[@]}" "$work/alone.$kind" || { echo "alone: $header"; exit 1; }
    done
    ;;
  names)
    "$compiler" "${user[@]}" -D_WIN32_WINNT=0x0A00 -O2 -c "$here/after.c" -o "$work/after.o"
    nm -u "$work/after.o" | awk '{print $2}' >"$work/names"
    grep -qx oriel_send "$work/names" && grep -qx oriel_WSAIoctl "$work/names"
    if grep -xE 'send|recv|select|bind|connect|gethostname|htons|inet_addr|[A-Z].*' "$work/names"; then
      echo "these calls would not reach Oriel"
      exit 1
    fi
    ;;
esac
