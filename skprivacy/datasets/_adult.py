"""UCI Adult: who earns more than $50,000 a year."""

from sklearn.utils import Bunch
from sklearn.utils._param_validation import validate_params

from skprivacy.datasets._table import as_dataset, read_table

__all__ = ["load_adult"]

CATEGORIES = (
    "workclass",
    "education",
    "marital-status",
    "occupation",
    "relationship",
    "race",
    "gender",
    "native-country",
    "income",
)
SENSITIVE = (
    "age",
    "marital-status",
    "relationship",
    "race",
    "gender",
    "native-country",
)


@validate_params(
    {"return_X_y": ["boolean"], "as_frame": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def load_adult(*, return_X_y: bool = False, as_frame: bool = True) -> Bunch | tuple:
    """Load UCI Adult: 48,842 people of the US census, and who earns over $50,000.

    A binary classification task with mixed types and missing values. Nothing is
    downloaded. Read the data card (``DESCR``) before you trust an attack's figure on
    it: the column ``fnlwgt`` nearly identifies a person.

    Parameters
    ----------
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.

    as_frame : bool, default=True
        If True, data and target are a DataFrame and a Series, strings being
        categories. If False, they are arrays of objects. The default differs from
        that of scikit-learn's ``load_iris`` because the types are mixed, as it does
        in ``fetch_openml``.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        data : DataFrame or ndarray of shape (48842, 14)
            The features.
        target : Series or ndarray of shape (48842,)
            ``"<=50K"`` or ``">50K"``.
        frame : DataFrame of shape (48842, 15) or None
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
    .. [1] Becker, B. and Kohavi, R. (1996). Adult. UCI Machine Learning Repository.
       https://doi.org/10.24432/C5XW20

    Examples
    --------
    >>> from skprivacy.datasets import load_adult
    >>> adult = load_adult()
    >>> adult.data.shape
    (48842, 14)
    >>> print(adult.target.value_counts().to_dict())
    {'<=50K': 37155, '>50K': 11687}
    """
    return as_dataset(
        read_table("adult", categories=CATEGORIES),
        name="adult",
        target="income",
        sensitive=SENSITIVE,
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
