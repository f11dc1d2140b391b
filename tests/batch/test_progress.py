"""What is seen of a batch at work: bars, lines, calls of functions, and the line that says how to go on."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from aioturk.batch import Bonus
from aioturk.batch.progress import Meter, Progress, resume_line
from aioturk.client import Client
from aioturk.errors import InvalidRequest
from aioturk.marketplace import Marketplace
from aioturk.testing import JumpingClock

from .batches import batch_of, submissions_of, worked
from .tasks import rows

HALF = Progress(
    what="publishing",
    done=1500,
    total=3000,
    refused=12,
    rate=24.04,
    throttled=25,
    retries=31,
    cost=Decimal("1234.5"),
    eta=timedelta(seconds=62),
    elapsed=timedelta(seconds=65),
)
BARE = replace(HALF, refused=0, rate=0.0, throttled=0, retries=0, cost=Decimal(0), eta=None)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A wide terminal, for `redirect_stderr`: what a fixture makes of the stream, pytest undoes before the test."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "JPY_PARENT_PID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    return Terminal()


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A file, for the same."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    return io.StringIO()


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What is in the log by now."""
    caplog.set_level(logging.INFO, "aioturk.batch")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "aioturk.batch"]


@dataclass
class Counted:
    """What a client counts."""

    throttled: int = 0
    retries: int = 0


# Words.


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (
            HALF,
            "publishing: 1,500 of 3,000 (50 %), 12 refused, 24.0 a second, 25 throttled, 31 retries, "
            "at most $1,234.50, 1 min 2 s left",
        ),
        (BARE, "publishing: 1,500 of 3,000 (50 %)"),
        (replace(BARE, total=None), "publishing: 1,500"),
        (replace(BARE, done=0, total=0), "publishing: 0 of 0"),
        (replace(BARE, retries=1), "publishing: 1,500 of 3,000 (50 %), 1 retry"),
        (replace(BARE, rate=0.04), "publishing: 1,500 of 3,000 (50 %), 2.4 a minute"),
        (replace(BARE, done=2990, refused=9), "publishing: 2,990 of 3,000 (99 %), 9 refused"),
        (
            replace(HALF, done=2988, ended=True, throttled=0, retries=0, cost=Decimal(0)),
            "publishing: 2,988 of 3,000, 12 refused, 24.0 a second, in 1 min 5 s",
        ),
        (replace(BARE, eta=timedelta(seconds=3600)), "publishing: 1,500 of 3,000 (50 %), 1 h left"),
        (replace(BARE, eta=timedelta(days=2, hours=3, minutes=9)), "publishing: 1,500 of 3,000 (50 %), 2 d 3 h left"),
        (replace(BARE, eta=timedelta(seconds=59.6)), "publishing: 1,500 of 3,000 (50 %), 1 min left"),
        (replace(BARE, eta=timedelta(0)), "publishing: 1,500 of 3,000 (50 %), 0 s left"),
    ],
)
def test_line(progress: Progress, line: str) -> None:
    """A line has the count and what else there is to say, and nothing that is zero."""
    assert str(progress) == line


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (("publishing", 812, 1000), "812 of 1,000 rows of ages are published"),
        (("publishing", 1812, None), "1,812 rows of ages are published"),
        (("extending", 1, 2), "1 of 2 HITs of ages are extended"),
        (("approving", 1, 2), "1 of 2 assignments of ages are approved"),
        (("rejecting", 1, 2), "1 of 2 assignments of ages are rejected"),
        (("paying", 1, 2), "1 of 2 bonuses of ages are paid"),
        (("tidying", 1, 2), "1 of 2 steps of ages are done (tidying)"),
    ],
)
def test_resume_line(arguments: tuple[Any, ...], count: str) -> None:
    """It says how far the batch is, that nothing is under way, how to go on, and where it is written down."""
    assert resume_line("ages", "ages.db", *arguments) == (
        f"Stopped: {count}, nothing is under way. Run the same program again to go on; the ledger is ages.db."
    )


# A function.


