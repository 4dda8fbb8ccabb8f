"""What staff type and tick on the pages of cards."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from khedmat.cards.models import Card
from khedmat.cards.token import MAX_TEXT_CHARS
from khedmat.common.fields import PlainTextField
from khedmat.registry.models import Person

LONGEST_REASON: Final = 1000


class NewBatchForm(forms.Form):
    """The id that the batch will have: a page sent twice makes one batch."""

    batch_id = forms.UUIDField(widget=forms.HiddenInput)


class BatchStepForm(forms.Form):
    """What the printer says about a batch."""

    PRINTED: Final = "printed"
    AGAIN: Final = "again"

    step = forms.ChoiceField(choices=[(PRINTED, PRINTED), (AGAIN, AGAIN)], widget=forms.HiddenInput)


class PresentedForm(forms.Form):
    """What lies on the counter: a card's number, its code as a scanner types it, or a case number."""

    presented = PlainTextField(
        max_length=MAX_TEXT_CHARS,
        label=_("Number of the card or of the case"),
        help_text=_("Type it, or scan the code on the back of the card: the scanner types it here."),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["presented"]
        field.error_messages["required"] = _("Type the number, or scan the card's code.")
        field.widget.attrs |= {
            "class": "form-control is-code is-large",
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
        }


class HandOverForm(forms.Form):
    """Which ready cards are given, and into whose hands. Nothing is chosen beforehand."""

    cards = forms.MultipleChoiceField(
        error_messages={
            "required": _("Tick the cards that you hand over."),
            "invalid_choice": _("The list has changed meanwhile. Look at it again and tick the cards."),
        },
        label=_("Cards"),
        widget=forms.CheckboxSelectMultiple,
    )
    receiver = forms.ChoiceField(
        error_messages={
            "required": _("Choose who takes the cards."),
            "invalid_choice": _("Choose one of the persons shown."),
        },
        label=_("Who takes them"),
        widget=forms.RadioSelect,
    )

    use_required_attribute = False

    def __init__(self, *args: Any, ready: Sequence[Card], receivers: Sequence[Person], **options: Any) -> None:
        super().__init__(*args, **options)
        for name, choices in (
            ("cards", [(str(card.pk), card.person.full_name) for card in ready]),
            ("receiver", [(str(person.pk), person.full_name) for person in receivers]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type alone
            field.choices = choices


class RevokeForm(forms.Form):
    """Why a card ends before its time."""

    reason = PlainTextField(
        max_length=LONGEST_REASON,
        multiline=True,
        label=_("Reason"),
        help_text=_("The family reads the same words. Whoever checks the card does not."),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].error_messages["required"] = _("Write the reason. The family reads the same words.")
