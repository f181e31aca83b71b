"""What a worker does when the log is out of reach, and when a job fails in a way that it must not."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Struct

from serving.log import Log
from serving.problems import Problem
from serving.turn import Memory, Turn
from serving.worker import Worker
from serving.writing import Answer, WriteJob, idempotency
from torwart.events import Blocked
from torwart.features.rows import pair_key


class Done(Struct):
    seq: int


class Look:
    """A job that can do without the log."""

    message_id = ""

    def run(self, turn: Turn) -> str:
        return f"at {turn.memory.seq}"

    def run_degraded(self, memory: Memory, now_us: int, trouble: str) -> str:  # noqa: ARG002
        return f"degraded at {memory.seq}"


def block(person: str) -> Callable[[Turn], tuple[int, Struct]]:
    def change(turn: Turn) -> tuple[int, Struct]:
        return 200, Done(turn.append(Blocked("biz", person), turn.now_us).seq)

    return change


def worker_at(folder: Path) -> Worker:
    worker = Worker(Log(folder / "db"))
    worker.log.execute("PRAGMA busy_timeout = 20")
    return worker


def test_jobs_of_one_moment_share_a_turn_and_see_each_other(tmp_path: Path) -> None:
    async def run() -> list[Answer]:
        worker = worker_at(tmp_path)
        return list(await asyncio.gather(*(worker.submit(WriteJob(block(f"u{i}"))) for i in range(5))))

    assert [answer.body for answer in asyncio.run(run())] == [b'{"seq":%d}' % i for i in range(1, 6)]


def test_while_the_log_is_locked_reading_goes_on_writing_is_refused_and_afterwards_all_is_well(tmp_path: Path) -> None:
    async def run() -> None:
        worker = worker_at(tmp_path)
        await worker.submit(WriteJob(block("before")))
        other = sqlite3.connect(tmp_path / "db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        look, write = worker.submit(Look()), worker.submit(WriteJob(block("during")))
        assert await look == "degraded at 1"
        with pytest.raises(Problem) as refused:
            await write
        assert (refused.value.status, refused.value.code) == (503, "log_unreachable")
        assert "locked" in worker.trouble()
        assert not worker.reachable
        other.execute("ROLLBACK")
        assert worker.trouble(), "it is asked again once a second, not sooner"
        await asyncio.sleep(1.05)
        assert worker.trouble() == ""
        assert await worker.submit(Look()) == "at 1"
        assert worker.reachable
        assert pair_key("biz", "before") in worker.memory.registers.blocked
        assert pair_key("biz", "during") not in worker.memory.registers.blocked

    asyncio.run(run())


def test_a_commit_that_fails_leaves_no_trace_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        worker = worker_at(tmp_path)

        def full() -> None:
            raise sqlite3.OperationalError("database or disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(worker.log, "commit", full)
            with pytest.raises(Problem, match="disk is full"):
                await worker.submit(WriteJob(block("u")))
        assert await worker.submit(Look()) == "degraded at 0"
        assert not worker.memory.registers.blocked
        await asyncio.sleep(1.05)
        assert await worker.submit(Look()) == "at 0"

    asyncio.run(run())


def test_a_job_that_breaks_hurts_itself_alone(tmp_path: Path) -> None:
    def broken(turn: Turn) -> tuple[int, Struct]:
        turn.append(Blocked("biz", "half"), turn.now_us)
        raise RuntimeError("a fault of ours")

    async def run() -> None:
        worker = worker_at(tmp_path)
        good, bad, last = (worker.submit(WriteJob(change)) for change in (block("a"), broken, block("b")))
        assert (await good).body == b'{"seq":1}'
        with pytest.raises(Problem) as problem:
            await bad
        assert problem.value.status == 503
        assert (await last).body == b'{"seq":2}'
        assert pair_key("biz", "half") not in worker.memory.registers.blocked

    asyncio.run(run())


def test_a_retry_under_the_same_key_gets_the_first_answer(tmp_path: Path) -> None:
    async def run() -> None:
        worker = worker_at(tmp_path)
        answers = [
            await worker.submit_durably(WriteJob(block("u"), idempotency("key", "once", b"same"))) for _ in range(3)
        ]
        assert {answer.body for answer in answers} == {b'{"seq":1}'}
        with pytest.raises(Problem, match="another request"):
            await worker.submit(WriteJob(block("u"), idempotency("key", "once", b"other")))
        assert (await worker.submit(WriteJob(block("u"), idempotency("other", "once", b"same")))).body == b'{"seq":2}'

    asyncio.run(run())


def test_two_workers_follow_each_other(tmp_path: Path) -> None:
    async def run() -> None:
        one, two = worker_at(tmp_path), worker_at(tmp_path)
        await one.submit(WriteJob(block("a")))
        assert (await two.submit(WriteJob(block("b")))).body == b'{"seq":2}'
        await one.submit(Look())
        assert pair_key("biz", "b") in one.memory.registers.blocked

    asyncio.run(run())


def test_the_logs_clock_never_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        worker = worker_at(tmp_path)
        for now in (5_000_000, 1_000_000, 7_000_000):
            monkeypatch.setattr("serving.worker.now_us", lambda now=now: now)
            await worker.submit(WriteJob(block(f"u{now}")))
        assert [record.received_at_us for record in worker.log.after(0)] == [5_000_000, 5_000_000, 7_000_000]

    asyncio.run(run())
