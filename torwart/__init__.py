"""Torwart: how likely a business message is abuse, and what to do about it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torwart.detector import Detector

__all__ = ["Detector"]


def __getattr__(name: str) -> object:
    """Load the detector, and the compiled code behind it, only when somebody asks for it."""
    if name == "Detector":
        from torwart.detector import Detector

        return Detector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
