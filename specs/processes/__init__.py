"""The programs that the robots of this folder run: plain Python, JSON in, JSON out."""
