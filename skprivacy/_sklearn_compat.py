"""What differs between the scikit-learn versions that the package admits."""

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks

    HAS_CALLBACKS = True
except ImportError:  # scikit-learn before 1.9
    HAS_CALLBACKS = False

    class CallbackSupportMixin:  # type: ignore[no-redef] # one of two is defined
        """Stands in where scikit-learn has no callbacks."""

    def with_callbacks(method):
        """Return the method: without callbacks there is nothing to manage."""
        return method


__all__ = ["CallbackSupportMixin", "FitProgress", "with_callbacks"]


class FitProgress:
    """Tells scikit-learn's callbacks of the steps of a ``fit``; silent without them.

    Parameters
    ----------
    estimator : estimator
        Estimator that is being fitted.

    n_steps : int
        Steps of the fit.
    """

    def __init__(self, estimator, n_steps):
        self.estimator = estimator
        self.n_steps = n_steps
        self.context = None
        if HAS_CALLBACKS:
            context = estimator._init_callback_context(max_subtasks=n_steps)
            self.context = context.call_on_fit_task_begin(estimator=estimator)

    def steps(self, iterable, name, n_steps=None):
        """Yield from ``iterable``, one step each.

        Parameters
        ----------
        iterable : iterable
            What the steps bring about; at least `n_steps` items.

        name : str
            What a step is called.

        n_steps : int or None, default=None
            Steps of this part of the fit. None: all.

        Yields
        ------
        object
        """
        iterator = iter(iterable)
        for _ in range(self.n_steps if n_steps is None else n_steps):
            step = self._begin(name)
            item = next(iterator)
            if step is not None:
                step.call_on_fit_task_end(estimator=self.estimator)
            yield item

    def end(self):
        """Tell that the fit is over."""
        if self.context is not None:
            self.context.call_on_fit_task_end(estimator=self.estimator)

    def _begin(self, name):
        if self.context is None:
            return None
        step = self.context.subcontext(task_name=name)
        return step.call_on_fit_task_begin(estimator=self.estimator)
