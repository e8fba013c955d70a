import matplotlib
import pytest


@pytest.fixture
def no_window():
    """Draw without a screen, and leave no figure behind."""
    matplotlib.use("Agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
