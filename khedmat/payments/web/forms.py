"""Forms of the cashier and of the manager: money taken, given back, counted."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khedmat.common.fields import ChoiceOfList, DocumentNumberField, PlainTextField
from khedmat.common.money import format_rial
from khedmat.common.text import to_ascii_digits, trim
from khedmat.payments.enums import CounterMethod, RefundCause, RefundMethod
from khedmat.payments.errors import ChargeChanged, DayChanged, ReceiptNumberNeeded, RefundNeedsReason
from khedmat.payments.models import Charge
from khedmat.payments.rules import MAX_AMOUNT_RIAL, receipt_number_of
from khedmat.payments.selectors import Drawer

_SEPARATORS = str.maketrans(dict.fromkeys("٬،, _\u202f\u00a0"))


def typed_receipt_number(text: str) -> str:
    """The receipt number as it is stored, from digits of any script; `ReceiptNumberNeeded`."""
    return receipt_number_of(to_ascii_digits(trim(text)))


class ReceiptNumberField(DocumentNumberField):
    """The number on the slip of a cash book or card terminal; hyphens count."""

    normalise = staticmethod(typed_receipt_number)
    default_error_messages = {"required": ReceiptNumberNeeded.message}


class RialField(forms.IntegerField):
    """Whole rial, in digits of any script, with or without separators between the thousands."""

    default_error_messages = {"invalid": _("Enter the amount in rial, in digits alone.")}

    def __init__(self, *, least: int = 0, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "form-control", "maxlength": "30"})
        super().__init__(min_value=least, max_value=MAX_AMOUNT_RIAL, widget=widget, **options)

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = to_ascii_digits(trim(value)).translate(_SEPARATORS)
        return super().to_python(value)


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
    """The part that is due, or the whole, taken at the counter. Nothing is chosen beforehand."""

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


def _one_of(choices: Sequence[tuple[str, Any]], *, label: Any, missing: Any) -> forms.ChoiceField:
    """A choice among what is open just now, nothing chosen beforehand."""
    return forms.ChoiceField(
        label=label,
        widget=forms.RadioSelect,
        choices=choices,
        error_messages={"required": missing, "invalid_choice": missing},
    )


class AskRefundForm(forms.Form):
    """What the cashier asks back for a payer. The reason is about the payment, never about a person."""

    use_required_attribute = False

    cause = ChoiceOfList(of=RefundCause.choices, label=_("Why money goes back"))
    amount = RialField(
        least=1, label=_("Amount in rial"), error_messages={"required": _("Enter the amount that goes back.")}
    )
    reason = PlainTextField(
        max_length=500,
        multiline=True,
        label=_("In your words"),
        help_text=_("What the manager needs to know, without names."),
        error_messages={"required": RefundNeedsReason.message},
    )


class PayRefundForm(forms.Form):
    """How the manager gives the money back: only ways that have so much are offered."""

    use_required_attribute = False

    method = forms.ChoiceField()
    drawer = ChoiceOfList(of=(), required=False, label=_("From whose drawer"))
    voucher = ReceiptNumberField(
        required=False, label=_("Voucher number"), help_text=_("The payer signs it and keeps a copy. For cash alone.")
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, drawers: Sequence[Drawer] = (), has_card: bool = False
    ) -> None:
        super().__init__(data)
        ways = {RefundMethod.CASH: bool(drawers), RefundMethod.CARD: has_card}
        self.has_way = any(ways.values())
        self.fields["method"] = _one_of(
            [(way.value, way.label) for way, is_open in ways.items() if is_open],
            label=_("How the money goes back"),
            missing=_("Choose how the money goes back."),
        )
        language = get_language() or "fa"
        self.fields["drawer"] = ChoiceOfList(
            of=[(str(one.cashier_id), f"{one.name}: {format_rial(one.cash_rial, language)}") for one in drawers],
            required=False,
            label=_("From whose drawer"),
            help_text=_("Drawers that hold so much cash today."),
        )
        if not drawers:
            del self.fields["drawer"], self.fields["voucher"]

    def clean(self) -> dict[str, Any]:
        """Cash needs a drawer and a voucher; the card needs neither."""
        given = self.cleaned_data
        if given.get("method") == RefundMethod.CASH:
            if not given.get("drawer") and "drawer" not in self.errors:
                self.add_error("drawer", _("Choose from whose drawer the cash comes."))
            if not given.get("voucher") and "voucher" not in self.errors:
                self.add_error("voucher", str(ReceiptNumberNeeded.message))
        given["drawer"] = UUID(given["drawer"]) if given.get("drawer") else None
        given.setdefault("voucher", "")
        return given


class DeclineForm(forms.Form):
    """Why a refund is not paid; the family is told the same words."""

    use_required_attribute = False

    reason = PlainTextField(
        max_length=500,
        multiline=True,
        label=_("Reason"),
        help_text=_("The family is told the same words."),
        error_messages={"required": _("Write the reason. The family is told the same words.")},
    )


class CountForm(forms.Form):
    """What lies in the drawer and what the slips of the terminal sum to. The expected sums are those of the page."""

    use_required_attribute = False

    on = forms.DateField(input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)
    expected_cash = forms.IntegerField(widget=forms.HiddenInput)
    expected_terminal = forms.IntegerField(widget=forms.HiddenInput)
    cash = RialField(
        label=_("Cash counted, in rial"), error_messages={"required": _("Enter what you counted; 0 for nothing.")}
    )
    terminal = RialField(
        label=_("Slips of the card terminal, in rial"),
        error_messages={"required": _("Enter the sum of the slips; 0 for none.")},
    )
    note = PlainTextField(
        max_length=500,
        multiline=True,
        required=False,
        label=_("Note on the count"),
        help_text=_("Needed where the count differs from the books. Without names of clients."),
    )

    def clean(self) -> dict[str, Any]:
        """A day or expected sums that are missing or none say in words that the page is of no use any more."""
        shown = {"on", "expected_cash", "expected_terminal"} & set(self.errors)
        for name in shown:
            del self.errors[name]
        if shown:
            self.add_error(None, str(DayChanged.message))
        return self.cleaned_data

    def counted_anew(self, expected: Mapping[str, Any]) -> "CountForm":
        """The same count beside the sums as they stand now."""
        return CountForm({**{name: self.data.get(name, "") for name in self.fields}, **expected})
