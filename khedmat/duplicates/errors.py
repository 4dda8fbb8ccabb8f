"""What stops a search or an answer."""

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class SearchUnderWay(DomainError):
    """One search of a province at a time."""

    code = "search-under-way"
    message = _("A search of this province is under way already. Wait until it has ended.")


class AnsweredMeanwhile(DomainError):
    """The pair is no longer as the page showed it: somebody answered, or a search found it changed."""

    code = "pair-changed"
    message = _("This pair has changed meanwhile. Open it again and look at it first.")


class FilesNotOpen(DomainError):
    """Nobody judges two people without having their records open."""

    code = "pair-not-open"
    message = _("Open the records of both people first, then answer.")
