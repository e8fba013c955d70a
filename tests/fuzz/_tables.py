"""Tables and columns of labels of every kind that someone may hand over.

What hypothesis chooses is the kind of each column and the number of rows; the values
are drawn from a seed. So a table is made fast, and shrinks to few columns and rows.
"""

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from scipy import sparse

__all__ = [
    "any_table",
    "any_values",
    "anything",
    "arrays",
    "formula_arrays",
    "labels",
    "numbers",
    "scores",
    "tables",
    "true_labels",
    "whole_labels",
]

LETTERS = ["a", "b", "c"]
HTML = ["<b>&amp;</b>", "=1+1", "\x00\u202e", ""]


def objects(values):
    """An array of objects, each as it is."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def every_other(values, other):
    """Put something else into each second place."""
    column = objects(list(values))
    column[1::2] = [other] * len(column[1::2])
    return column


def categories(rng, n, levels=("a", "b", "never")):
    return pd.Categorical(rng.choice(levels[:2], n), categories=levels)


#: Columns that a model could be trained on.
PLAIN = {
    "normal": lambda rng, n: rng.normal(size=n),
    "whole": lambda rng, n: rng.integers(0, 4, n),
    "binary": lambda rng, n: rng.integers(0, 2, n),
    "bool": lambda rng, n: rng.integers(0, 2, n).astype(bool),
    "single": lambda rng, n: rng.normal(size=n).astype(np.float32),
    "unsigned": lambda rng, n: rng.integers(0, 250, n).astype(np.uint8),
    "text": lambda rng, n: objects(rng.choice(LETTERS, n).tolist()),
    "category": categories,
}
#: Columns that are legal, and rare.
RARE = {
    "constant": lambda rng, n: np.zeros(n),
    "huge": lambda rng, n: rng.normal(size=n) * 1e300,
    "tiny": lambda rng, n: rng.normal(size=n) * 1e-310,
    "large_whole": lambda rng, n: rng.integers(2**62, 2**63 - 1, n),
    "beyond_words": lambda rng, n: objects([10**30 + int(i) for i in range(n)]),
    "missing": lambda rng, n: every_other(rng.normal(size=n), np.nan).astype(float),
    "all_missing": lambda rng, n: np.full(n, np.nan),
    "infinite": lambda rng, n: every_other(rng.normal(size=n), np.inf).astype(float),
    "nullable": lambda rng, n: pd.array(every_other(range(n), pd.NA), dtype="Int64"),
    "string": lambda rng, n: pd.array(rng.choice(LETTERS, n), dtype="string"),
    "long_text": lambda rng, n: objects(["x" * 20_000 + str(i % 3) for i in range(n)]),
    "html": lambda rng, n: objects(rng.choice(HTML, n).tolist()),
    "mixed": lambda rng, n: objects(([1, "a", None, 2.5] * n)[:n]),
    "number_text": lambda rng, n: objects([str(i % 3) for i in range(n)]),
    "all_none": lambda rng, n: objects([None] * n),
    "bytes": lambda rng, n: objects([[b"ab", b"c"][i % 2] for i in range(n)]),
    "date": lambda rng, n: objects([date(2020, 1, 1 + i % 9) for i in range(n)]),
    "datetime": lambda rng, n: pd.date_range("2020", periods=n).to_numpy(),
    "zoned": lambda rng, n: pd.date_range("2020", periods=n, tz="UTC"),
    "timedelta": lambda rng, n: pd.to_timedelta(np.arange(n), unit="s").to_numpy(),
    "period": lambda rng, n: pd.period_range("2020", periods=n, freq="D"),
    "complex": lambda rng, n: rng.normal(size=n) + 1j,
    "decimal": lambda rng, n: objects([Decimal(i % 5) / 3 for i in range(n)]),
    "missing_category": lambda rng, n: pd.Categorical(
        every_other(rng.choice(["a", "b"], n), None), categories=["a", "b", "never"]
    ),
    "number_category": lambda rng, n: pd.Categorical(rng.integers(0, 3, n)),
    "lists": lambda rng, n: objects([[i] for i in range(n)]),
    "tuples": lambda rng, n: objects([(i, 0) for i in range(n)]),
}
KINDS = PLAIN | RARE

#: Names of columns.
NAMES = {
    "letters": lambda m: [f"c{j}" for j in range(m)],
    "numbers": lambda m: list(range(m)),
    "twice": lambda m: ["c"] * m,
    "mixed": lambda m: (["a", 1, None, 2.5, ("t", 1)] * m)[:m],
    "levels": lambda m: pd.MultiIndex.from_product([["a"], range(m)]),
    "odd": lambda m: ["", " ", "label", "is_member", "y", "<b>", "1"][:m],
}
#: Row labels.
INDEXES = {
    "range": lambda n: pd.RangeIndex(n),
    "twice": lambda n: pd.Index([7] * n),
    "backwards": lambda n: pd.RangeIndex(n, 0, -1),
    "text": lambda n: pd.Index([f"r{i}" for i in range(n)]),
    "dates": lambda n: pd.date_range("2020", periods=n),
    "levels": lambda n: pd.MultiIndex.from_arrays([[0] * n, range(n)]),
    "missing": lambda n: pd.Index([np.nan] * n),
}


def frame(kinds, n, seed, names="letters", index="range"):
    """Make a DataFrame with one column of each kind."""
    rng = np.random.default_rng(seed)
    columns = [
        pd.Series(KINDS[kind](rng, n), index=range(n)).reset_index(drop=True)
        for kind in kinds
    ]
    table = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(n))
    table.columns = NAMES[names](len(kinds))
    table.index = INDEXES[index](n)
    return table


class Foreign:
    """A DataFrame of another library, as far as one can see from outside."""

    def __init__(self, table):
        self._table = table
        self.columns, self.shape = [str(c) for c in table.columns], table.shape

    def __len__(self):
        return len(self._table)

    def __dataframe__(self, *args, **kwargs):
        return self._table.__dataframe__(*args, **kwargs)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._table, dtype=dtype)

    def to_pandas(self):
        return self._table


#: What holds the table.
CONTAINERS = {
    "frame": lambda table: table,
    "array": lambda table: table.to_numpy(),
    "floats": lambda table: as_floats(table),
    "lists": lambda table: table.to_numpy().tolist(),
    "matrix": lambda table: np.asmatrix(as_floats(table)),
    "masked": lambda table: np.ma.masked_greater(as_floats(table), 0.5),
    "records": lambda table: table.to_records(index=False),
    "sparse": lambda table: sparse.csr_matrix(as_floats(table)),
    "sparse_array": lambda table: sparse.coo_array(as_floats(table)),
    "deep": lambda table: as_floats(table)[:, :, None],
    "flat": lambda table: as_floats(table).ravel(),
    "series": lambda table: table.iloc[:, 0] if table.shape[1] else pd.Series([]),
    "scalar": lambda table: 3.0,
    "none": lambda table: None,
    "str": lambda table: "table.csv",
    "dict": lambda table: {str(c): [0] * len(table) for c in table.columns},
    "ragged": lambda table: [[0] * (i % 3) for i in range(len(table))],
    "bytes": lambda table: np.full(table.shape, b"ab"),
    "fortran": lambda table: np.asfortranarray(as_floats(table)),
    "readonly": lambda table: readonly(as_floats(table)),
    "foreign": Foreign,
    "set": lambda table: {1, 2},
    "iterator": lambda table: iter(table.to_numpy().tolist()),
}


def as_floats(table):
    """The table's places, as small numbers."""
    places = np.arange(table.shape[0] * table.shape[1], dtype=float)
    return np.sin(places).reshape(table.shape)


