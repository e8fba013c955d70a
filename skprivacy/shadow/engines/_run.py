"""Run an engine on all that no earlier run has stored."""

from functools import partial

from skprivacy.shadow._memory import recall, store
from skprivacy.shadow._parallel import inner_jobs, train_together
from skprivacy.shadow._train import name_of, run_shadow

__all__ = ["run_tasks"]

#: Models that are trained together: enough to share the work, and few enough that what
#: they answer fits in memory.
BATCH = 32


def run_tasks(tasks, engine=None, memory=None, n_jobs=None):
    """Train all shadow models, and ask them.

    Parameters
    ----------
    tasks : list of ShadowTask
        Those of one fit.

    engine : Engine or None, default=None
        How. None: one by one.

    memory : Path or None, default=None
        Where results are stored.

    n_jobs : int or None, default=None
        Models, or batches of an engine, at the same time. By threads where trees are
        trained, which leave the interpreter to others meanwhile; by processes
        otherwise; unless joblib is told something else.

    Yields
    ------
    result : ShadowResult
        In the order of the tasks.
    """
    jobs = inner_jobs(tasks[0].recipe)
    for result in _results(tasks, engine, memory, n_jobs):
        if result.model is not None and jobs:
            # They were one each while several models were trained, now or when it was
            # stored.
            result.model.set_params(**jobs)
        yield result


def _results(tasks, engine, memory, n_jobs):
    if engine is None:
        yield from train_together(partial(run_shadow, memory=memory), tasks, n_jobs)
        return
    run = partial(_run_batch, engine, memory)
    for results in train_together(run, tasks, n_jobs, BATCH):
        yield from results


def _run_batch(engine, memory, tasks):
    # Engines do not read each other's: rounding differs.
    keys = [memory and (engine.name, task.key()) for task in tasks]
    known = [
        recall(key, memory, name_of(task))[1]
        for key, task in zip(keys, tasks, strict=True)
    ]
    if not engine.is_exact and None in known:
        # Such results depend on those of the whole batch.
        known = [None] * len(tasks)
    missing = [task for task, old in zip(tasks, known, strict=True) if old is None]
    new = engine.run(missing) if missing else iter(())
    return [
        store(next(new), key, memory) if old is None else old
        for key, old in zip(keys, known, strict=True)
    ]
