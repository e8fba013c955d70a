import matplotlib
import pytest


@pytest.fixture(scope="module", autouse=True)
def quick_learners(few_rounds):
    """Spare rounds in every module: fitted attacks are shared by them."""


@pytest.fixture
def no_window():
    """Draw without a screen, and leave no figure behind."""
    matplotlib.use("Agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
