"""Run an engine on all that no earlier run has stored."""

import warnings
from contextlib import contextmanager
from dataclasses import replace

import joblib
from sklearn.ensemble._forest import BaseForest
from sklearn.pipeline import Pipeline
from sklearn.tree import BaseDecisionTree
from sklearn.utils.parallel import Parallel, delayed

from skprivacy.shadow._train import ShadowTask, recall, run_shadow, store

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
        Models, or batches of an engine, at the same time. By threads where trees are
        trained, which leave the interpreter to others meanwhile; by processes
        otherwise; unless joblib is told something else.

    Yields
    ------
    result : ShadowResult
        In the order of the tasks.
    """
    prefer = "threads" if runs_in_threads(tasks[0].recipe) else None
    parallel = Parallel(n_jobs=n_jobs, prefer=prefer, return_as=result_kind())
    alone = joblib.effective_n_jobs(n_jobs) == 1
    shared = Shared(tasks[0]) if alone else sent_once(Shared(tasks[0]))
    if engine is None:
        yield from parallel(
            delayed(_run_one)(shared, own_part(task), memory, alone) for task in tasks
        )
        return
    batches = [tasks[i : i + BATCH] for i in range(0, len(tasks), BATCH)]
    for results in parallel(
        delayed(_run_batch)(
            engine, shared, [own_part(task) for task in batch], memory, alone
        )
        for batch in batches
    ):
        yield from results


def runs_in_threads(recipe) -> bool:
    """Whether models of a recipe are trained at the same time by threads.

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> runs_in_threads(DecisionTreeClassifier())
    True
    >>> runs_in_threads(HistGradientBoostingClassifier())  # has threads of its own
    False
    """
    while isinstance(recipe, Pipeline):
        recipe = recipe.steps[-1][1]
    return isinstance(recipe, BaseDecisionTree | BaseForest)


def result_kind() -> str:
    """Say how joblib is to return results: one by one, where its back end can."""
    backend, _ = joblib.parallel.get_active_backend()
    one_by_one = getattr(backend, "supports_return_generator", False)
    return "generator" if one_by_one else "list"


class Shared:
    """What all tasks of a fit have in common: recipe, access and tables.

    It is an argument of its own, so that :func:`sent_once` can put a small one in its
    place.

    Parameters
    ----------
    task : ShadowTask
        Any of them.
    """

    def __init__(self, task):
        self.task = replace(task, index=-1, seed=-1, rows=None)

    def with_own(self, own) -> ShadowTask:
        """Return a whole task."""
        index, seed, rows = own
        return replace(self.task, index=index, seed=seed, rows=rows)


def own_part(task) -> tuple:
    """Return what a task does not share: its number, its seed and its records."""
    return task.index, task.seed, task.rows


def sent_once(shared):
    """Return what stands for the shared part in each task.

    Parameters
    ----------
    shared : Shared

    Returns
    -------
    shared : Shared or object
        Within ``joblib.parallel_config("dask")`` or ``("ray")``, a small object that
        the workers get it by; otherwise the same.
    """
    backend, _ = joblib.parallel.get_active_backend()
    kind = type(backend).__module__
    if kind == "joblib._dask":
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            # A result can be had again where the workers that hold it die. What is
            # scattered, as joblib does by itself, is lost with them.
            return backend.client.submit(_as_it_is, shared, pure=False)
    if kind.startswith("ray."):
        import ray

        return InRay(ray.put(shared))
    return shared


class InRay:
    """Stands for an object in Ray's store.

    Parameters
    ----------
    reference : ray.ObjectRef
    """

    def __init__(self, reference):
        self.reference = reference

    def result(self):
        """Return the object; workers of one machine read the same copy."""
        import ray

        return ray.get(self.reference)


def _as_it_is(shared):
    return shared


def received(shared) -> Shared:
    """Return the shared part from what stands for it."""
    return shared if isinstance(shared, Shared) else shared.result()


def _run_one(shared, own, memory, alone):
    with inside(alone):
        return run_shadow(received(shared).with_own(own), memory)


@contextmanager
def inside(alone):
    """Keep a model from working in parallel where models already do.

    Processes and threads would outnumber cores, and a worker of a cluster would ask
    the cluster for more; sums would be added up in another order.
    """
    if alone:
        yield
        return
    with joblib.parallel_config("sequential"):
        yield


def _run_batch(engine, shared, own_parts, memory, alone):
    with inside(alone):
        return _batch(engine, shared, own_parts, memory)


def _batch(engine, shared, own_parts, memory):
    shared = received(shared)
    tasks = [shared.with_own(own) for own in own_parts]
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
