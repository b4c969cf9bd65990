"""`python -m flowrun.emulator`: what `daemon.ensure` starts. People use `flowrun emulator`."""

from __future__ import annotations

from flowrun.emulator.daemon import main

if __name__ == "__main__":
    main()
