"""What keeps a register right, done once in each province: an import, a question, a change, a history."""

from khedmat.common.actor import Actor
from khedmat.registry.actions import look_up, open_hit
from khedmat.registry.enums import Way
from khedmat.registry.models import Household
from khedmat.registry.provenance import note_values
from khedmat.vault.context import working_context
from tests.imports.registers import FAMILY, bring_in, check, table

# Long enough not to occur anywhere by chance: the secrets test looks for each of them in dumps and files.
_TEXTS = {"address": "کوچهٔ ناپیدا، پلاک", "postal_code": "335163", "phone": "+98912000", "code": "خانوار-نمونه"}


def bring_register_in(keeper: Actor, clerk: Actor, serial: int, county: str) -> None:
    """A family by a file, opened; a decided phone; a later file that says otherwise; a file that waits."""
    own = {"household_code": f"کد-خانوار-{serial}", "county": county}
    rows = [
        row | own | {"document_number": f"88{serial}{place}7744001", "fida_code": f"9900{serial}{place}77441"}
        for place, row in enumerate(FAMILY)
    ]
    bring_in(table(rows), keeper, working_context)
    with working_context(clerk):
        found = look_up(number=str(rows[0]["document_number"]), by=clerk)
        family = Household.objects.get(pk=open_hit(found.look_up_id, 1, by=clerk))
        note_values(family, {"phone": family.phone}, way=Way.COUNTER, by=clerk)
    bring_in(table([row | {"phone": f"0935111{serial}233"} for row in rows]), keeper, working_context)
    check(table([row | {"relation": "همخانه"} for row in rows]), keeper, working_context)


def rewrite(household: Household, serial: int) -> None:
    """Everything sealed of a family written anew, twice: each old value stands in the history.

    Needs the family open.
    """
    for time in (1, 2):
        for name, text in _TEXTS.items():
            setattr(household, name, f"{text}{serial:02}{time}0"[:40])
        household.save()
        for person in household.members.all():
            person.birth_place = f"زادگاه-نمونه-{serial}-{time}"
            person.nationality = ("AFG", "IRQ")[time - 1]
            person.save()
            for document in person.documents.all():
                document.number = f"نمونه{person.position}{serial:03}{time}{document.number[-6:]}"[:40]
                document.save()