class TestFunction:
    """A program is told by calls."""

    def test_what_it_is_told(self) -> None:
        """All figures are those of this piece of work, though the client has worked before."""
        clock, seen, counts = JumpingClock(), list[Progress](), Counted(throttled=100, retries=200)
        meter = Meter("approving", 40, clock, seen.append, counts)
        for _ in range(10):
            clock.advance(0.5)
            meter.step(2, refused=1, cost=Decimal("0.60"))
        counts.throttled, counts.retries = 103, 207
        clock.advance(1.0)
        meter.step(0)
        assert seen[-1] == Progress(
            what="approving",
            done=20,
            total=40,
            refused=10,
            rate=5.0,
            throttled=3,
            retries=7,
            cost=Decimal("6.00"),
            eta=timedelta(seconds=2),
            elapsed=timedelta(seconds=6),
        )

    @given(st.lists(st.floats(0, 0.5), max_size=60))
    def test_not_too_often(self, gaps: list[float]) -> None:
        """It is called at most every tenth of a second, never with less than before, and once with all of it."""
        clock, seen = JumpingClock(), list[tuple[float, Progress]]()
        with Meter("publishing", None, clock, lambda progress: seen.append((clock.monotonic(), progress))) as meter:
            for gap in gaps:
                clock.advance(gap)
                meter.step()
        times = [at for at, _ in seen[:-1]]
        assert all(later - earlier >= 0.0999 for earlier, later in zip([0.0, *times], times, strict=False))
        counts = [progress.done for _, progress in seen]
        assert counts == sorted(counts)
        assert [progress.ended for _, progress in seen] == [False] * (len(seen) - 1) + [True]
        assert counts[-1] == len(gaps)

    def test_rate_of_late(self) -> None:
        """The rate follows within seconds when things slow down, and is that of all the time in the end."""
        clock, seen = JumpingClock(), list[Progress]()
        meter = Meter("publishing", 10_000, clock, seen.append)
        for _ in range(600):
            clock.advance(0.1)
            meter.step(10)
        assert seen[-1].rate == pytest.approx(100)
        for _ in range(20):
            clock.advance(1.0)
            meter.step()
        assert seen[-1].rate == pytest.approx(1)
        assert seen[-1].eta == timedelta(seconds=10_000 - 6020)
        meter.finish()
        assert seen[-1].rate == pytest.approx(6020 / 80)

    def test_no_forecast(self) -> None:
        """Without a total, without any progress, or with one that would take years, nothing is foretold."""
        for total, steps, seconds in ((None, 5, 1.0), (5, 0, 1.0), (10**9, 1, 1e6)):
            clock, seen = JumpingClock(), list[Progress]()
            meter = Meter("publishing", total, clock, seen.append)
            clock.advance(seconds)
            meter.step(steps)
            assert seen[-1].eta is None

    def test_a_total_that_becomes_known(self) -> None:
        """The total may be set later, and may be exceeded."""
        clock, seen = JumpingClock(), list[Progress]()
        meter = Meter("publishing", None, clock, seen.append)
        meter.total = 1
        clock.advance(1)
        meter.step(2)
        assert (seen[-1].total, seen[-1].eta) == (1, timedelta(0))

    def test_its_errors_stop_nothing(self, caplog: pytest.LogCaptureFixture) -> None:
        """What it raises is logged once, with the traceback; it is not called again, and the count goes on."""
        clock, calls = JumpingClock(), list[Progress]()

        def broken(progress: Progress) -> None:
            calls.append(progress)
            raise LookupError("no such widget")

        with Meter("publishing", 3, clock, broken) as meter:
            for _ in range(3):
                clock.advance(1)
                meter.step()
        assert len(calls) == 1
        assert meter.done == 3
        (record,) = caplog.records
        assert "will not be any more" in record.getMessage()
        assert record.exc_info is not None
        assert "no such widget" in caplog.text

    def test_its_errors_at_the_end(self, caplog: pytest.LogCaptureFixture) -> None:
        """The last call may fail as well."""

        def broken(progress: Progress) -> None:
            raise LookupError("no such widget")

        Meter("publishing", 3, JumpingClock(), broken).finish()
        assert "no such widget" in caplog.text

    def test_interrupts_get_through(self) -> None:
        """Ctrl-C during the call is no error of the function's."""

        def interrupted(progress: Progress) -> None:
            raise KeyboardInterrupt

        meter = Meter("publishing", 3, JumpingClock(), interrupted)
        with pytest.raises(KeyboardInterrupt):
            meter.finish()

    async def test_the_end_comes_once(self) -> None:
        """`finish`, and leaving the block, however it is left, are the same end."""
        seen = list[Progress]()
        with pytest.raises(LookupError):
            async with Meter("publishing", 3, JumpingClock(), seen.append) as meter:
                raise LookupError
        meter.finish()
        assert [progress.ended for progress in seen] == [True]

    async def test_options_that_are_none(self) -> None:
        """What cannot be called, and what would have to be awaited, is refused at once."""

        async def awaited(progress: Progress) -> None: ...

        for option, told in (("yes", "'yes'"), (awaited, "async")):
            with pytest.raises(InvalidRequest, match=told) as refused:
                Meter("publishing", 3, JumpingClock(), option)  # type: ignore[arg-type]
            assert refused.value.argument == "progress"


