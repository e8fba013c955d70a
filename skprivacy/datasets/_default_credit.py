"""UCI Default of credit card clients: who will not pay next month."""

from sklearn.utils import Bunch
from sklearn.utils._param_validation import validate_params

from skprivacy.datasets._table import as_dataset, read_table

__all__ = ["load_credit_default"]

CATEGORIES = ("EDUCATION", "MARRIAGE")
SENSITIVE = ("SEX", "EDUCATION", "MARRIAGE", "AGE")


@validate_params(
    {"return_X_y": ["boolean"], "as_frame": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def load_credit_default(
    *, return_X_y: bool = False, as_frame: bool = True
) -> Bunch | tuple:
    """Load Default of credit card clients: 30,000 clients, and who did not pay.

    A binary classification task without missing values. Nothing is downloaded. Read
    the data card (``DESCR``) before you trust an attack's figure on it: the amounts
    nearly identify a client.

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.

    as_frame : bool, default=True
        If True, data and target are a DataFrame and a Series, codes without an order
        (``EDUCATION``, ``MARRIAGE``) being categories of strings. If False, data is
        an array of objects. The default differs from that of scikit-learn's
        ``load_iris`` because the types are mixed, as it does in ``fetch_openml``.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        data : DataFrame or ndarray of shape (30000, 23)
            The features; amounts are in New Taiwan dollars.
        target : Series or ndarray of shape (30000,)
            1 if the client defaulted in October 2005, otherwise 0.
        frame : DataFrame of shape (30000, 24) or None
            Features and target, the target last; None if `as_frame` is False.
        feature_names, target_names : list of str
            The columns of ``data``, and the target's name in a list.
        sensitive_features : list of str
            Columns that a person would mind being inferred.
        DESCR : str
            The data card.
        filename, data_module : str
            The shipped file and the module that holds it.
    (data, target) : tuple, if `return_X_y` is True

    References
    ----------
    .. [1] Yeh, I. C. and Lien, C. H. (2009). The comparisons of data mining techniques
       for the predictive accuracy of probability of default of credit card clients.
       Expert Systems with Applications, 36(2), 2473-2480.

    .. [2] Yeh, I. C. (2009). Default of Credit Card Clients. UCI Machine Learning
       Repository. https://doi.org/10.24432/C55S3H

    Examples
    --------
    >>> from skprivacy.datasets import load_credit_default
    >>> X, y = load_credit_default(return_X_y=True)
    >>> X.shape, int(y.sum())
    ((30000, 23), 6636)
    """
    return as_dataset(
        read_table("default_credit", categories=CATEGORIES),
        name="default_credit",
        target="default-payment-next-month",
        sensitive=SENSITIVE,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
