"""The imperative shell around the core: takes jobs, gives each its turn at the log, answers after the commit.

Jobs that wait at the same moment share one transaction (group commit). Everything here runs on the event loop's
thread; only the sync to disk and checkpoints do not.
"""

import asyncio
import logging
import sqlite3
import time
from typing import Any, Final, Protocol, TypeVar

from serving import metrics
from serving.log import Log, checkpoint
from serving.problems import Problem, unreachable
from serving.turn import Memory, Turn
from torwart.features.rows import unpack

_LOGGER = logging.getLogger("torwart.worker")
_REPLAY_ROWS: Final = 100_000
_CHECKPOINT_EVERY_S: Final = 1.0

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

    def run_degraded(self, memory: Memory, now_us: int, error: Exception) -> T_co:
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
        self._data_version = -1
        self._running_sync: asyncio.Future[None] | None = None
        self._next_sync: asyncio.Future[None] | None = None
        self._checkpoints: asyncio.Task[None] | None = None
        log.begin()
        self._rebuild()
        log.rollback()

    def start(self) -> None:
        """Begin the housekeeping that goes on beside requests; needs a running event loop."""
        self._checkpoints = asyncio.get_running_loop().create_task(self._keep_checkpointing())

    async def stop(self) -> None:
        """End the housekeeping and let go of the log."""
        if self._checkpoints is not None:
            self._checkpoints.cancel()
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

    def probe(self) -> str:
        """What keeps the log from being written now, or an empty string. Readiness asks this."""
        try:
            self.log.try_to_write()
        except sqlite3.Error as error:
            return str(error)
        return ""

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
        """Make the memory a fold of the committed log, from its beginning; inside a transaction, so that the folds
        and the registers are of the same moment."""
        memory = Memory()
        while rows := self.log.folds_after(memory.seq, _REPLAY_ROWS):
            memory.state.advance(unpack(b"".join(fold for _, fold in rows)))
            memory.seq = rows[-1][0]
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

    def _outcomes(self, jobs: list[Job[Any]]) -> list[Outcome]:
        """Result or error of each job; the jobs' events are committed when this returns, or none of them is."""
        try:
            self.log.begin()
            self.catch_up()
            turn = Turn(self.log, self.memory, now_us())
            turn.look_up([job.message_id for job in jobs if job.message_id])
            outcomes = [_outcome(job, turn) for job in jobs]
            self.log.append(turn.appended)
            self.log.commit()
        except sqlite3.Error as error:
            return self._without_log(jobs, error)
        except Exception:
            # A fault of ours. Nothing of this turn happened, though the memory says otherwise.
            self._in_doubt = True
            self.log.rollback()
            if len(jobs) > 1:
                return [outcome for job in jobs for outcome in self._outcomes([job])]
            _LOGGER.exception("a job failed in a way that it must not")
            return [(None, Problem(503, "internal_error", "Torwart failed to handle this request; it is in the log."))]
        if not self.reachable:
            _LOGGER.warning("the log is within reach again")
        self.reachable = True
        return outcomes

    def _without_log(self, jobs: list[Job[Any]], error: sqlite3.Error) -> list[Outcome]:
        if self.reachable:
            _LOGGER.error("the log is out of reach (%s); scoring goes on without recording", error)
        self.reachable = False
        self._in_doubt = True
        metrics.DEGRADED_TURNS.inc()
        try:
            self.log.rollback()
        except sqlite3.Error as second:
            _LOGGER.error("the failed turn could not be rolled back: %s", second)
        return [_degraded_outcome(job, self.memory, error) for job in jobs]

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


def _outcome(job: Job[Any], turn: Turn) -> Outcome:
    try:
        return job.run(turn), None
    except Problem as problem:
        return None, problem


def _degraded_outcome(job: Job[Any], memory: Memory, error: sqlite3.Error) -> Outcome:
    try:
        return job.run_degraded(memory, now_us(), error), None
    except Problem as problem:
        return None, problem
