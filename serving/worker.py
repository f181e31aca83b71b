"""The imperative shell around the core: takes jobs, gives each its turn at the log, answers after the commit.

Jobs that wait at the same moment share one transaction (group commit). Everything here runs on the event loop's
thread; only the sync to disk and checkpoints do not.
"""

import asyncio
import logging
import sqlite3
import sys
import time
from collections.abc import Sequence
from typing import Any, Final, Protocol, TypeVar

from serving import metrics, snapshots
from serving.log import Log, LogFileError, checkpoint
from serving.problems import Problem, internal, unreachable
from serving.turn import Memory, Turn

_LOGGER = logging.getLogger("torwart.worker")
_CHECKPOINT_EVERY_S: Final = 1.0
_TRY_AGAIN_S: Final = 1.0
_SNAPSHOT_LOOK_S: Final = 5.0

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


Outcome = tuple[Any, Problem | None]


class Job(Protocol[T_co]):
    """Something to do in a turn."""

    message_id: str
    """The message whose earlier event the job wants to know of, or an empty string."""

    def run(self, turn: Turn) -> T_co:
        """Do it. A :class:`Problem` is the answer to this job alone; it must be raised before anything is written."""
        ...

    def run_degraded(self, memory: Memory, now_us: int, trouble: str) -> T_co:
        """Do without the log what can be done without it; raises :class:`Problem` where nothing can."""
        ...


def now_us() -> int:
    """The wall clock, µs since 1970."""
    return time.time_ns() // 1000