# Lines.


def work(meter: Meter, clock: JumpingClock, *, seconds: int) -> None:
    """Count one a quarter of a second."""
    with meter:
        for _ in range(4 * seconds):
            clock.advance(0.25)
            meter.step()


class TestLines:
    """Where there is no terminal, there are lines."""

    def test_in_the_log(self, file: io.StringIO, logged: Callable[[], list[str]]) -> None:
        """After 1, 2, 5 and 10 seconds, then every half minute, and at the end; nothing on the standard error."""
        with redirect_stderr(file):
            clock = JumpingClock()
            work(Meter("publishing", 400, clock), clock, seconds=100)
            counts = [line.split(" of ")[0] for line in logged()]
            assert counts == [f"publishing: {count}" for count in (4, 8, 20, 40, 160, 280, 400, 400)]
            assert logged()[-1] == "publishing: 400 of 400, 4.0 a second, in 1 min 40 s"
            assert file.getvalue() == ""

    def test_work_in_jumps(self, file: io.StringIO, logged: Callable[[], list[str]]) -> None:
        """After a long silence there is one line, not those that were missed."""
        with redirect_stderr(file):
            clock = JumpingClock()
            meter = Meter("publishing", 400, clock)
            for _ in range(3):
                clock.advance(95)
                meter.step()
                meter.step()
            assert len(logged()) == 3

    def test_asked_for(self, file: io.StringIO, logged: Callable[[], list[str]]) -> None:
        """True has the same lines on the standard error."""
        with redirect_stderr(file):
            clock = JumpingClock()
            work(Meter("publishing", 12, clock, True), clock, seconds=3)
            assert file.getvalue().splitlines() == [
                "publishing: 4 of 12 (33 %), 4.0 a second, 2 s left",
                "publishing: 8 of 12 (66 %), 4.0 a second, 1 s left",
                "publishing: 12 of 12, 4.0 a second, in 3 s",
            ]
            assert logged() == []

    def test_not_wanted(self, terminal: Terminal, logged: Callable[[], list[str]]) -> None:
        """False shows nothing anywhere."""
        with redirect_stderr(terminal):
            clock = JumpingClock()
            work(Meter("publishing", 12, clock, False), clock, seconds=3)
            assert terminal.getvalue() == ""
            assert logged() == []

    def test_without_rich(
        self, terminal: Terminal, logged: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On a terminal, too, there are lines if rich is not installed."""
        with redirect_stderr(terminal):
            monkeypatch.setitem(sys.modules, "rich.console", None)
            clock = JumpingClock()
            for count, option in enumerate((None, True), 1):
                work(Meter("publishing", 12, clock, option), clock, seconds=3)
                assert len(terminal.getvalue().splitlines()) == 3 * count
            assert logged() == []

    def test_dumb_terminal(
        self, terminal: Terminal, logged: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A terminal on which nothing can be drawn gets no bar."""
        with redirect_stderr(terminal):
            monkeypatch.setenv("TERM", "dumb")
            clock = JumpingClock()
            work(Meter("publishing", 12, clock), clock, seconds=3)
            assert len(terminal.getvalue().splitlines()) == 3
            assert logged() == []

    def test_no_standard_error(self, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], list[str]]) -> None:
        """A program without a console has the log; what it would have said to people is lost without a trace."""
        monkeypatch.setattr(sys, "stderr", None)
        clock = JumpingClock()
        work(Meter("publishing", 12, clock), clock, seconds=3)
        assert len(logged()) == 3
        meter = Meter("publishing", 12, clock, True)
        work(meter, clock, seconds=3)
        meter.say("Stopped.")
        assert len(logged()) == 3

    def test_nobody_reads(self, file: io.StringIO, caplog: pytest.LogCaptureFixture) -> None:
        """A standard error that cannot be written to stops nothing."""
        with redirect_stderr(file):
            clock = JumpingClock()
            meter = Meter("publishing", 12, clock, True)
            file.close()
            work(meter, clock, seconds=3)
            meter.say("Stopped.")
            assert meter.done == 12
            assert [record.exc_info is not None for record in caplog.records].count(True) >= 1


