"""What the service tells Prometheus about itself."""

from typing import Final

from prometheus_client import Counter, Histogram

_FAST: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)

DECISIONS = Counter("torwart_decisions_total", "Messages scored, by action and who decided.", ("action", "cause"))
EVENTS = Counter("torwart_events_total", "Events taken in through the API, by kind.", ("kind",))
PROBLEMS = Counter("torwart_problems_total", "Requests answered with a problem, by code.", ("code",))
TURN_SECONDS = Histogram("torwart_turn_seconds", "Time of one transaction with its jobs.", buckets=_FAST)
TURN_JOBS = Histogram("torwart_turn_jobs", "Jobs that shared one transaction.", buckets=(1, 2, 4, 8, 16, 32, 64, 128))
DEGRADED_TURNS = Counter("torwart_degraded_turns_total", "Turns during which the log was out of reach.")