class Worker:
    """One process's hold on the log."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.memory = Memory()
        self.reachable = True
        """Whether the last turn could be written."""
        self._waiting: list[tuple[Job[Any], asyncio.Future[Any]]] = []
        self._in_doubt = False
        self._trouble = ""
        self._try_again_at = 0.0
        self._data_version = -1
        self._running_sync: asyncio.Future[None] | None = None
        self._next_sync: asyncio.Future[None] | None = None
        self._housekeeping: list[asyncio.Task[None]] = []
        self._next_snapshot = 0
        try:
            log.begin()
            self._rebuild()
            log.rollback()
        except sqlite3.Error as error:
            raise LogFileError(f"{log.path} cannot be read: {error}") from error

    def start(self) -> None:
        """Begin the housekeeping that goes on beside requests; needs a running event loop."""
        loop = asyncio.get_running_loop()
        self._next_snapshot = self.memory.seq + snapshots.EVERY
        self._housekeeping = [
            loop.create_task(self._keep_checkpointing()),
            loop.create_task(self._keep_taking_snapshots()),
        ]

    async def stop(self) -> None:
        """End the housekeeping and let go of the log."""
        for task in self._housekeeping:
            task.cancel()
        await asyncio.to_thread(self.log.sync)
        self.log.close()

    def submit(self, job: Job[T]) -> "asyncio.Future[T]":
        """Give a job its turn. The future is done once what the job wrote would survive the end of the process."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._waiting:
            # One more round of the loop: requests whose bytes have arrived meanwhile share the transaction.
            loop.call_soon(loop.call_soon, self._take_turn)
        self._waiting.append((job, future))
        return future

    async def submit_durably(self, job: Job[T]) -> T:
        """Like :meth:`submit`, and what the job wrote also survives the end of power."""
        result = await self.submit(job)
        try:
            await self._synced()
        except OSError as error:
            raise unreachable(str(error)) from error
        return result

    def trouble(self) -> str:
        """What keeps the log from being written, or an empty string; asks the log at most once a second."""
        if not self.reachable and time.monotonic() >= self._try_again_at:
            self._take(())
        return self._trouble

    def catch_up(self) -> None:
        """Follow what other processes have committed. Raises ``sqlite3.Error`` when the log is out of reach."""
        version = self.log.data_version()
        if version == self._data_version and not self._in_doubt:
            return
        if self._in_doubt:
            self._rebuild()
        for record in self.log.after(self.memory.seq):
            self.memory.apply(record)
        self._data_version = version

    def _rebuild(self) -> None:
        """Make the memory a fold of the committed log, from the last snapshot; inside a transaction, so that the folds
        and the registers are of the same moment."""
        memory = Memory()
        memory.state = snapshots.resumed(self.log)
        snapshots.replay(self.log, memory.state)
        memory.seq = memory.state.applied
        memory.registers.load(self.log)
        _, memory.received_at_us = self.log.last()
        self.memory = memory
        self._in_doubt = False
        self._data_version = -1

    def _take_turn(self) -> None:
        waiting, self._waiting = self._waiting, []
        started = time.perf_counter()
        outcomes = self._outcomes([job for job, _ in waiting])
        metrics.TURN_SECONDS.observe(time.perf_counter() - started)
        metrics.TURN_JOBS.observe(len(waiting))
        for (_, future), (result, error) in zip(waiting, outcomes, strict=True):
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

    def _outcomes(self, jobs: Sequence[Job[Any]]) -> list[Outcome]:
        """Result or error of each job; the jobs' events are committed when this returns, or none of them is."""
        if not self.reachable and time.monotonic() < self._try_again_at:
            return self._without_log(jobs)
        return self._take(jobs)

    def _take(self, jobs: Sequence[Job[Any]]) -> list[Outcome]:
        try:
            if not self.reachable:
                self.log.try_to_write()
            self.log.begin()
            self.catch_up()
            turn = Turn(self.log, self.memory, now_us())
            turn.look_up([job.message_id for job in jobs if job.message_id])
            # From the first job on, the memory may hold what is not committed.
            self._in_doubt = True
            outcomes = [_outcome(job, turn) for job in jobs]
            self.log.append(turn.appended)
            self.log.commit()
            self._in_doubt = False
        except sqlite3.Error as error:
            self._lose(error)
            return self._without_log(jobs)
        except Exception:
            # A fault of ours. Nothing of this turn happened, and the memory must not say otherwise.
            self._restore()
            if len(jobs) > 1:
                return [outcome for job in jobs for outcome in self._take([job])]
            _LOGGER.exception("a job failed in a way that it must not")
            return [(None, internal())]
        if not self.reachable:
            _LOGGER.warning("the log is within reach again")
            self.log.wait(patient=True)
        self.reachable = True
        self._trouble = ""
        return outcomes

    def _lose(self, error: sqlite3.Error) -> None:
        """Note that the log is out of reach. Nobody waits for it from now on; it is tried again every second."""
        if self.reachable:
            _LOGGER.error("the log is out of reach (%s); scoring goes on without recording", error)
        self.reachable = False
        self._trouble = str(error)
        self._restore()
        self._try_again_at = time.monotonic() + _TRY_AGAIN_S

    def _restore(self) -> None:
        """Undo the turn in progress, and what of it the memory holds."""
        try:
            self.log.rollback()
            self.log.wait(patient=self.reachable)
            if self._in_doubt:
                self.log.execute("BEGIN")
                self._rebuild()
                self.log.rollback()
        except sqlite3.Error as error:
            _LOGGER.error("the log cannot even be read (%s); the memory stays in doubt", error)

    def _without_log(self, jobs: Sequence[Job[Any]]) -> list[Outcome]:
        metrics.DEGRADED_TURNS.inc()
        return [_degraded_outcome(job, self.memory, self._trouble) for job in jobs]

    async def _synced(self) -> None:
        """Return after a sync that began after this call; callers that wait together share one."""
        if self._next_sync is None:
            self._next_sync = asyncio.ensure_future(self._sync_after(self._running_sync))
        await asyncio.shield(self._next_sync)

    async def _sync_after(self, running: "asyncio.Future[None] | None") -> None:
        if running is not None:
            await asyncio.wait([running])
        # Whoever commits from here on may be too late for this sync and asks for another.
        self._running_sync, self._next_sync = self._next_sync, None
        await asyncio.to_thread(self.log.sync)

    async def _keep_checkpointing(self) -> None:
        while True:
            await asyncio.sleep(_CHECKPOINT_EVERY_S)
            try:
                await asyncio.to_thread(checkpoint, self.log.path)
            except sqlite3.Error as error:
                _LOGGER.warning("checkpoint put off: %s", error)

    async def _keep_taking_snapshots(self) -> None:
        """Have a snapshot taken whenever the log has grown enough: by another process, since copying the state would
        hold up whoever waits for an answer. Of several workers the first to ask is served."""
        while True:
            await asyncio.sleep(_SNAPSHOT_LOOK_S)
            if self.memory.seq < self._next_snapshot:
                continue
            self._next_snapshot = self.memory.seq + snapshots.EVERY
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "serving.snapshots", str(self.log.path), stderr=asyncio.subprocess.PIPE
            )
            _, said = await process.communicate()
            if process.returncode:
                _LOGGER.warning("%s", said.decode(errors="replace").strip().rpartition("\n")[2])


def _outcome(job: Job[Any], turn: Turn) -> Outcome:
    try:
        return job.run(turn), None
    except Problem as problem:
        return None, problem


def _degraded_outcome(job: Job[Any], memory: Memory, trouble: str) -> Outcome:
    try:
        return job.run_degraded(memory, now_us(), trouble), None
    except Problem as problem:
        return None, problem