class TestSaying:
    """What is said to people besides."""

    @pytest.mark.parametrize("option", [None, True, [].append])
    def test_on_the_standard_error(self, file: io.StringIO, option: Any, logged: Callable[[], list[str]]) -> None:
        """It is written as a line of its own."""
        with redirect_stderr(file):
            Meter("publishing", 12, JumpingClock(), option).say("Stopped: [bold]100 %[/bold] {}.")
            assert file.getvalue() == "Stopped: [bold]100 %[/bold] {}.\n"
            assert logged() == []

    def test_where_nothing_is_to_be_shown(self, file: io.StringIO, logged: Callable[[], list[str]]) -> None:
        """With False it is in the log alone."""
        with redirect_stderr(file):
            Meter("publishing", 12, JumpingClock(), False).say("Stopped: 100 %.")
            assert file.getvalue() == ""
            assert logged() == ["Stopped: 100 %."]


# Bars.


def lines(terminal: Terminal) -> list[str]:
    """What was written to a terminal, without colours and the like."""
    from rich.text import Text

    plain = Text.from_ansi(terminal.getvalue().replace("\r", "\n")).plain
    return [line.rstrip() for line in plain.splitlines() if line.strip()]


class TestBar:
    """On a terminal there is a bar."""

    def test_it_says_everything(self, terminal: Terminal, logged: Callable[[], list[str]]) -> None:
        """It has the count, the rate, throttles, repeats, the cost and the time that is left; the log has nothing."""
        with redirect_stderr(terminal):
            clock, counts = JumpingClock(), Counted()
            with Meter("publishing", 3000, clock, None, counts) as meter:
                counts.throttled, counts.retries = 25, 31
                clock.advance(60)
                meter.step(1500, refused=12, cost=Decimal("1234.50"))
                clock.advance(60)
                meter.step(1400)
            last = lines(terminal)[-1]
            assert last.startswith("publishing")
            assert "━━━" in last
            assert "2,900 of 3,000" in last
            assert last.endswith("12 refused, 24.3 a second, 25 throttled, 31 retries, at most $1,234.50, in 2 min")
            assert logged() == []

    def test_short_work(self, terminal: Terminal) -> None:
        """Work that takes less than half a second leaves the terminal alone."""
        with redirect_stderr(terminal):
            clock = JumpingClock()
            with Meter("publishing", 10, clock) as meter:
                for _ in range(10):
                    clock.advance(0.04)
                    meter.step()
            assert terminal.getvalue() == ""

    def test_no_total(self, terminal: Terminal) -> None:
        """A bar without an end has a count."""
        with redirect_stderr(terminal):
            clock = JumpingClock()
            work(Meter("publishing", None, clock, True), clock, seconds=3)
            assert " 12 " in lines(terminal)[-1]

    def test_several_at_once(self, terminal: Terminal) -> None:
        """Two pieces of work have two bars on one display, and each leaves a line."""
        with redirect_stderr(terminal):
            clock = JumpingClock()
            meters = [Meter(what, 4, clock) for what in ("publishing", "approving")]
            for _ in range(2):
                clock.advance(1)
                for meter in meters:
                    meter.step()
            meters[0].finish()
            clock.advance(1)
            meters[1].step(2)
            meters[1].finish()
            (published, approved) = lines(terminal)[-2:]
            assert published.startswith("publishing")
            assert "2 of 4" in published
            assert approved.startswith("approving")
            assert "4 of 4" in approved

    def test_saying_something_meanwhile(self, terminal: Terminal) -> None:
        """What is said stands above the bar, word by word."""
        with redirect_stderr(terminal):
            clock = JumpingClock()
            with Meter("publishing", 4, clock) as meter:
                clock.advance(1)
                meter.step()
                meter.say("Stopped: 1 of 4 rows.")
            written = lines(terminal)
            assert "Stopped: 1 of 4 rows." in written
            assert written[-1].startswith("publishing")

    def test_the_terminal_is_given_back(self, terminal: Terminal) -> None:
        """After the end, and after an error, the cursor is shown and the streams are what they were."""
        with redirect_stderr(terminal):
            stdout = sys.stdout
            clock = JumpingClock()
            with suppress(LookupError), Meter("publishing", 4, clock) as meter:
                clock.advance(1)
                meter.step()
                raise LookupError
            assert sys.stdout is stdout
            assert sys.stderr is terminal
            assert terminal.getvalue().rindex("\x1b[?25h") > terminal.getvalue().rindex("\x1b[?25l")

    def test_a_terminal_that_fails(
        self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A bar that cannot be drawn is given up, and the next piece of work tries again."""
        with redirect_stderr(terminal):

            def fail(console: Console, *args: object, **kwargs: object) -> None:
                raise OSError("the terminal is gone")

            clock = JumpingClock()
            with monkeypatch.context() as patch:
                patch.setattr(Console, "set_live", fail)
                with Meter("publishing", 4, clock) as meter:
                    clock.advance(1)
                    meter.step(4)
            assert meter.done == 4
            assert "the terminal is gone" in caplog.text
            work(Meter("publishing", 12, clock), clock, seconds=3)
            assert "12 of 12" in lines(terminal)[-1]


# What a batch shows.


async def test_rows_that_cannot_be_published_are_counted(mturk: Client, tmp_path: Path) -> None:
    """At the end, done and refused together are all that there were."""
    told: list[Progress] = []
    async with batch_of(mturk, str(tmp_path / "ledger.db"), progress=told.append) as batch:
        await batch.upload([*rows(7), *({"x": str(number)} for number in range(3))])
    assert (told[-1].done, told[-1].refused, told[-1].total) == (7, 3, 10)


async def test_the_totals_of_a_batch(mturk: Client, market: Marketplace, tmp_path: Path) -> None:
    """Approving, paying, extending and a file of decisions say how much there is to do, and show themselves once."""
    told: list[Progress] = []

    def ended() -> list[tuple[str, int, int | None]]:
        found = [(one.what, one.done, one.total) for one in told if one.ended]
        told.clear()
        return found

    async with batch_of(mturk, str(tmp_path / "ledger.db"), progress=told.append) as batch:
        await batch.upload(rows(4))
        await worked(market, 1)
        assert ended() == [("publishing", 4, 4)]
        await batch.extend(max_assignments=3)
        assert ended() == [("extending", 4, 4)]
        given = await submissions_of(batch)
        await batch.bonus_all([Bonus(one.assignment_id, "0.01", "Good") for one in given])
        assert ended() == [("paying", 4, 4)]
        lines = [f"{given[0].assignment_id},X,", f"{given[1].assignment_id},,No."]
        (tmp_path / "review.csv").write_text("\n".join(["AssignmentId,Approve,Reject", *lines]))
        await batch.review(tmp_path / "review.csv")
        assert ended() == [("reviewing", 2, 2)]
        await batch.approve_all()
        assert ended() == [("approving", 2, 2)]
