"""What is asked beside a file of people."""

from django import forms
from django.utils.translation import gettext_lazy as _

from khedmat.registry.web.forms import SeriesField


class PeopleOptions(forms.Form):
    """The round whose cards the file lists: a document of the file without a kind is this round's card."""

    series = SeriesField(
        label=_("Round of the cards"),
        help_text=_("The round whose cards the file lists, for instance Amayesh 17."),
        error_messages={"required": _("Say which round's cards the file lists, for instance Amayesh 17.")},
    )
