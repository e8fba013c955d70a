"""What stands in a ledger, in memory and in a file."""

import json
import os
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from skprivacy.dp._approximate import ApproximateDP
from skprivacy.dp._gaussian import GaussianDP
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._perturbed_objective import PerturbedObjective
from skprivacy.dp._renyi import RenyiDP
from skprivacy.dp._sampled_gaussian import SampledGaussian

__all__ = ["LedgerEntry", "LedgerFile"]

#: Curves that a file can hold, by name.
CURVES = {
    kind.__name__: kind
    for kind in (
        ApproximateDP,
        GaussianDP,
        PerturbedObjective,
        RenyiDP,
        SampledGaussian,
    )
}
#: Seconds to wait for another process that has the file.
PATIENCE = 60.0


@dataclass(frozen=True)
class LedgerEntry:
    """One or several equal releases.

    Attributes
    ----------
    what : str
        What was released.

    guarantee : PrivacyGuarantee
        Of one of them.

    times : int
        How many.
    """

    what: str
    guarantee: PrivacyGuarantee
    times: int = 1

    def to_json(self) -> str:
        """Write it as a line."""
        curve = self.guarantee.curve
        if type(curve).__name__ not in CURVES:
            raise ValueError(
                "a ledger with path= books releases one by one, as composed guarantees "
                f"can't be written to a file; got one by {curve}."
            )
        line = {
            "what": self.what,
            "times": self.times,
            "curve": {"kind": type(curve).__name__, **asdict(curve)},
            "adjacency": self.guarantee.adjacency,
            "assumptions": self.guarantee.assumptions,
            "stated_delta": self.guarantee.stated_delta,
        }
        return json.dumps(line)

    @classmethod
    def from_json(cls, line):
        """Read a line."""
        told = json.loads(line)
        curve = told["curve"]
        kind = CURVES[curve.pop("kind")]
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in curve.items()}
        guarantee = PrivacyGuarantee(
            kind(**values),
            told["adjacency"],
            tuple(told["assumptions"]),
            told["stated_delta"],
        )
        return cls(told["what"], guarantee, told["times"])

    def more(self, times):
        """Return the same release, more often."""
        return replace(self, times=self.times + times)


class LedgerFile:
    """Entries in a file that several processes write to, one at a time.

    Parameters
    ----------
    path : str or path-like
        The file; it is made when something is booked.
    """

    def __init__(self, path):
        self.path = Path(path)

    def read(self) -> list:
        """Return all entries."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [LedgerEntry.from_json(line) for line in lines if line]

    def append(self, entry):
        """Write one, and wait until it is on the disk."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(entry.to_json() + "\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def locked(self):
        """Keep all others out."""
        lock = self.path.with_name(self.path.name + ".lock")
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
                break
            except FileExistsError:
                if time.monotonic() > deadline:
                    raise TimeoutError(
                        f"another process has had the ledger for {PATIENCE:.0f} s; if "
                        f"there is none, delete {lock}."
                    ) from None
                time.sleep(0.005)
        try:
            yield
        finally:
            lock.unlink()
