"""Run an engine on all that no earlier run has stored."""

from sklearn.utils.parallel import Parallel, delayed

from skprivacy.shadow._train import recall, run_shadow, store

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

    memory : joblib.Memory or None, default=None
        Where results are stored.

    n_jobs : int or None, default=None
        Processes.

    Yields
    ------
    result : ShadowResult
        In the order of the tasks.
    """
    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    if engine is None:
        yield from parallel(delayed(run_shadow)(task, memory) for task in tasks)
        return
    batches = [tasks[i : i + BATCH] for i in range(0, len(tasks), BATCH)]
    for results in parallel(
        delayed(_run_batch)(engine, batch, memory) for batch in batches
    ):
        yield from results


def _run_batch(engine, tasks, memory):
    known = [recall(task, memory, engine.name) for task in tasks]
    if not engine.is_exact and None in known:
        # Such results depend on those of the whole batch.
        known = [None] * len(tasks)
    missing = [task for task, old in zip(tasks, known, strict=True) if old is None]
    new = engine.run(missing) if missing else iter(())
    return [
        store(task, next(new), memory, engine.name) if old is None else old
        for task, old in zip(tasks, known, strict=True)
    ]
