"""RAND Health Insurance Experiment: how much health care a person used in a year."""

from sklearn.utils import Bunch
from sklearn.utils._param_validation import StrOptions, validate_params

from skprivacy.datasets._table import as_dataset, read_table

__all__ = ["load_rand_health"]

PERSON = "zper"
# What a person used and spent in the year. Each gives the others away: the total is
# a sum of parts, and `binexp` and `lnmeddol` are functions of the total.
OUTCOMES = (
    "mdvis",
    "notmdvis",
    "mentvis",
    "totadm",
    "outpdol",
    "drugdol",
    "suppdol",
    "mentdol",
    "inpdol",
    "meddol",
    "binexp",
    "lnmeddol",
    "inpmis",
)
# `lnmeddol` is missing for those who spent nothing, `inpmis` marks missing claims.
TARGETS = tuple(name for name in OUTCOMES if name not in ("lnmeddol", "inpmis"))
SENSITIVE = (
    "black",
    "female",
    "xage",
    "income",
    "linc",
    "mhi",
    "disea",
    "physlm",
    "ghindx",
    "xghindx",
    "hlthg",
    "hlthf",
    "hlthp",
)


@validate_params(
    {
        "target": [StrOptions(set(TARGETS))],
        "return_X_y": ["boolean"],
        "as_frame": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_rand_health(
    *, target: str = "mdvis", return_X_y: bool = False, as_frame: bool = True
) -> Bunch | tuple:
    """Load the RAND Health Insurance Experiment: 20,190 years of 5,912 people.

    A regression task with numeric columns and missing values. Nothing is downloaded.
    A person has up to five rows, so that **rows must be split by person**: pass
    ``groups`` to a group splitter, and to
    :func:`skprivacy.records.make_membership_records`. A split by row puts other years
    of the same person into the training set and into the holdout, and a membership
    attack then measures the split.

    Parameters
    ----------
    target : str, default="mdvis"
        The outcome to predict. ``"mdvis"`` (visits to a physician), ``"notmdvis"``
        (visits to others), ``"mentvis"`` (psychotherapy visits), ``"totadm"``
        (hospital admissions), dollars spent: ``"outpdol"`` (outpatient),
        ``"drugdol"``, ``"suppdol"`` (supplies), ``"mentdol"`` (psychotherapy),
        ``"inpdol"`` (inpatient), ``"meddol"`` (total), or ``"binexp"`` (1 if anything
        was spent). The outcomes that are not the target are left out of the
        features, because they give it away.

    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch. The groups are then
        not at hand: use it only where each row stands for itself.

    as_frame : bool, default=True
        If True, data and target are a DataFrame and a Series. If False, they are
        numeric arrays. The default is that of the other loaders of this package.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        data : DataFrame or ndarray of shape (20190, 31)
            The features: neither outcomes nor the person's number.
        target : Series or ndarray of shape (20190,)
            The outcome.
        groups : Series or ndarray of shape (20190,)
            The number of the person that the row is about.
        frame : DataFrame of shape (20190, 32) or None
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

    Raises
    ------
    ValueError
        If `target` is not one of the outcomes.

    References
    ----------
    .. [1] Newhouse, J. P. (1999). RAND Health Insurance Experiment [in Metropolitan
       and Non-Metropolitan Areas of the United States], 1974-1982. ICPSR 6439.

    .. [2] Cameron, A. C. and Trivedi, P. K. (2005). Microeconometrics: Methods and
       Applications. Cambridge University Press.

    Examples
    --------
    >>> from sklearn.model_selection import GroupShuffleSplit
    >>> from skprivacy.datasets import load_rand_health
    >>> rand = load_rand_health(target="meddol")
    >>> rand.data.shape, rand.groups.nunique()
    ((20190, 31), 5912)
    >>> split = GroupShuffleSplit(n_splits=1, test_size=0.5, random_state=0)
    >>> train, holdout = next(split.split(rand.data, groups=rand.groups))
    >>> len(set(rand.groups.iloc[train]) & set(rand.groups.iloc[holdout]))
    0
    """
    table = read_table("rand_health")
    groups = table[PERSON]
    hidden = [PERSON, *(name for name in OUTCOMES if name != target)]
    return as_dataset(
        table.drop(columns=hidden),
        name="rand_health",
        target=target,
        sensitive=SENSITIVE,
        return_X_y=return_X_y,
        as_frame=as_frame,
        groups=groups,
    )
