"""What all private estimators share: the promise is booked before anything is drawn."""

from numbers import Real

from sklearn.utils._param_validation import Interval, StrOptions

from skprivacy.dp._gaussian import gaussian_mu
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._ledger import PrivacyLedger, ledger_in_use
from skprivacy.dp._noise import NoiseSource

__all__ = ["PRIVACY_CONSTRAINTS", "PrivateFitMixin"]

#: Constraints of the parameters that all have.
PRIVACY_CONSTRAINTS = {
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "delta": [Interval(Real, 0, 1, closed="neither")],
    "on_leak": [StrOptions({"raise", "warn"})],
    "ledger": [PrivacyLedger, None],
    "random_state": ["random_state"],
}


class PrivateFitMixin:
    """Books a fit, and says what it promises.

    An estimator has the parameters ``epsilon``, ``ledger``, ``on_leak`` and
    ``random_state``, and calls ``_start_private_fit`` when all is checked and before
    the first noise is drawn.
    """

    def _start_private_fit(self, guarantee):
        """Book a guarantee, keep it, and return a source of noise.

        Parameters
        ----------
        guarantee : PrivacyGuarantee
            Of the whole fit.

        Returns
        -------
        noise : NoiseSource

        Raises
        ------
        PrivacyBudgetExceeded
            If the ledger has not enough left.
        """
        noise = NoiseSource(self.random_state)
        ledger = ledger_in_use(self.ledger)
        if ledger is not None:
            ledger.spend(guarantee, f"{type(self).__name__}.fit")
        self.privacy_guarantee_ = guarantee
        self.reproducible_ = not noise.is_secure
        return noise

    def _start_gaussian_fit(self, assumption):
        """Book `epsilon` at `delta` as Gaussian releases, and start.

        Parameters
        ----------
        assumption : str
            What must be true for the guarantee to hold.

        Returns
        -------
        mu : float
            Of all releases of the fit together.

        noise : NoiseSource
        """
        mu = gaussian_mu(self.epsilon, self.delta)
        guarantee = PrivacyGuarantee.gaussian(
            mu, assumptions=(assumption,), stated_delta=self.delta
        )
        return mu, self._start_private_fit(guarantee)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.random_state is None
        for part in (tags.classifier_tags, tags.regressor_tags):
            if part is not None:
                # A few records are hidden so well that nothing is learned of them.
                part.poor_score = True
        return tags
