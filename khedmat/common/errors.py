"""The one family of errors that actions and rules raise; mapped once to a page by the gate."""

from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A fact that stops a change. Subclasses are named for the fact.

    `code` is stable and kebab-case; `message` tells the fact and what to do, in the reader's language;
    `field` names the form field it is about, if any.
    """

    code: str = "not-possible"
    message: str | Promise = _("This cannot be done now.")
    status: int = HTTPStatus.CONFLICT
    field: str | None = None

    def __init__(self, message: str | Promise | None = None, *, field: str | None = None) -> None:
        if message is not None:
            self.message = message
        if field is not None:
            self.field = field
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)
