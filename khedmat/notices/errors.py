"""Facts that stop a letter, a message or a slip."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class LetterNotThere(DomainError):
    """No such letter, or its family is not open: nothing is said on which."""

    code = "letter-not-there"
    message = _("This letter is not open to you here. Open its case first.")
    status = HTTPStatus.NOT_FOUND


class LetterTextMissing(DomainError):
    """No published text of this kind in this language."""

    code = "letter-text-missing"
    message = _("There is no published text of this letter in this language.")


class ChannelNotOffered(DomainError):
    """The site has no gateway for this way of sending."""

    code = "channel-not-offered"
    message = _("This site sends no messages of this kind. Give the family a printed slip.")
