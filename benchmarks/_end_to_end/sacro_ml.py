"""LiRA of SACRO-ML in its default mode, shadow models trained.

Usage: ``sacro_ml.py FOLDER OUT.npz``. No report is written, and the records' scores are
taken where it computes them: with ``report_individual=True``, which hands them out, it
tests each record's signals for normality a second time. It sets ``random_state``, which
``GaussianNB`` does not have: it is handed one that has, and ignores it.
"""

import logging
import tempfile

from _case import run
from sacroml.attacks.likelihood_attack import LIRAAttack
from sacroml.attacks.target import Target
from sklearn.naive_bayes import GaussianNB


class _Kept(LIRAAttack):
    def _save_attack_metrics(self, mia_scores, *args):
        self.member_scores = [score[1] for score in mia_scores]
        super()._save_attack_metrics(mia_scores, *args)


class _SeededGaussianNB(GaussianNB):
    def __init__(self, *, priors=None, var_smoothing=1e-9, random_state=None):
        super().__init__(priors=priors, var_smoothing=var_smoothing)
        self.random_state = random_state


def with_seed(case):
    """Return the target, of a type that takes a seed."""
    if type(case.model) is not GaussianNB:
        return case.model
    n = case.n_members
    model = _SeededGaussianNB(**case.model.get_params())
    return model.fit(case.X[:n], case.y[:n])


def attack(case):
    logging.disable(logging.CRITICAL)
    n = case.n_members
    target = Target(
        model=with_seed(case),
        dataset_name="benchmark",
        X_train=case.X[:n],
        y_train=case.y[:n],
        X_test=case.X[n:],
        y_test=case.y[n:],
    )
    with tempfile.TemporaryDirectory() as folder:
        lira = _Kept(
            output_dir=folder,
            write_report=False,
            n_shadow_models=case.n_shadow_models,
        )
        lira.attack(target)
    return lira.member_scores


if __name__ == "__main__":
    run(attack)
