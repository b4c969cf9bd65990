"""The emulator keeps the contract, at each of its addresses; so does a tenant, where the environment names one.

For a tenant set ORCHESTRATOR_CONTRACT_URL (up to and with `/orchestrator_`), _TOKEN, _FOLDER, _QUICK, and if you have
them _ARGUMENTS, _SLOW and _BROKEN.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.contracts.orchestrator")

from tests.contracts.orchestrator import OrchestratorContract, Target  # noqa: E402 - its asserts are rewritten above

CATALOG = """
robots: 3
releases:
  Quick:
    builtin: echo
    input: {in_Text: {type: string, required: true}}
  Slow: {builtin: sleep, seconds: 600}
  Broken: {builtin: fail}
"""
SERVE = """
import sys
from pathlib import Path
from flowrun.emulator.server import serve
serve(Path(sys.argv[1]), ready=lambda emulator: print(emulator.url, emulator.token, emulator.folder, flush=True))
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """URL, token and folder of an emulator in a process of its own."""
    catalog: Path = tmp_path_factory.mktemp("contract") / "emulator.yaml"
    catalog.write_text(CATALOG)
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(catalog)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url, token, folder = process.stdout.readline().split()
    yield url, token, folder
    process.terminate()
    process.communicate()


class TestEmulator(OrchestratorContract):
    @pytest.fixture(params=["/orchestrator_", ""], ids=["cloud", "older cloud"])
    def target(self, address: tuple[str, str, str], request: pytest.FixtureRequest) -> Target:
        url, token, folder = address
        return Target(f"{url}{request.param}", token, folder, "Quick", '{"in_Text": "é"}', "Slow", "Broken", 0.01)


class TestStandaloneEmulator(OrchestratorContract):
    @pytest.fixture
    def target(self, address: tuple[str, str, str]) -> Target:
        url, token, folder = address
        root = url.removesuffix("/local/default")
        return Target(root, token, folder, "Quick", '{"in_Text": ""}', "Slow", "Broken", 0.01)


@pytest.mark.skipif("ORCHESTRATOR_CONTRACT_URL" not in os.environ, reason="no tenant is named in the environment")
class TestTenant(OrchestratorContract):
    @pytest.fixture
    def target(self) -> Target:
        given = {
            name: os.environ.get(f"ORCHESTRATOR_CONTRACT_{name}", "")
            for name in ("URL", "TOKEN", "FOLDER", "QUICK", "ARGUMENTS", "SLOW", "BROKEN")
        }
        return Target(
            given["URL"].rstrip("/"),
            given["TOKEN"],
            given["FOLDER"],
            given["QUICK"],
            given["ARGUMENTS"] or "{}",
            given["SLOW"],
            given["BROKEN"],
        )
