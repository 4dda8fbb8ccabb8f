"""What comparisons show on a family's page: that the keeper of the register asks for papers, and no other family."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from khedmat.accounts.gate import StaffRequest
from khedmat.duplicates.selectors import papers_asked_of
from khedmat.registry.models import Household


def papers_panel(request: StaffRequest, household: Household) -> SafeString | None:
    """Whose papers are asked for; nothing where nobody's are. One query."""
    asked = papers_asked_of(household.pk)
    if not asked:
        return None
    rows = [(person, asked[person.pk]) for person in household.members.all() if person.pk in asked]
    return render_to_string("duplicates/panel_papers.html", {"rows": rows}, request=request)
