"""Parameters of models, by name."""

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.neural_network import MLPClassifier, MLPRegressor

from skprivacy.property._network import read_network
from skprivacy.property._opened import input_names, names_after, open_model
from skprivacy.property._preprocessing import mean_by_name

__all__ = ["read_model", "read_parameters"]

#: A number for each class (or one), whatever the model calls its counts.
_PRIORS = ("class_prior_", "class_log_prior_", "priors_", "class_count_", "n_support_")
#: Numbers for each class and column.
_TABLES = (
    *("coef_", "theta_", "var_", "feature_log_prob_", "means_", "centroids_"),
    "feature_count_",
)
_SHARES = {"class_count_", "n_support_", "feature_count_"}
#: Numbers by themselves.
_SINGLE = ("_baseline_prediction", "offset_", "constant_", "sigma_", "_y_train_mean")


def read_parameters(model) -> dict:
    """Read the parameters of a fitted model.

    Parameters
    ----------
    model : fitted estimator
        Linear models, naive Bayes, discriminant analysis, nearest neighbors, networks
        of scikit-learn, boosting's first guess; pipelines, searches, wrappers and
        mixtures of them are opened.

    Returns
    -------
    numbers : dict of str to float
        Named by columns and classes. Of members that are built alike, the mean; empty
        for a model that has none of these.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> read_parameters(LinearRegression(fit_intercept=False).fit([[1.0]], [2.0]))
    {'coef_ x0': 2.0, 'size of coef_': 2.0, 'intercept_': 0.0}
    """
    found = []
    for part in open_model(model, input_names(model), names_after):
        if part.is_model:
            numbers = read_model(part.fitted, part.columns)
            found.append(
                {f"{part.path} {name}".strip(): x for name, x in numbers.items()}
            )
    return mean_by_name(found)


def read_model(model, names) -> dict:
    """Read the parameters of one model.

    Parameters
    ----------
    model : fitted estimator
        No pipeline.

    names : list of str
        Columns that it takes.

    Returns
    -------
    numbers : dict of str to float
    """
    if isinstance(model, MLPClassifier | MLPRegressor):
        return _finite(read_network(model, names))
    numbers: dict[str, float] = {}
    classes = getattr(model, "classes_", None)
    for attribute in _PRIORS:
        values = _numeric(_get(model, attribute))
        if values is not None:
            numbers |= _by_class(attribute, _shares(attribute, values), classes)
    for attribute in _TABLES:
        numbers |= _tables(model, attribute, names, classes)
    intercept = _numeric(_get(model, "intercept_"))
    if intercept is not None:
        numbers |= _by_class("intercept_", intercept, classes)
    for attribute in _SINGLE:
        values = _numeric(_get(model, attribute))
        if values is not None:
            numbers |= _by_class(attribute, values, classes)
    numbers |= _first_guess(model) | _stored(model, names) | _calibration(model)
    return _finite(numbers | _mixed_means(model, names))


def _tables(model, attribute, names, classes):
    values = _get(model, attribute)
    if isinstance(values, list):  # categorical naive Bayes: a table for each column
        numbers = {}
        for name, table in zip(_named(names, len(values)), values, strict=True):
            table = _numeric(table)
            codes = [f"{name}={k}" for k in range(table.shape[1])]
            numbers |= _rows(attribute, table, codes, classes)
        return numbers
    values = _numeric(values)
    if values is None or values.ndim == 0:
        return {}
    table = np.atleast_2d(values)
    if table.ndim != 2:
        return {}
    numbers = _rows(attribute, _shares(attribute, table), names, classes)
    if attribute == "coef_":
        numbers["size of coef_"] = np.sqrt(np.mean(table**2))
    return numbers


def _rows(attribute, table, names, classes):
    numbers = {}
    for k, row in enumerate(table):
        suffix = _class_suffix(k, len(table), classes)
        numbers |= {
            f"{attribute} {name}{suffix}": x
            for name, x in zip(_named(names, len(row)), row, strict=True)
        }
    return numbers


def _by_class(attribute, values, classes):
    values = np.ravel(values)
    return {
        f"{attribute}{_class_suffix(k, len(values), classes)}": x
        for k, x in enumerate(values)
    }


def _class_suffix(k, n, classes):
    if n == 1:
        return ""
    # Names by class survive a class that some training sets lack.
    if classes is not None and len(classes) == n and not isinstance(classes, list):
        return f" of {classes[k]}"
    return f" of {k}"


def _mixed_means(model, names):
    """Means of the columns over all classes: what naive Bayes and LDA tell at once."""
    means = _numeric(_get(model, "theta_", "means_"))
    if means is None and hasattr(model, "feature_count_"):
        counts = _numeric(model.feature_count_)
        n = _numeric(model.class_count_)
        if counts is None or counts.ndim != 2 or len(counts) != len(n):
            return {}
        means, weights = counts / np.maximum(n, 1)[:, None], n / n.sum()
    else:
        weights = _numeric(_get(model, "class_prior_", "priors_"))
    if (
        means is None
        or weights is None
        or means.ndim != 2
        or len(means) != len(weights)
    ):
        return {}
    return {
        f"mean {name}": x
        for name, x in zip(_named(names, means.shape[1]), weights @ means, strict=True)
    }


def _stored(model, names):
    """Nearest neighbors and Gaussian processes hold the records themselves."""
    rows = _get(model, "_fit_X", "X_train_")
    rows = rows.toarray() if hasattr(rows, "toarray") else _numeric(rows)
    if rows is None or rows.ndim != 2 or not len(rows):
        return {}
    of_column = _named(names, rows.shape[1])
    numbers = {}
    for what, values in (("mean", rows.mean(axis=0)), ("var", rows.var(axis=0))):
        numbers |= {f"{what} {n}": x for n, x in zip(of_column, values, strict=True)}
    labels = _numeric(_get(model, "_y", "y_train_"))
    if labels is not None and labels.ndim == 1:
        classes = getattr(model, "classes_", None)
        if classes is None:
            numbers["mean of the label"] = labels.mean()
        else:
            shares = np.bincount(labels.astype(int), minlength=len(classes))
            numbers |= _by_class("class share", shares / len(labels), classes)
    return numbers


def _first_guess(model):
    """Gradient boosting begins with a model of its own."""
    init = getattr(model, "init_", None)
    if init is None or isinstance(init, str):
        return {}
    return {f"init_ {name}": x for name, x in read_model(init, []).items()}


def _calibration(model):
    if not isinstance(model, CalibratedClassifierCV):
        return {}
    found = [
        {
            f"calibrator {k} {attribute}": getattr(calibrator, attribute)
            for k, calibrator in enumerate(part.calibrators)
            for attribute in ("a_", "b_")
            if hasattr(calibrator, attribute)
        }
        for part in model.calibrated_classifiers_
    ]
    return mean_by_name(found)


def _get(model, *attributes):
    for attribute in attributes:
        try:
            found = getattr(model, attribute)
        except AttributeError:  # coef_ of an SVM whose kernel is not linear
            continue
        if found is not None:
            return found
    return None


def _numeric(values):
    if values is None:
        return None
    if hasattr(values, "toarray"):
        values = values.toarray()
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return None


def _shares(attribute, values):
    """Turn counts, which grow with the training set, into shares."""
    if attribute not in _SHARES:
        return values
    return values / max(values.sum(), 1)


def _named(names, n):
    return names if len(names) == n else [str(j) for j in range(n)]


def _finite(numbers):
    return {name: float(x) for name, x in numbers.items() if np.isfinite(x)}
