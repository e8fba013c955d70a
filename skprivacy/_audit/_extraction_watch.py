"""Would the owner have noticed? A monitor that looks at the queries of a copy."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from skprivacy.extraction import QueryMonitor
from skprivacy.metrics import Interval, share_interval
from skprivacy.records import as_model_input, stack_tables, take_rows

__all__ = ["QueryWatch", "watch_queries"]

#: Queries of an attack that are looked at, at most.
MOST_WATCHED = 500
#: Records of the owner that the monitor learns from at most.
MOST_NATURAL = 3000
#: Fewest of them.
FEWEST_NATURAL = 120
#: Streams of ordinary queries on which false alarms are counted.
N_STREAMS = 100


@dataclass(frozen=True, eq=False)
class QueryWatch:
    """What a monitor makes of the queries that a copy was made from.

    Parameters
    ----------
    first_alarm : int or None
        Queries after which it raised an alarm; None if it did not.

    n_watched : int
        Queries that it looked at, the first ones.

    least : int
        Queries before its first look.

    false_alarms : Interval
        Share of streams of ordinary records, none of them the model's own or the
        attacker's, that raise an alarm.

    n_stream : int
        Records of each such stream.
    """

    first_alarm: int | None
    n_watched: int
    least: int
    false_alarms: Interval
    n_stream: int


def watch_queries(asked, answers, natural, natural_answers, judges, truth, box, seed):
    """Show a monitor the queries of an attack, and ordinary ones.

    Parameters
    ----------
    asked : list of table of shape (n_records, n_features)
        What was asked, in order.

    answers : list of ndarray of shape (n_records, n_columns)
        What was answered.

    natural, judges : table of shape (n_records, n_features)
        The owner's records, which the monitor learns from, and those of others.

    natural_answers, truth : ndarray of shape (n_records, n_columns)
        The model's answers to both.

    box : BlackBox
        The model.

    seed : int
        Decides all draws.

    Returns
    -------
    watch : QueryWatch or None
        None if the owner has too few records, or nothing was asked.
    """
    if not asked or len(natural) < FEWEST_NATURAL:
        return None
    n_stream = min(MOST_WATCHED, len(natural) // 6, len(judges))
    least = min(100, n_stream // 2)
    monitor = QueryMonitor(
        n_queries=n_stream,
        least=least,
        step=max(least // 2, 1),
        random_state=seed,
    )
    number = box.response_ == "value"
    monitor.fit(_frame(natural), _labels(natural_answers, number))
    queries = stack_tables([_frame(as_model_input(X, box)) for X in asked])
    labels = _labels(np.concatenate(answers), number)
    # No more than false alarms are counted over: who looks longer sees more of both.
    queries, labels = queries[:n_stream], None if number else labels[:n_stream]
    rng = np.random.RandomState(seed)
    alarms = []
    for _ in range(N_STREAMS):
        rows = rng.permutation(len(judges))[:n_stream]
        drawn = _frame(take_rows(judges, rows))
        alarms.append(monitor.first_alarm(drawn, _labels(truth[rows], number)))
    return QueryWatch(
        first_alarm=monitor.first_alarm(queries, labels),
        n_watched=len(queries),
        least=least,
        false_alarms=share_interval([n is not None for n in alarms]),
        n_stream=n_stream,
    )


def _labels(answers, number):
    """Labels of answers; numbers are taken to be all alike."""
    return None if number else answers.argmax(axis=1)


def _frame(X):
    # Missing values are allowed in columns of a DataFrame.
    return X if isinstance(X, pd.DataFrame) else pd.DataFrame(X).infer_objects()
