"""Real tables of people, shipped with the package, to try attacks on."""

from skprivacy.datasets._adult import load_adult
from skprivacy.datasets._default_credit import load_credit_default
from skprivacy.datasets._rand_health import load_rand_health

__all__ = ["load_adult", "load_credit_default", "load_rand_health"]
