"""What a model's guarantee allows, for both reports."""

from skprivacy._report._words import decimal, number_range, percent

__all__ = ["guarantee_document", "guarantee_section"]

ADJACENCY = {
    "replace": "one record replaced by another",
    "add_remove": "one record added or left out",
}


def guarantee_document(result) -> dict | None:
    """Return a model's guarantee, and its ceilings, as plain values.

    Parameters
    ----------
    result : AuditResult

    Returns
    -------
    document : dict or None
        None where the model has no guarantee.
    """
    if result.promise is None:
        return None
    guarantee = result.promise.guarantee
    return {
        "text": str(guarantee),
        "epsilon": guarantee.epsilon(),
        "delta": guarantee.stated_delta,
        "adjacency": guarantee.adjacency,
        "assumptions": list(guarantee.assumptions),
        "uncovered": list(result.promise.uncovered),
        "ceilings": result.ceilings().to_dict("records"),
        "audit": result.guarantee_audit and result.guarantee_audit.to_dict(),
    }


def guarantee_section(result) -> dict | None:
    """Write out what the guarantee allows beside what was reached.

    Parameters
    ----------
    result : AuditResult

    Returns
    -------
    section : dict or None
    """
    document = guarantee_document(result)
    if document is None:
        return None
    return document | {
        "neighbors": ADJACENCY[document["adjacency"]],
        "rows": [_row(row) for row in document["ceilings"]],
        "audit_rows": [_audit_row(one) for one in _outcomes(document)],
        "is_broken": any(row["exceeded"] for row in document["ceilings"]),
    }


def _row(row):
    is_auc = row["figure"] == "roc_auc"
    write = decimal if is_auc else percent
    known = row["estimate"] == row["estimate"]
    fpr = float(row["figure"].removeprefix("tpr_at_fpr_")) if not is_auc else None
    return {
        "attack": row["attack"],
        "access": row["access"],
        "figure": "AUC" if is_auc else f"TPR at {percent(fpr)} FPR",
        "value": write(row["estimate"]) if known else "–",
        "interval": number_range(row["low"], row["high"], write) if known else "",
        "ceiling": write(row["ceiling"]),
        "exceeded": row["exceeded"],
    }


def _outcomes(document):
    return document["audit"]["outcomes"] if document["audit"] else []


def _audit_row(outcome):
    epsilon = outcome["epsilon"]
    return outcome | {
        "epsilon": "–" if epsilon is None else f"≥ {float(epsilon):.2f}",
        "n_fits": f"{outcome['n_fits']:,}",
    }
