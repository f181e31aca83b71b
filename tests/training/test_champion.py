"""What the shipped model must not get wrong, whatever it was made from."""

import pytest

from torwart.detector import Detector
from torwart.text.classifier import unwanted
from training.options import CHAMPION


@pytest.fixture(scope="module")
def champion() -> Detector:
    return Detector.load(CHAMPION)


@pytest.mark.parametrize(
    "text",
    [
        "Hello", "Hi", "Good morning", "Hallo", "Guten Tag", "Hola", "Bonjour", "Ciao", "Olá", "Merhaba", "Halo",
        "Здравствуйте", "你好", "สวัสดีค่ะ", "नमस्ते", "Thank you", "Danke", "OK",
        "Hello Anna, your order is ready for pickup.", "Hello, your car can be collected until six.",
    ],
)  # fmt: skip
def test_who_greets_is_no_swindler(champion: Detector, text: str) -> None:
    # Openings are easily more common among hand-written frauds than among genuine messages; alone they must not decide.
    evidence = champion.text.evidence(text)
    assert unwanted(evidence.whole) < 0.5
    assert unwanted(evidence.worst) < 0.5