def readonly(values):
    values.flags.writeable = False
    return values


@st.composite
def tables(draw, kinds=tuple(PLAIN), min_rows=12, max_rows=30, min_columns=2):
    """A DataFrame or an array that a model could be trained on."""
    n = draw(st.integers(min_rows, max_rows))
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=min_columns, max_size=4))
    table = frame(chosen, n, draw(st.integers(0, 99)))
    return CONTAINERS[draw(st.sampled_from(["frame", "floats", "array"]))](table)


@st.composite
def any_table(draw):
    """Any table at all, and what is none."""
    n = draw(st.sampled_from([12, 30, 1, 2, 0]))
    chosen = draw(st.lists(st.sampled_from(tuple(KINDS)), max_size=4))
    names = draw(st.sampled_from(tuple(NAMES)))
    index = draw(st.sampled_from(tuple(INDEXES)))
    table = frame(chosen, n, draw(st.integers(0, 99)), names, index)
    # A DataFrame holds most kinds of columns as they are.
    shown = ("frame", "frame", "array", "frame", *CONTAINERS)
    try:
        return CONTAINERS[draw(st.sampled_from(shown))](table)
    except (IndexError, KeyError, TypeError, ValueError):
        # Not every container takes every table.
        return table


#: Columns of labels, beside those that are columns of tables.
LABELS = {
    "alternating": lambda rng, n: np.arange(n) % 2,
    "words": lambda rng, n: np.array(["no", "yes"])[np.arange(n) % 2],
    "column": lambda rng, n: (np.arange(n) % 2)[:, None],
    "wide": lambda rng, n: np.eye(n)[:, :3],
    "list": lambda rng, n: (np.arange(n) % 2).tolist(),
    "short": lambda rng, n: np.arange(n // 2) % 2,
    "empty": lambda rng, n: [],
    "none": lambda rng, n: None,
    "scalar": lambda rng, n: 1,
    "str": lambda rng, n: "yes",
    "series": lambda rng, n: pd.Series(np.arange(n) % 2, index=[7] * n, name="odd"),
    "signs": lambda rng, n: np.arange(n) % 2 * 2 - 1,
    "sparse": lambda rng, n: sparse.csr_matrix(np.ones((n, 1))),
    "minus_infinite": lambda rng, n: np.full(n, -np.inf),
    "both_infinite": lambda rng, n: np.where(np.arange(n) % 2, np.inf, -np.inf),
    "one_more": lambda rng, n: np.arange(n + 1) % 2,
    "one_apart": lambda rng, n: (np.arange(n) == 0).astype(int),
    "all_apart": lambda rng, n: np.arange(n),
}
VALUES = KINDS | LABELS


def labels(n, kind="alternating", seed=0):
    """One label a record, of this kind."""
    return VALUES[kind](np.random.default_rng(seed), n)


@st.composite
def any_values(draw, n=12):
    """Any column of labels or scores, mostly of the right length."""
    kinds = st.sampled_from(("alternating", "words", *VALUES))
    n = draw(st.sampled_from([n, n, n, n, 1, 0, 5]))
    return labels(n, draw(kinds), draw(st.integers(0, 99)))


def numbers():
    """Any number that someone may give for a rate, a count or a bound."""
    odd = [0, 1, -1, 2, 0.5, 1e-300, 1e300, np.nan, np.inf, -np.inf, 10**30, True]
    odd += [None, "1", [0.5], np.float32(0.1), np.int8(3), np.array(0.3), 1j, 0.05]
    return st.sampled_from(odd)


@st.composite
def scores(draw, n=12):
    """One score for each of the records, with ties and the infinite among them."""
    pool = [0.0, 1.0, -1.0, 0.5, np.inf, -np.inf, 1e300, 1e-300, 7]
    values = draw(st.lists(st.sampled_from(pool), min_size=n, max_size=n))
    return draw(st.sampled_from([list, np.array, objects, pd.Series]))(values)


@st.composite
def true_labels(draw, n=12):
    """A label for each of the records: one of two, of any type."""
    two = draw(st.sampled_from([(0, 1), (-1, 1), ("no", "yes"), (False, True), (2, 9)]))
    return np.array(draw(st.lists(st.sampled_from(two), min_size=n, max_size=n)))


def whole_labels(n=12):
    """A number for each of the records, all of them different."""
    return st.just(np.arange(1.0, n + 1))


@st.composite
def formula_arrays(draw, n_classes=2):
    """Probabilities, labels by position and numbers, as formulas take them."""
    n = draw(st.sampled_from([4, 1, 0]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    sharp = draw(st.sampled_from([1.0, 1e3, 1e150]))
    decision = rng.normal(size=(n, n_classes)) * sharp
    share = rng.dirichlet(np.ones(n_classes), size=n)
    certain = np.eye(n_classes)[rng.integers(0, n_classes, n)]
    return {
        "proba": draw(st.sampled_from([share, certain, np.zeros_like(share)])),
        "decision": decision,
        "label": rng.integers(-1, n_classes, n),
        "value": rng.normal(size=n) * draw(st.sampled_from([1.0, 1e150, 0.0])),
        "y": rng.normal(size=n),
        "scores": rng.normal(size=4) * sharp,
        "models": rng.normal(size=(4, n)),
        "membership": rng.integers(0, 2, (4, n)).astype(bool),
    }


@st.composite
def arrays(draw, n_dimensions):
    """An array of numbers as formulas take it, or nearly so."""
    shape = {
        1: [(4,), (4,), (1,), (0,), (4, 1), ()],
        2: [(4, 2), (4, 2), (4, 3), (0, 2)],
    }
    shape = draw(st.sampled_from(shape[n_dimensions]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    values = {
        "share": rng.uniform(size=shape),
        "whole": rng.integers(0, 2, shape),
        "absent": rng.integers(-1, 2, shape),
        "bool": rng.integers(0, 2, shape).astype(bool),
        "beyond": rng.integers(0, 9, shape),
        "hashes": rng.integers(0, 3, shape).astype(np.uint64),
        "certain": rng.integers(0, 2, shape).astype(float),
        "infinite": np.where(rng.uniform(size=shape) < 0.3, np.inf, 1.0),
        "nan": np.where(rng.uniform(size=shape) < 0.3, np.nan, 1.0),
        "huge": rng.normal(size=shape) * 1e300,
        "text": np.full(shape, "a"),
        "objects": np.full(shape, None, dtype=object),
        "complex": np.full(shape, 1j),
    }
    kinds = ("share", "whole", "share", "bool", *values)
    return values[draw(st.sampled_from(kinds))]


def anything():
    """What no argument was made for."""
    odd = ["auto", "", "x", b"x", [], [None], {}, {"a": 1}, (), object(), len, int, ...]
    return st.sampled_from(odd) | numbers() | arrays(1) | arrays(2) | any_values()
