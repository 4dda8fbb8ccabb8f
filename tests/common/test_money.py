import pytest
from hypothesis import given
from hypothesis import strategies as st

from khedmat.common.money import format_amount, format_rial
from khedmat.common.text import to_ascii_digits


def test_format_rial_in_each_language() -> None:
    assert format_rial(3_650_000, "fa") == "۳٬۶۵۰٬۰۰۰ ریال"
    assert format_rial(3_650_000, "en") == "3,650,000 rial"
    assert format_rial(3_650_000, "ar") == "٣٬٦٥٠٬٠٠٠ ريال"


def test_format_amount_marks_negative_amounts() -> None:
    assert format_amount(-250_000, "fa") == "−۲۵۰٬۰۰۰"


@given(st.integers(), st.sampled_from(["fa", "prs", "ar", "en"]))
def test_format_amount_loses_nothing(amount: int, language: str) -> None:
    shown = to_ascii_digits(format_amount(amount, language)).replace("−", "-")
    assert int(shown.replace("٬", "").replace(",", "")) == amount


@pytest.mark.parametrize("amount", [1.5, "12", True])
def test_format_amount_refuses_what_is_not_an_int(amount: int) -> None:
    with pytest.raises(TypeError):
        format_amount(amount, "fa")
