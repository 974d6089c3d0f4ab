# Four processes on this machine.
seq 4 | xargs -P 4 -I{} wbimg convert data -o out --shard {}/4
