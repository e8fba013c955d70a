"""What an audit of a guarantee found: one table and one sentence."""

from dataclasses import dataclass
from html import escape

import pandas as pd

from skprivacy.dp import PrivacyGuarantee

__all__ = ["GuaranteeAudit", "MethodOutcome"]

#: From the worst.
VERDICTS = ("refuted", "proof broken", "not refuted", "not applicable")


@dataclass(frozen=True)
class MethodOutcome:
    """What one method found.

    Parameters
    ----------
    method : str
        Name of the method.

    verdict : {"refuted", "proof broken", "not refuted", "not applicable"}
        Refuted: the epsilon of what is released is above the claim. Proof broken: what
        goes on inside of the fit is not what the claim was derived from.

    epsilon : float or None
        Lower bound, where the method gives one.

    confidence : float or None
        Of the lower bound; None where it is exact, or is none.

    neighbors : str
        Which pair of data sets shows it.

    n_fits : int
        Models fitted.

    seconds : float
        Time taken.

    said : str
        What was found, in a sentence.
    """

    method: str
    verdict: str
    epsilon: float | None = None
    confidence: float | None = None
    neighbors: str = ""
    n_fits: int = 0
    seconds: float = 0.0
    said: str = ""


@dataclass(frozen=True)
class GuaranteeAudit:
    """Whether a guarantee stood up to all methods that were tried.

    Printing it gives a table and a sentence. It is what
    :func:`~skprivacy.auditing.audit_guarantee` returns.

    Parameters
    ----------
    model : str
        What was audited.

    guarantee : PrivacyGuarantee
        What is claimed.

    delta : float
        Delta at which epsilon was bounded.

    outcomes : tuple of MethodOutcome
        One for each method.

    confidence : float
        With which all bounds hold together.

    uncovered : tuple of str
        Steps of a pipeline without a guarantee: they were not audited, and are not
        covered.

    Examples
    --------
    >>> from skprivacy.dp import PrivacyGuarantee
    >>> found = MethodOutcome("Replay", "not refuted", 0.7, n_fits=51)
    >>> audited = GuaranteeAudit(
    ...     "DPRidge", PrivacyGuarantee.pure(1.0), 0.0, (found,), 0.95
    ... )
    >>> audited.violated
    False
    >>> print(audited.summary)  # doctest: +NORMALIZE_WHITESPACE
    Nothing refutes that DPRidge keeps epsilon=1 (replace): the largest lower bound is
    0.70, by Replay, from 51 fits in all. That does not prove it: an audit can only
    refute.
    """

    model: str
    guarantee: PrivacyGuarantee
    delta: float
    outcomes: tuple[MethodOutcome, ...]
    confidence: float
    uncovered: tuple[str, ...] = ()

    @property
    def claimed_epsilon(self) -> float:
        """Epsilon of the claim at `delta`."""
        return float(self.guarantee.epsilon(self.delta))

    @property
    def violated(self) -> bool:
        """Whether any method refuted the claim, or its proof."""
        return self.worst is not None and self.worst.verdict in VERDICTS[:2]

    @property
    def worst(self) -> MethodOutcome | None:
        """The outcome with the gravest verdict, then the largest bound."""
        tried = [one for one in self.outcomes if one.verdict != "not applicable"]
        if not tried:
            return None
        return min(
            tried, key=lambda one: (VERDICTS.index(one.verdict), -(one.epsilon or 0.0))
        )

    @property
    def n_fits(self) -> int:
        """Models fitted in all."""
        return sum(one.n_fits for one in self.outcomes)

    @property
    def epsilon_lower_bound(self) -> float:
        """Largest lower bound of those that speak of what is released.

        Bounds of a replay are about all that was accounted for, and count in its own
        verdict alone.
        """
        bounds = [one.epsilon for one in self.outcomes if one.confidence is not None]
        return max((bound for bound in bounds if bound is not None), default=0.0)

    @property
    def summary(self) -> str:
        """The finding, in one or two sentences."""
        worst = self.worst
        if worst is None:
            return f"No method could be run on {self.model}: nothing is known."
        pair = f" ({worst.neighbors})" if worst.neighbors else ""
        if worst.verdict == "refuted":
            bound = "" if worst.epsilon is None else f": epsilon is {_bound(worst)}"
            return (
                f"Refuted: {self.model} does not keep {self.guarantee}{bound}, by "
                f"{worst.method}{pair}. {worst.said}".strip()
            )
        if worst.verdict == "proof broken":
            return (
                f"The proof is broken that {self.model} keeps {self.guarantee}, by "
                f"{worst.method}{pair}. {worst.said}".strip()
            )
        bound = (
            "no method gives a lower bound"
            if worst.epsilon is None
            else f"the largest lower bound is {worst.epsilon:.2f}, by {worst.method}"
        )
        return (
            f"Nothing refutes that {self.model} keeps {self.guarantee}: {bound}, from "
            f"{self.n_fits:,} fits in all. That does not prove it: an audit can only "
            "refute."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the outcomes as a table, one row a method."""
        return pd.DataFrame([vars(one) for one in self.outcomes])

    def to_dict(self) -> dict:
        """Return all of it as plain values, for JSON."""
        return {
            "model": self.model,
            "claim": str(self.guarantee),
            "claimed_epsilon": _finite(self.claimed_epsilon),
            "delta": self.delta,
            "confidence": self.confidence,
            "violated": self.violated,
            "epsilon_lower_bound": _finite(self.epsilon_lower_bound),
            "summary": self.summary,
            "uncovered": list(self.uncovered),
            "outcomes": [
                vars(one) | {"epsilon": _finite(one.epsilon)} for one in self.outcomes
            ],
        }

    def __str__(self):
        rows = self.to_frame().drop(columns=["said", "confidence"])
        rows["epsilon"] = [_bound(one) for one in self.outcomes]
        rows["seconds"] = rows["seconds"].map("{:.1f}".format)
        return f"{rows.to_string(index=False)}\n\n{self.summary}"

    def _repr_html_(self):
        rows = self.to_frame().drop(columns="confidence")
        rows["epsilon"] = [_bound(one) for one in self.outcomes]
        rows["seconds"] = rows["seconds"].map("{:.1f}".format)
        table = rows.to_html(index=False, border=0)
        return f"<p><strong>{escape(self.summary)}</strong></p>{table}"


def _bound(outcome) -> str:
    if outcome.epsilon is None:
        return "–"
    told = f"at least {outcome.epsilon:.2f}"
    if outcome.confidence is None:
        return told
    return f"{told} ({outcome.confidence:.3g} confidence)"


def _finite(value):
    """Write infinity as JSON can hold it."""
    return "inf" if value == float("inf") else value
