"""Share out the training of models among threads, processes or machines."""

import warnings
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.base import clone
from sklearn.ensemble._forest import BaseForest
from sklearn.pipeline import Pipeline
from sklearn.tree import BaseDecisionTree
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import ThreadpoolController

__all__ = [
    "Shared",
    "WorkerDiedError",
    "inner_jobs",
    "own_part",
    "result_kind",
    "runs_in_threads",
    "share_out",
    "train_together",
]


class WorkerDiedError(ChildProcessError):
    """A process was ended in which models were trained."""


def train_together(function, tasks, n_jobs=None, batch_size=None):
    """Call a function for each task of a fit, or for each batch of them.

    Parameters
    ----------
    function : callable
        Takes a task; or a list of them, where there are batches.

    tasks : list of ShadowTask or SubsetTask
        They differ in nothing but `index`, `seed` and `rows`.

    n_jobs : int or None, default=None
        Calls at the same time. By threads where trees are trained, which leave the
        interpreter to others meanwhile; by processes otherwise; unless joblib is told
        something else.

    batch_size : int or None, default=None
        Tasks of a call. None: the function takes a single one.

    Yields
    ------
    result : object
        What the function returns, in the order of the tasks.
    """
    task, jobs = tasks[0], inner_jobs(tasks[0].recipe)
    prefer = "threads" if runs_in_threads(task.recipe) else None
    if jobs and not works_alone(n_jobs, prefer):
        one_each = clone(task.recipe).set_params(**dict.fromkeys(jobs, 1))
        task = replace(task, recipe=one_each)
    parts = [own_part(task) for task in tasks]
    if batch_size is not None:
        starts = range(0, len(parts), batch_size)
        parts = [parts[i : i + batch_size] for i in starts]
    call = partial(_on_task if batch_size is None else _on_batch, function)
    yield from share_out(call, Shared(task), parts, n_jobs=n_jobs, prefer=prefer)


def share_out(function, shared, parts, *, n_jobs=None, prefer=None):
    """Call ``function(shared, part)`` for each part, several at the same time.

    Parameters
    ----------
    function : callable
        Can be pickled.

    shared : object
        What all calls have in common: no tuple, as clusters look into these. It is sent
        once, where joblib's back end is a cluster.

    parts : list
        What they have not.

    n_jobs : int or None, default=None
        Calls at the same time.

    prefer : {"threads", "processes"} or None, default=None
        Where joblib is told nothing else.

    Yields
    ------
    result : object
        What the function returns, in the order of the parts.

    Raises
    ------
    WorkerDiedError
        If a process was ended in which calls were made.
    """
    alone = works_alone(n_jobs, prefer)
    backend, _ = joblib.parallel.get_active_backend(prefer=prefer)
    parallel = Parallel(n_jobs=n_jobs, prefer=prefer, return_as=result_kind())
    stand_in = shared if alone else sent_once(shared)
    by_threads = not alone and getattr(backend, "supports_sharedmem", False)
    limits = Limits(joblib.effective_n_jobs(n_jobs)) if by_threads else None
    with limits.of_process() if by_threads else nullcontext():
        calls = (
            delayed(_call)(function, stand_in, part, alone, limits) for part in parts
        )
        try:
            yield from parallel(calls)
        except TerminatedWorkerError as error:
            raise WorkerDiedError(
                "a process that trained models was ended from outside, most often "
                "because memory ran out: take a smaller n_jobs, and run it again. What "
                "was finished is recalled where memory= names a folder."
            ) from error


def _call(function, stand_in, part, alone, limits):
    with inside(alone), limits.of_thread() if limits else nullcontext():
        return function(received(stand_in), part)


def works_alone(n_jobs, prefer=None) -> bool:
    """Whether one call is made after the other, by this very thread."""
    backend, _ = joblib.parallel.get_active_backend(prefer=prefer)
    # A cluster of one worker is another process, which may die.
    return joblib.effective_n_jobs(n_jobs) == 1 and not _is_dask(backend)


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


def inner_jobs(recipe) -> dict:
    """Return the parameters by which a model would work on several cores.

    Examples
    --------
    >>> from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
    >>> inner_jobs(BaggingClassifier(RandomForestClassifier(n_jobs=2), n_jobs=1))
    {'estimator__n_jobs': 2}
    """
    return {
        name: value
        for name, value in recipe.get_params(deep=True).items()
        if (name == "n_jobs" or name.endswith("__n_jobs")) and value not in (None, 1)
    }


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
    task : ShadowTask or SubsetTask
        Any of them.
    """

    def __init__(self, task):
        self.task = replace(task, index=-1, seed=-1, rows=None)

    def with_own(self, own):
        """Return a whole task."""
        index, seed, rows = own
        return replace(self.task, index=index, seed=seed, rows=rows)


def own_part(task) -> tuple:
    """Return what a task does not share: its number, its seed and its records."""
    return task.index, task.seed, task.rows


def _on_task(function, shared, own):
    return function(shared.with_own(own))


def _on_batch(function, shared, own_parts):
    return function([shared.with_own(own) for own in own_parts])


def sent_once(shared):
    """Return what stands for the shared part in each task.

    Parameters
    ----------
    shared : object

    Returns
    -------
    stand_in : object
        Within ``joblib.parallel_config("dask")`` or ``("ray")``, a small object that
        the workers get it by; otherwise the same.
    """
    backend, _ = joblib.parallel.get_active_backend()
    if _is_dask(backend):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            # A result can be had again where the workers that hold it die. What is
            # scattered, as joblib does by itself, is lost with them.
            return backend.client.submit(_as_it_is, shared, pure=False)
    if type(backend).__module__.startswith("ray."):
        import ray

        return InRay(ray.put(shared))
    return shared


def _is_dask(backend):
    return type(backend).__module__ == "joblib._dask"


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


def received(stand_in):
    """Return the shared part from what stands for it."""
    return stand_in.result() if hasattr(stand_in, "result") else stand_in


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


class Limits:
    """Each thread's share of the threads that BLAS and OpenMP start by themselves.

    Processes get theirs from joblib, the workers of clusters from the cluster.

    Parameters
    ----------
    n_threads : int
        Threads that train models at the same time.
    """

    def __init__(self, n_threads):
        controller = ThreadpoolController()
        share = max(1, joblib.cpu_count() // n_threads)
        self._blas = controller.select(user_api="blas")
        self._openmp = controller.select(user_api="openmp")
        # Never more than the user allows.
        self._limits = {
            library["prefix"]: min(library["num_threads"], share)
            for library in controller.info()
        }

    def of_process(self):
        """Limit BLAS, which has one number for all threads, until the end."""
        return self._blas.limit(limits=self._limits)

    def of_thread(self):
        """Limit OpenMP, which has a number for each thread."""
        return self._openmp.limit(limits=self._limits)
