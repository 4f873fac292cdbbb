#!/bin/sh
# One shard for each rank; no MPI library is used, the launcher alone says who is who.
#
#   MODEL=pets.onnx LIST=files.txt ROWS=rows mpirun -n 4 deploy/slurm/mpirun.sh
set -eu
: "${MODEL:?the ONNX file}" "${LIST:?a file with the path of an image on each line}" "${ROWS:?a folder}"
exec "${TV2ONNX:-tv2onnx}" predict "$MODEL" --list "$LIST" --shard auto -o "$ROWS" \
  --threads "${THREADS:-1}"
