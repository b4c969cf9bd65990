"""The version, alone in its file so that `--version` reads nothing else."""

VERSION = "0.1.0"
