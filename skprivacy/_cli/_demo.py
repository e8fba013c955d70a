"""``skprivacy demo``: a first audit, of real data that comes with the package."""

from pathlib import Path

from skprivacy._cli._errors import BadInput

__all__ = ["make_demo_case", "make_folder"]

N_RECORDS = 4000
SEED = 0


def make_demo_case():
    """Train a random forest on 4,000 records of Adult, and hold out 4,000 others.

    Returns
    -------
    model : Pipeline
        Fitted on the first table.

    X_train, y_train, X_holdout, y_holdout : DataFrame, Series, DataFrame, Series
    """
    # Loaded for the demo only, so that --help and --version are fast.
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    from skprivacy.datasets import load_adult

    X, y = load_adult(return_X_y=True, as_frame=True)
    X_train, X_holdout, y_train, y_holdout = train_test_split(
        X, y, train_size=N_RECORDS, test_size=N_RECORDS, random_state=SEED, stratify=y
    )
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (
            # Dense: forests train on it in half the time.
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    model = make_pipeline(columns, RandomForestClassifier(100, random_state=SEED))
    return model.fit(X_train, y_train), X_train, y_train, X_holdout, y_holdout


def make_folder(path) -> Path:
    """Make the folder for the demo's files, or say why it cannot be made."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"--out: cannot make {str(folder)!r}: {error.strerror}."
        ) from error
    return folder
