"""`{% load registry %}`: rounds and telephone numbers as readers write them."""

import re

from django import template

from khedmat.registry.rules import series_label as label_of_series

register = template.Library()


@register.filter
def series_label(series: str) -> str:
    """The round of a document in the reader's words: Amayesh 17 for `amayesh-17`."""
    return label_of_series(series)


@register.filter
def telephone(number: str) -> str:
    """A stored number as people write it: 0912… for +98912…; numbers of other countries as they are."""
    return f"0{number.removeprefix('+98')}" if re.fullmatch(r"\+98[0-9]{10}", number) else number
