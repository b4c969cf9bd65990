"""The simulated Orchestrator, which is shipped: `flowrun sim` is made of it too."""

from flowrun.simulation.orchestrator import Call, SimJob, World
from flowrun.simulation.weather import DEADLINE, LAG, LATEST, Weather

__all__ = ["DEADLINE", "LAG", "LATEST", "Call", "SimJob", "Weather", "World"]
