"""The command ``skprivacy``."""

from skprivacy._cli._main import main

__all__ = ["main"]
