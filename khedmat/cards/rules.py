"""Who may take a card away. Pure."""

from datetime import date

from khedmat.common.jalali import age_on
from khedmat.registry.enums import Relation
from khedmat.registry.models import Person

OF_AGE = 18


def is_receiver(person: Person, today: date) -> bool:
    """Whether a member can receive any card: the head, and every other member who is of age."""
    is_of_age = person.birth_on <= today and age_on(person.birth_on, today) >= OF_AGE
    return person.relation == Relation.HEAD or is_of_age


def may_receive(owner: Person, receiver: Person, today: date) -> bool:
    """The head receives every card of the family; another adult member their own, in person."""
    if owner.household_id != receiver.household_id or not is_receiver(receiver, today):
        return False
    return receiver.relation == Relation.HEAD or receiver.pk == owner.pk
