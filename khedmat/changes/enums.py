"""Kinds of change, who decides them, and the fields they ask for."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ChangeKind(TextChoices):
    """What a family asks for."""

    NAMES = "names", _("Correction of names")
    PARTICULARS = "particulars", _("Correction of particulars")
    CONTACT = "contact", _("New telephone or address")
    BIRTH = "birth", _("Birth of a child")
    DEATH = "death", _("Death of a member")
    MARRIAGE = "marriage", _("Marriage")
    DIVORCE = "divorce", _("Divorce")
    HEAD = "head", _("Change of the head of household")
    SPLIT = "split", _("Part of the family leaves")
    JOIN = "join", _("Two families become one")
    MOVE = "move", _("Move to another province")


class ChangeState(TextChoices):
    """Where a request stands."""

    OPEN = "open", _("Waits for a decision")
    AWAITING_OTHER_PROVINCE = "awaiting_other_province", _("Waits for the other province")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Not approved")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Decider(TextChoices):
    """Whose work the decision is; nobody ever decides their own request."""

    OFFICE = "office", _("a colleague of the office, or an officer of the province")
    PROVINCE = "province", _("a case officer of the province")
    OTHER_PROVINCE = "other_province", _("a case officer of the receiving province")


class ChangeField(TextChoices):
    """What one item of a request asks for."""

    GIVEN_NAME = "given_name", _("Given name")
    FAMILY_NAME = "family_name", _("Family name")
    FATHER_NAME = "father_name", _("Father's name")
    GRANDFATHER_NAME = "grandfather_name", _("Grandfather's name")
    LATIN_NAME = "latin_name", _("Name in Latin letters")
    BIRTH_ON = "birth_on", _("Birth date")
    SEX = "sex", _("Sex")
    BIRTH_PLACE = "birth_place", _("Birth place")
    NATIONALITY = "nationality", _("Nationality")
    VALID_UNTIL = "valid_until", _("Document valid until")
    PHONE = "phone", _("Mobile telephone")
    ADDRESS = "address", _("Address")
    POSTAL_CODE = "postal_code", _("Postal code")
    DECEASED_ON = "deceased_on", _("Date of death")
    RELATION = "relation", _("Relation to the head")
    HOUSEHOLD = "household", _("Household")
    PROVINCE = "province", _("Province")
