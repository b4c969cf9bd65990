"""The command line: words in, one use case of `flowrun.api`, an answer out. stdout is data, stderr everything else."""
