"""Models from files."""

import pickle
import zipfile
from pathlib import Path

from skprivacy._cli._errors import BadInput, say

__all__ = ["load_model"]

PICKLES = (".pkl", ".pickle", ".joblib")


def load_model(path, *, trust=(), allow_pickle: bool = False, must_predict=True):
    """Load a fitted model.

    Parameters
    ----------
    path : str or path-like
        A ``.skops`` file, or a pickle: ``.pkl``, ``.pickle``, ``.joblib``.

    trust : sequence of str, default=()
        Types, besides those that skops knows, that a ``.skops`` file may hold.

    allow_pickle : bool, default=False
        Whether pickles may be loaded, which runs whatever code they hold.

    must_predict : bool, default=True
        Whether what has no ``predict`` method is refused.

    Returns
    -------
    model : object
        What was in the file.

    Raises
    ------
    BadInput
        If the file is not there, not to be trusted, or holds no model.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".skops":
        model = _load_skops(path, list(trust))
    elif suffix in PICKLES:
        model = _load_pickle(path, allow_pickle)
    else:
        raise BadInput(
            f"MODEL {str(path)!r} must be a .skops file, or with --allow-pickle one of "
            f"{', '.join(PICKLES)}."
        )
    if must_predict and not hasattr(model, "predict"):
        raise BadInput(
            f"MODEL {str(path)!r} holds a {type(model).__name__}, which has no predict "
            "method; save the fitted estimator itself."
        )
    return model


def _load_skops(path, trust):
    from skops.io import get_untrusted_types, load  # loaded for models only

    try:
        unknown = sorted(set(get_untrusted_types(file=path)) - set(trust))
        if unknown:
            asked = " ".join(f"--trust {name}" for name in unknown)
            raise BadInput(
                f"MODEL {str(path)!r} holds types that skops does not know to be "
                f"harmless: {', '.join(unknown)}. If you trust them, add: {asked}"
            )
        if any(name.startswith("diffprivlib.") for name in trust):
            from skprivacy.dp._diffprivlib_compat import load_diffprivlib

            # By itself it can't be imported beside a newer scikit-learn.
            load_diffprivlib()
        return load(path, trusted=trust)
    except zipfile.BadZipFile as error:
        raise BadInput(f"MODEL {str(path)!r} is not a skops file: {error}.") from error
    except (ValueError, TypeError, KeyError, AttributeError, ImportError) as error:
        raise BadInput(_cannot_load(path, error)) from error


def _load_pickle(path, allowed):
    if not allowed:
        raise BadInput(
            f"MODEL {str(path)!r} is a pickle, and loading one runs whatever code it "
            "holds. Save the model with skops (skops.io.dump), or add --allow-pickle "
            "if you trust where the file comes from."
        )
    say("warning", f"loading {path} runs the code that it holds (--allow-pickle).")
    import joblib  # loaded for models only

    try:
        return joblib.load(path)
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
        ImportError,
    ) as error:
        raise BadInput(_cannot_load(path, error)) from error


def _cannot_load(path, error):
    return f"MODEL {str(path)!r} cannot be loaded: {type(error).__name__}: {error}"
