"""A family that is written to in every way: a printed letter, a message that went out, one that waits, a slip."""

from uuid import UUID

from khedmat.common.actor import Actor
from khedmat.notices.actions import note_printing
from khedmat.notices.enums import Channel, MessageKind
from khedmat.notices.sending import next_time, queue_message, send_message
from khedmat.notices.slips import make_slip
from khedmat.places.models import Scope
from khedmat.registry.models import Household
from khedmat.vault.context import working_context
from tests.notices.conftest import letter_to


def told_in_every_way(household_id: UUID, *, by: Actor, case_id: UUID | None = None) -> None:
    """All that the notices storey keeps of a family; it must be open to `by`. About a case, or about anything."""
    about = case_id or household_id
    with working_context(by):
        household = Household.objects.get(pk=household_id)
        letter = letter_to(household, by, about=about)
        note_printing(letter.pk, "fa", by=by)
        letter_to(household, by, language="en", about=about)
        make_slip("enrolment", about, household_id, by=by)
        office = Scope.objects.get(pk=by.scope_id)
        queued = [
            queue_message(
                MessageKind.LETTER_WAITING,
                household_id,
                office,
                channel=Channel.SMS,
                destination="+989121234567",
                language="fa",
                key=f"letter:{letter.pk}:{number}",
                code="4821-7739",
                by=by,
            )
            for number in (1, 2)
        ]
    assert queued[0] is not None
    send_message(queued[0].pk, now=next_time(office.pk))
