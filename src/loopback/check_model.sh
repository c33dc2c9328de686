#!/bin/sh
# check_model.sh SPIN CC MODEL FOLDER [VARIANT]: checks a Promela model exhaustively. With a VARIANT, which leaves
# one rule of the protocol out, the model has to fail: a model that cannot fail proves nothing.
set -eu
spin=$1 cc=$2 model=$3 folder=$4 variant=${5:-}
mkdir -p "$folder"
cd "$folder"
rm -f ./*.trail
"$spin" ${variant:+-D"$variant"} -a "$model"
"$cc" -O2 -w -DNOREDUCE -o pan pan.c
./pan -m200000 -a > report.txt 2>&1 || true
tail -n 40 report.txt
errors=$(sed -n 's/.*errors: \([0-9][0-9]*\).*/\1/p' report.txt)
if grep -q 'max search depth too small' report.txt; then echo 'the search was cut off'; exit 1; fi
if [ -n "$variant" ]; then
  [ "${errors:-0}" -gt 0 ] || { echo "without $variant's rule the model still holds"; exit 1; }
else
  [ "${errors:-1}" -eq 0 ] || exit 1
fi
