"""Reading families. Everything here needs a working context with a grant for the household."""

from uuid import UUID

from khedmat.accounts.errors import RecordNotVisible
from khedmat.registry.models import Household, Person


def household_with_members(household_id: UUID) -> Household:
    """The family with members and their documents, in three queries. Errors: RecordNotVisible."""
    household = (
        Household.objects.select_related("province")
        .prefetch_related("members__documents")
        .filter(pk=household_id)
        .first()
    )
    if household is None:
        raise RecordNotVisible
    return household


def head_of(household: Household) -> Person:
    """The head; uses the members already fetched. Errors: RecordNotVisible for a household that all have left."""
    head = next((member for member in household.members.all() if member.relation == "head"), None)
    if head is None:
        raise RecordNotVisible
    return head
