"""Models that MLflow keeps."""

from pathlib import Path

from skprivacy._cli._errors import BadInput

__all__ = ["fetch_model_file"]


def fetch_model_file(uri) -> Path:
    """Fetch a scikit-learn model from MLflow, without loading it.

    Parameters
    ----------
    uri : str
        Where MLflow finds it: ``models:/name/version``, ``runs:/run/path``, a folder.

    Returns
    -------
    path : Path
        The file of the model, which is loaded as any other: with care.

    Raises
    ------
    BadInput
        If MLflow is not installed or does not find it, or it is not of scikit-learn.
    """
    try:
        from mlflow.artifacts import download_artifacts
        from mlflow.models import Model
    except ImportError as error:
        raise BadInput(
            "--mlflow needs MLflow: pip install 'skprivacy[mlflow]'."
        ) from error
    try:
        folder = Path(download_artifacts(artifact_uri=uri)).resolve()
        flavors = Model.load(str(folder)).flavors
    except Exception as error:  # whatever a store far away makes of itself
        raise BadInput(
            f"--mlflow {uri!r} can't be fetched: {type(error).__name__}: {error}"
        ) from error
    name = flavors.get("sklearn", {}).get("pickled_model")
    if name is None:
        raise BadInput(
            f"--mlflow {uri!r} must be a model of scikit-learn; its flavors are "
            f"{', '.join(sorted(flavors))}."
        )
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise BadInput(f"--mlflow {uri!r} names a file outside of its folder: {name}.")
    if not path.is_file():
        raise BadInput(f"--mlflow {uri!r} has no file {name}.")
    return path
