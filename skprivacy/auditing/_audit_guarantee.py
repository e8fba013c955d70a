"""All that fits, on one model with a guarantee."""

from dataclasses import replace
from functools import partial
from numbers import Integral, Real
from os import PathLike

import joblib
import numpy as np
import sklearn
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_params,
)

from skprivacy.auditing._audited_claim import take_claim
from skprivacy.auditing._guarantee_audit import GuaranteeAudit
from skprivacy.auditing._methods import Settings, run_method
from skprivacy.dp import PrivacyGuarantee
from skprivacy.shadow._memory import as_memory, recalled
from skprivacy.shadow._train import content_key

__all__ = ["audit_guarantee"]

#: By which methods; each effort adds to the one before.
PLANS = {
    "fast": ("scan", "replay"),
    "standard": ("scan", "replay", "many_runs"),
    "thorough": ("scan", "replay", "many_runs", "canary", "one_run"),
}
#: Runs on each of both data sets.
N_RUNS = {"fast": 0, "standard": 500, "thorough": 2000}
#: As many fits for each of these the search may take, and so many in any case.
SEARCH_SHARE, LEAST_SEARCH = 4, 3000
#: Those that can err, and share what may be erred.
STATISTICAL = {"many_runs", "canary", "one_run"}


@validate_params(
    {
        "model": [HasMethods(["fit"])],
        "effort": [StrOptions({"fast", "standard", "thorough"})],
        "claimed": [PrivacyGuarantee, Interval(Real, 0, None, closed="left"), None],
        "delta": [Interval(Real, 0, 1, closed="left"), None],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "n_runs": [Interval(Integral, 20, None, closed="left"), None],
        "memory": [str, PathLike, HasMethods(["cache"]), None],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def audit_guarantee(
    model,
    X,
    y=None,
    *,
    effort="standard",
    claimed=None,
    delta=None,
    confidence=0.95,
    n_runs=None,
    memory=None,
    n_jobs=None,
    random_state=None,
) -> GuaranteeAudit:
    """Try to refute what a model promises, by every method that fits it.

    Parameters
    ----------
    model : estimator
        Fitted or not; its clones are fitted. Of a pipeline whose first steps have no
        guarantee, the last step is audited, on what the others make of the data.

    X : array-like of shape (n_records, n_features)
        Data of the kind that it is trained on, which the audit may look at.

    y : array-like of shape (n_records,), default=None
        Labels or targets.

    effort : {"fast", "standard", "thorough"}, default="standard"
        "fast" looks into the fitted model (:func:`~skprivacy.inspection.leak_scan`)
        and replays fits (:class:`ReplayAuditor`): seconds. "standard" also searches for
        the worst pair of data sets (:class:`NeighborSearch`) and bounds epsilon there
        (:class:`MechanismAuditor`), by 500 runs on each. "thorough" takes 2,000, and
        adds canaries: one in many runs (:class:`CanaryAuditor`), many in one run
        (:class:`OneRunAuditor`).

    claimed : PrivacyGuarantee, float or None, default=None
        What is claimed: a guarantee, or an epsilon at `delta`, of data sets in which
        one record is another. None: the ``privacy_guarantee_`` of the fitted model.

    delta : float or None, default=None
        Delta at which epsilon is bounded. None: that at which the claim is stated.

    confidence : float, default=0.95
        Probability with which all bounds hold together: the methods share the error.

    n_runs : int or None, default=None
        Runs on each of both data sets, in place of what `effort` says. The search takes
        four fits for each, and 3,000 at least.

    memory : str, path-like, joblib.Memory or None, default=None
        Where what each method found is stored as it ends, so that an audit that was
        interrupted goes on from there. Needs an int as `random_state`.

    n_jobs : int or None, default=None
        Processes.

    random_state : int, RandomState instance or None, default=None
        All randomness of the audit comes from it. The noise of a model whose own
        `random_state` is None does not.

    Returns
    -------
    audited : GuaranteeAudit
        A table with one row for each method, and a sentence.

    Raises
    ------
    ValueError
        If nothing is claimed, or the model can't be fitted on the data; if a memory is
        given without a seed.

    See Also
    --------
    skprivacy.audit : What a model gives away, with or without a guarantee.
    skprivacy.shadow.report_progress : Tells how many of a method's fits are done.

    Notes
    -----
    An audit can refute a claim, and can't confirm one. A method that can't be run on
    the model is in the table, with the reason.

    Fits are not booked in a :class:`~skprivacy.dp.PrivacyLedger`: audit with data that
    you may look at.

    Examples
    --------
    >>> import numpy as np
    >>> from skprivacy.auditing import audit_guarantee
    >>> from skprivacy.dp import DPGaussianNB
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> private = DPGaussianNB(epsilon=1.0, bounds=(-4, 4), classes=[0, 1])
    >>> audited = audit_guarantee(
    ...     private, X, X[:, 0] > 0, effort="fast", random_state=0
    ... )
    >>> audited.violated, list(audited.to_frame()["method"])
    (False, ['Leak scan', 'Replay'])
    """
    if memory is not None and not isinstance(random_state, Integral):
        raise ValueError(
            "memory needs an int as random_state, so that a later run asks for the "
            f"same; got random_state={random_state!r}."
        )
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    claim = take_claim(model, X, y, claimed, delta, seed)
    plan = PLANS[effort]
    n_sharing = max(len(STATISTICAL.intersection(plan)), 1)
    n_runs = N_RUNS[effort] if n_runs is None else n_runs
    settings = Settings(
        n_runs=n_runs,
        search_fits=max(SEARCH_SHARE * n_runs, LEAST_SEARCH),
        confidence=1 - (1 - confidence) / n_sharing,
        n_jobs=n_jobs,
        seed=seed,
    )
    memory, key = as_memory(memory), _key(claim, settings)
    outcomes = [
        recalled(
            partial(run_method, name, claim, settings),
            ("outcome", name, key),
            memory,
            what=f"the method {name!r}",
        )
        for name in plan
    ]
    return GuaranteeAudit(
        model=claim.name,
        guarantee=claim.guarantee,
        delta=claim.delta,
        outcomes=tuple(outcomes),
        confidence=confidence,
        uncovered=claim.uncovered,
    )


def _key(claim, settings):
    """Stand for all that an outcome depends on."""
    data = content_key(claim.X), None if claim.y is None else content_key(claim.y)
    recipe = type(claim.estimator), claim.estimator.get_params()
    how = replace(settings, n_jobs=None), claim.guarantee, claim.delta
    # A later scikit-learn may train another model from the same recipe.
    return joblib.hash((data, recipe, how, sklearn.__version__, np.__version__))
