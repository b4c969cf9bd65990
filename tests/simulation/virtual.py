"""Virtual time, which is shipped: `flowrun sim` is made of it too."""

from flowrun.simulation.virtual import EPOCH, Stuck, VirtualClock, VirtualLoop, run

__all__ = ["EPOCH", "Stuck", "VirtualClock", "VirtualLoop", "run"]
