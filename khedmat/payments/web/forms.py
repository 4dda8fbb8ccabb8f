"""Forms of the cashier: the number of a case, and money taken at the counter."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khedmat.common.fields import DocumentNumberField
from khedmat.common.text import to_ascii_digits, trim
from khedmat.payments.enums import CounterMethod
from khedmat.payments.errors import ChargeChanged, ReceiptNumberNeeded
from khedmat.payments.models import Charge
from khedmat.payments.rules import receipt_number_of


def typed_receipt_number(text: str) -> str:
    """The receipt number as it is stored, from digits of any script; `ReceiptNumberNeeded`."""
    return receipt_number_of(to_ascii_digits(trim(text)))


class ReceiptNumberField(DocumentNumberField):
    """The number on the slip of a cash book or card terminal; hyphens count."""

    normalise = staticmethod(typed_receipt_number)
    default_error_messages = {"required": ReceiptNumberNeeded.message}


class CaseNumberForm(forms.Form):
    """A case by its number; spaces and hyphens do not matter."""

    number = DocumentNumberField(
        label=_("Case number"),
        help_text=_("As on the client's slip; spaces and hyphens do not matter."),
        error_messages={"required": _("Enter the case number.")},
    )

    use_required_attribute = False


class VersionedForm(forms.Form):
    """Carries the version of the charge that the page showed."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """A version that is missing or no number says in words that the page is of no use any more."""
        if self.errors.pop("version", None):
            self.add_error(None, str(ChargeChanged.message))
        return self.cleaned_data


class CounterPaymentForm(VersionedForm):
    """The whole amount, taken at the counter. Nothing is chosen beforehand."""

    method = forms.ChoiceField(
        label=_("How the money was taken"),
        choices=CounterMethod.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how the money was taken."),
            "invalid_choice": _("Choose how the money was taken."),
        },
    )
    receipt_number = ReceiptNumberField(
        label=_("Receipt number"),
        help_text=_("From the cash book, or from the slip of the card terminal."),
    )

    @classmethod
    def for_charge(cls, charge: Charge) -> "CounterPaymentForm":
        """An empty form for the charge as it stands now."""
        return cls(initial={"version": charge.version})
