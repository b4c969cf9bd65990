"""What every kind of step must do. All of it happens in virtual time, in a world that outlives any process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

from flowrun.core.plan import Json, Step
from flowrun.core.status import Cancelled, Failed, Outcome, Phase, Succeeded
from flowrun.simulation.virtual import run
from flowrun.steps.protocol import Attempt, Preflight, Started, StepKind


class StepKindContract:
    """Subclasses say how a kind is made and what a good and a bad attempt look like."""

    def world(self) -> Callable[[], StepKind]:
        """A new world; each call of what it gives is another process in it."""
        raise NotImplementedError

    def good(self) -> Attempt:
        """An attempt that succeeds, after more than 5 and less than 500 virtual seconds."""
        raise NotImplementedError

    def bad(self) -> Attempt:
        """An attempt whose arguments cannot be carried out."""
        raise NotImplementedError

    def test_it_has_a_name(self) -> None:
        assert self.world()().name

    def test_it_runs_from_start_to_end(self) -> None:
        async def story(process: Callable[[], StepKind]) -> None:
            kind, attempt = process(), self.good()
            phases: list[tuple[Phase, str]] = []
            outcome = await kind.wait(attempt, await begun(kind, attempt), lambda *seen: phases.append(seen))
            assert isinstance(outcome, Succeeded)
            assert json.loads(json.dumps([dict(outcome.outputs), outcome.facts])) == [outcome.outputs, outcome.facts]
            assert phases
            assert all(isinstance(phase, Phase) and isinstance(word, str) for phase, word in phases)

        self.tell(story)

    def test_another_process_goes_on_from_the_handle(self) -> None:
        async def story(process: Callable[[], StepKind]) -> None:
            first, attempt = process(), self.good()
            handle = await begun(first, attempt)
            waiting = asyncio.create_task(first.wait(attempt, handle, ignore))
            await asyncio.sleep(1.0)
            waiting.cancel()
            await asyncio.wait({waiting})
            assert isinstance(await process().wait(attempt, handle, ignore), Succeeded)

        self.tell(story)

    def test_a_start_of_unknown_fate_is_settled(self) -> None:
        async def story(process: Callable[[], StepKind]) -> None:
            attempt = self.good()
            await begun(process(), attempt)
            again = process()
            handle = await begun(again, replace(attempt, recheck=True))
            assert isinstance(await again.wait(attempt, handle, ignore), Succeeded)

        self.tell(story)

    def test_nothing_starts_without_permission(self) -> None:
        async def story(process: Callable[[], StepKind]) -> None:
            assert isinstance(await process().start(self.good(), lambda: False), Cancelled)

        self.tell(story)

    def test_adopting_what_was_never_started(self) -> None:
        async def story(process: Callable[[], StepKind]) -> None:
            answer = await process().start(replace(self.good(), adopt_only=True), lambda: False)
            assert isinstance(answer, Cancelled)

        self.tell(story)

    def test_a_stop_ends_it(self) -> None:
        async def story(process: Callable[[], StepKind]) -> None:
            for force in (False, True):
                kind, attempt = process(), replace(self.good(), number=1 + force)
                handle = await begun(kind, attempt)
                waiting = asyncio.create_task(kind.wait(attempt, handle, ignore))
                await asyncio.sleep(1.0)
                await kind.stop(attempt, handle, force=force)
                await kind.stop(attempt, handle, force=force)
                outcome: Outcome = await waiting
                assert not isinstance(outcome, Succeeded)

        self.tell(story)

    def test_a_stop_may_come_before_the_wait(self) -> None:
        async def story(process: Callable[[], StepKind]) -> None:
            kind, attempt = process(), self.good()
            handle = await begun(kind, attempt)
            await kind.stop(attempt, handle, force=True)
            assert not isinstance(await kind.wait(attempt, handle, ignore), Succeeded)

        self.tell(story)

    def test_a_stop_after_the_end_returns(self) -> None:
        async def story(process: Callable[[], StepKind]) -> None:
            kind, attempt = process(), self.good()
            handle = await begun(kind, attempt)
            await kind.wait(attempt, handle, ignore)
            await kind.stop(attempt, handle, force=False)

        self.tell(story)

    def test_bad_arguments_are_an_outcome(self) -> None:
        async def story(process: Callable[[], StepKind]) -> None:
            answer = await process().start(self.bad(), lambda: True)
            assert isinstance(answer, Failed)
            assert answer.message

        self.tell(story)

    def test_check_starts_nothing_and_finds_nothing_in_a_good_step(self) -> None:
        async def story(process: Callable[[], StepKind]) -> None:
            kind, attempt = process(), self.good()
            seen = await kind.check([Step(attempt.step_id, kind.name, attempt.arguments)])
            assert isinstance(seen, Preflight)
            assert seen.findings == ()
            answer = await kind.start(replace(attempt, adopt_only=True), lambda: False)
            assert isinstance(answer, Cancelled)

        self.tell(story)

    def tell(self, story: Callable[[Callable[[], StepKind]], Awaitable[None]]) -> None:
        """Let it happen in a world of its own. It must end, and leave no task behind that it waits for."""

        async def happen() -> None:
            await story(self.world())

        run(happen(), longest=100_000.0)


async def begun(kind: StepKind, attempt: Attempt) -> Json:
    """The handle of a start that works, as it comes back from a journal."""
    answer = await kind.start(attempt, lambda: True)
    assert isinstance(answer, Started)
    return json.loads(json.dumps(answer.handle))


def ignore(phase: Phase, word: str) -> None:
    del phase, word
