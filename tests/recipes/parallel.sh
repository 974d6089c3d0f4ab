# GNU parallel; with --sshlogin, on other machines that see the same folders.
parallel -j 4 wbimg convert data -o out --shard {}/4 ::: 1 2 3 4
