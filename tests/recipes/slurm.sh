#!/bin/sh
#SBATCH --array=0-3
#SBATCH --cpus-per-task=1
wbimg convert data -o out -j "${SLURM_CPUS_PER_TASK:-1}" \
    --shard "$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN + 1))/$SLURM_ARRAY_TASK_COUNT"
