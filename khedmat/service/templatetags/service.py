"""`{% load service %}`: hours of a day, in the reader's language."""

import datetime as dt

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from khedmat.service.words import hour_words

register = template.Library()


@register.filter
def hour(value: object) -> SafeString | str:
    """The hour in Tehran of a moment, or an hour of a day: ۸:۳۰ (08:30 in English), in a `<time>`; empty for None."""
    if not isinstance(value, dt.datetime | dt.time):
        return ""
    return format_html('<time class="k-code">{}</time>', hour_words(value, get_language() or "fa"))
