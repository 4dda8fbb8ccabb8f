"""Forms of an office's days, appointments, numbers and counters."""

from datetime import date, time
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khedmat.common.dates_form import JalaliDateField
from khedmat.common.errors import DomainError
from khedmat.common.fields import ChoiceOfList, DocumentNumberField, PlainTextField
from khedmat.common.text import localise_digits
from khedmat.service.enums import Channel, CounterKind
from khedmat.service.errors import DayChanged
from khedmat.service.rules import DayPlan
from khedmat.service.selectors import today_in_tehran
from khedmat.service.words import hour_words

MOST_PLACES: Final = 200
MOST_COUNTERS: Final = 60
REASON_LENGTH: Final = 200
_FIRST_HOUR, _LAST_HOUR = 6, 22
MINUTES: Final = (10, 15, 20, 30, 45, 60)
HALF_HOURS: Final = [time(hour, minute) for hour in range(_FIRST_HOUR, _LAST_HOUR + 1) for minute in (0, 30)]


def _hours() -> list[tuple[str, str]]:
    return [(f"{one:%H:%M}", hour_words(one, get_language() or "fa")) for one in HALF_HOURS]


def _minutes() -> list[tuple[str, str]]:
    return [(str(one), localise_digits(str(one), get_language() or "fa")) for one in MINUTES]


class _RefusingForm(forms.Form):
    """Puts a fact that stopped the change beside its field."""

    use_required_attribute = False

    def refuse(self, error: DomainError) -> None:
        self.add_error(error.field if error.field in self.fields else None, str(error))


class HourField(ChoiceOfList):
    """An hour of the day, on the half hour; the value is a `time`, None where it may be left open."""

    def __init__(self, **options: Any) -> None:
        super().__init__(of=(), **options)
        self.choices = lambda: [("", "—"), *_hours()]

    def clean(self, value: Any) -> time | None:
        """The hour chosen."""
        chosen = super().clean(value)
        return time.fromisoformat(chosen) if chosen else None


class WholeNumberField(forms.IntegerField):
    """A whole number typed in digits of any script, in a plain box with the keyboard of digits."""

    widget = forms.TextInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "numeric", "autocomplete": "off", "maxlength": "4"}


def _today() -> date:
    return today_in_tehran()


class OpenDaysForm(_RefusingForm):
    """A range of days that are opened alike."""

    since = JalaliDateField(min_date=_today, label=_("From"))
    until = JalaliDateField(min_date=_today, label=_("Until, this day included"))
    opens = HourField(label=_("Opens at"), initial="08:00")
    closes = HourField(label=_("Closes at"), initial="13:00")
    minutes = ChoiceOfList(of=(), label=_("Minutes for one appointment"), initial="30")
    counters = WholeNumberField(
        min_value=1,
        max_value=MOST_COUNTERS,
        label=_("Counters open"),
        help_text=_("Each takes one family at a time."),
        initial=2,
    )
    quiet_from = HourField(
        required=False,
        label=_("Quiet hours from"),
        help_text=_("Fewer families, for those who need calm. Nobody is asked why."),
    )
    quiet_until = HourField(required=False, label=_("Quiet hours until"))
    quiet_places = WholeNumberField(
        min_value=1, max_value=MOST_COUNTERS, label=_("Families at a time in quiet hours"), initial=1
    )
    with_free_days = forms.BooleanField(
        required=False,
        label=_("Fridays and holidays too"),
        help_text=_("Otherwise working days alone are opened, by the calendar of the province."),
    )
    note = PlainTextField(required=False, max_length=REASON_LENGTH, label=_("Note for the office"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        minutes: Any = self.fields["minutes"]
        minutes.choices = _minutes

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", _("The last day lies before the first one."))
        if bool(given.get("quiet_from")) != bool(given.get("quiet_until")):
            self.add_error("quiet_until", _("Choose both hours of the quiet time, or neither."))
        return given

    @property
    def plan(self) -> DayPlan:
        """How each of the days is opened."""
        given = self.cleaned_data
        return DayPlan(
            opens=given["opens"],
            closes=given["closes"],
            minutes=int(given["minutes"]),
            counters=given["counters"],
            quiet_from=given["quiet_from"],
            quiet_until=given["quiet_until"],
            quiet_places=given["quiet_places"],
        )


class PlacesForm(_RefusingForm):
    """How many families one time takes."""

    capacity = WholeNumberField(min_value=0, max_value=MOST_PLACES, label=_("Places"))


class VersionedForm(_RefusingForm):
    """Carries the version of the day that the page showed."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A version that is missing or no number says in words that the page is of no use any more."""
        if self.errors.pop("version", None):
            self.add_error(None, str(DayChanged.message))
        return self.cleaned_data


class CountersOpenForm(VersionedForm):
    """How many counters a day has."""

    counters = WholeNumberField(
        min_value=1,
        max_value=MOST_COUNTERS,
        label=_("Counters open"),
        help_text=_("Places outside the quiet hours follow; no booking is lost."),
    )


class CloseDayForm(VersionedForm):
    """Why a day is closed, and what becomes of its appointments."""

    reason = PlainTextField(
        max_length=REASON_LENGTH,
        label=_("Why the day is closed"),
        help_text=_("The counter tells it to the families. Write nothing about people."),
        error_messages={"required": _("Write why the day is closed; the counter tells it to the families.")},
    )
    is_moving = forms.BooleanField(
        required=False,
        label=_("Give the appointments the next free times"),
        help_text=_("Otherwise they stay on the list of the counter, which calls each family."),
    )


class CounterForm(_RefusingForm):
    """A counter that is added."""

    number = WholeNumberField(min_value=1, max_value=MOST_COUNTERS, label=_("Number of the counter"))
    kind = ChoiceOfList(of=CounterKind.choices, label=_("Which counter it is"))


class SlotForm(_RefusingForm):
    """The time that was chosen."""

    slot = forms.UUIDField(
        label=_("Time"), error_messages={"required": _("Choose a time."), "invalid": _("Choose a time.")}
    )


class StaffSlotForm(SlotForm):
    """The time, and whether the family is on the telephone or here."""

    channel = forms.ChoiceField(
        label=_("The family is"),
        choices=[
            (Channel.PHONE, _("on the telephone")),
            (Channel.COUNTER, _("at the counter")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these."), "invalid_choice": _("Choose one of these.")},
    )


class NumberForm(_RefusingForm):
    """A number of the hall: for a case, for the holder of a code, or for whoever stands there."""

    number = DocumentNumberField(
        required=False,
        label=_("Case number or appointment code"),
        help_text=_("From the slip. Leave it empty for whoever comes without one."),
    )
    is_calm = forms.BooleanField(
        required=False, label=_("Asks for calm"), help_text=_("Nobody is asked why, and no reason is kept.")
    )


class CodeForm(_RefusingForm):
    """The client's code, from the slip."""

    code = DocumentNumberField(
        label=_("Code on your slip"),
        help_text=_("Eight letters and digits. Large or small letters, with or without the dash."),
        error_messages={"required": _("Enter the code from your slip.")},
    )
