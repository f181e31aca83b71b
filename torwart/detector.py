"""The detector: a loaded model, ready to score and to explain."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from torwart.entities import Case, ConsentState, JsonObject, Reason, Verdict
from torwart.features.catalogue import POSITION
from torwart.features.rows import MESSAGE, pack, unpack
from torwart.features.state import FoldState
from torwart.features.vector import Prepared, prepare, vector
from torwart.flat import completed, from_flat, text_message
from torwart.model.artifact import Model, load
from torwart.model.explain import GROUPS, N_TOPICS, Audience, reasons
from torwart.model.manifest import Manifest
from torwart.model.pair import Pair
from torwart.policy import Circumstances, Policy
from torwart.request import RequestError, case_of, convert_request
from torwart.text.classifier import TextClassifier

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS: Final = ("score", "wanted", "unsolicited", "fraud", "action", "error")
"""The columns of :meth:`Detector.score`."""


class Detector:
    """A model that scores and explains: ``Detector.load("models/champion")``. Immutable; threads may share it."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._heads = Pair.of(model.unwanted.trees, model.fraud.trees)

    @classmethod
    def load(cls, path: Path | str) -> "Detector":
        """The detector of the model folder at ``path``.

        Raises :class:`~torwart.model.error.ModelError` for a folder that is damaged or does not fit this Torwart.
        """
        return cls(load(path))

    @property
    def manifest(self) -> Manifest:
        """Where the model comes from and what it was measured at."""
        return self.model.manifest

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.manifest.name

    @property
    def version(self) -> str:
        """The model's version."""
        return self.model.manifest.version

    @property
    def text(self) -> TextClassifier:
        """The text classifier, which judges a text alone."""
        return self.model.text

    def __repr__(self) -> str:
        return f"<Detector {self.name} {self.version}>"

    def prepare(self, case: Case, now_us: int) -> Prepared:
        """Everything about a case that needs no history, as of ``now_us`` (µs since 1970)."""
        if case.message.text_withheld:
            return prepare(case, None, now_us)
        return prepare(case, self.model.text.evidence(case.message.text), now_us)

    def judge(
        self,
        prepared: Prepared,
        folded: NDArray[np.float64] | None,
        *,
        with_reasons: bool = True,
        audience: Audience = "moderator",
        limit: int = 5,
    ) -> Verdict:
        """What the model says of a prepared case.

        ``folded`` comes from ``FoldState.read``; ``None`` where no history is kept. At most ``limit`` reasons are
        given, and a ``sender`` is not told what recipients did.
        """
        x = vector(prepared, folded)
        unwanted, fraud = self.model.unwanted, self.model.fraud
        why: tuple[Reason, ...] = ()
        if with_reasons:
            credit = np.empty(N_TOPICS)
            log_odds, log_odds_fraud = self._heads.contributions(x, GROUPS, credit)
            credit *= unwanted.slope
            why = reasons(credit.tolist(), x.tolist(), audience=audience, limit=limit)
        else:
            log_odds, log_odds_fraud = self._heads.log_odds(x)
        return Verdict(unwanted.probability(log_odds), fraud.probability(log_odds_fraud), why)

    def score(self, frame: "DataFrame", state: FoldState | None = None) -> "DataFrame":
        """Score each row of a frame: a request, in columns named by JSON path as ``pandas.json_normalize`` names them.

        ``sender.id``, ``message.text.body``, ``context.consent.state`` …; or a column ``message`` of objects or JSON,
        or a column ``text``. Missing ids and times are filled in neutrally (see ``torwart.flat``). Without ``state``,
        which is only read, the senders' history is missing.

        Returns a frame with the same index: ``score`` (calibrated P(unwanted)), ``wanted``, ``unsolicited``, ``fraud``
        (they sum to one), ``action`` (by the shipped policy), and ``error``: what is wrong with a row that cannot be
        read, whose other columns are missing.
        """
        import pandas as pd

        policy = Policy.default()
        columns = [str(column) for column in frame.columns]
        rows = zip(*(frame.iloc[:, place] for place in range(len(columns))), strict=True)
        results = [self._score_row(dict(zip(columns, row, strict=True)), state, policy) for row in rows]
        if not columns:
            results = [self._score_row({}, state, policy)] * len(frame)
        scored = pd.DataFrame(results, columns=list(COLUMNS), index=frame.index)
        numbers: dict[str, Any] = dict.fromkeys(COLUMNS[:4], np.float64)
        return scored.astype(numbers)

    def explain(
        self,
        message: JsonObject | str,
        state: FoldState | None = None,
        *,
        audience: Audience = "moderator",
        limit: int = 5,
    ) -> tuple[Reason, ...]:
        """Why a message is scored as it is, strongest reason first.

        ``message`` is a request as ``POST /v1/score`` takes it (missing ids and times are filled in), or a message
        alone, or a text alone. Contributions are calibrated log-odds.

        Raises :class:`~torwart.request.RequestError` for what cannot be read.
        """
        document: JsonObject
        if isinstance(message, str):
            document = {"message": text_message(message)}
        elif isinstance(message, dict):
            document = message if "message" in message else {"message": message}
        else:
            raise RequestError("", f"A request (dict) or a text (str) is needed, not {type(message).__name__}.")
        case = case_of(convert_request(completed(document)))
        prepared = self.prepare(case, case.sent_at_us)
        return self.judge(prepared, _folded(case, prepared, state), audience=audience, limit=limit).reasons

    def _score_row(self, row: Mapping[str, object], state: FoldState | None, policy: Policy) -> tuple[object, ...]:
        try:
            case = case_of(from_flat(row))
        except RequestError as error:
            return (math.nan,) * 4 + (None, str(error))
        prepared = self.prepare(case, case.sent_at_us)
        folded = _folded(case, prepared, state)
        verdict = self.judge(prepared, folded, with_reasons=False)
        kinds = verdict.categories
        action = policy.decide(circumstances(case, prepared, folded, verdict)).action.value
        return verdict.score, kinds.wanted, kinds.unsolicited, kinds.fraud, action, None


def circumstances(
    case: Case, prepared: Prepared, folded: NDArray[np.float64] | None, verdict: Verdict
) -> Circumstances:
    """What the policy reads of a scored case, as far as the case and the folds tell; no enforcement is known here."""
    x = vector(prepared, folded)
    state = case.consent_state
    return Circumstances(
        score=verdict.score,
        fraud=verdict.categories.fraud,
        now_us=prepared.now_us,
        blocked_by_recipient=x[POSITION["pair_blocked"]] == 1.0,
        stopped_by_recipient=state is ConsentState.OPTED_OUT or x[POSITION["pair_stopped"]] == 1.0,
        category=case.message.category,
        promotional=prepared.promotional,
        fraudulent=prepared.fraudulent,
        imitates_brand=prepared.imitates_brand,
        sender_verified=case.sender.is_verified,
        has_consent=state is ConsentState.OPTED_IN,
        in_service_window=x[POSITION["in_service_window"]] == 1.0,
    )


def _folded(case: Case, prepared: Prepared, state: FoldState | None) -> NDArray[np.float64] | None:
    if state is None:
        return None
    now_us = prepared.now_us
    row = pack(MESSAGE, now_us, now_us, case.sender.id, case.recipient_id, campaigns=prepared.campaigns)
    return state.read(unpack(row), prepared.last_user_message_us)
