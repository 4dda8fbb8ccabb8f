"""Roles, purposes and permissions."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What somebody is at a place; held from a date until a date."""

    CLERK = "clerk", _("Office clerk")
    CASHIER = "cashier", _("Office cashier")
    CASE_OFFICER = "case_officer", _("Case officer")
    DIRECTOR_GENERAL = "director_general", _("Director general")
    CARD_PRINTER = "card_printer", _("Card printer")
    ROUND_MANAGER = "round_manager", _("Round manager")
    PROTECTION_OFFICER = "protection_officer", _("Protection officer")
    REGISTER_KEEPER = "register_keeper", _("Keeper of the register")


class Purpose(TextChoices):
    """For what somebody works just now: shown on every page, kept with every read."""

    DAILY_WORK = "daily_work", _("daily work")
    TAKE_APPLICATION = "take_application", _("taking an application")
    TAKE_PAYMENT = "take_payment", _("taking a payment")
    REVIEW_CASE = "review_case", _("reviewing a case")
    PRINT_CARDS = "print_cards", _("printing cards")
    HAND_OVER_CARD = "hand_over_card", _("handing over cards")
    RUN_ROUND = "run_round", _("running a round")
    PROTECT_PEOPLE = "protect_people", _("protecting people's records")
    KEEP_REGISTER = "keep_register", _("keeping the register")
    CHANGE_RECORD = "change_record", _("changing a family's record")


class Permission(TextChoices):
    """What a page lets one do. Every route names one."""

    SEE_DESK = "see_desk", _("see the desk")
    LOOK_UP = "look_up", _("look up a presented document")
    REGISTER_HOUSEHOLD = "register_household", _("register a household")
    TAKE_APPLICATION = "take_application", _("take an application")
    TAKE_PAYMENT = "take_payment", _("take a payment")
    REVIEW_CASE = "review_case", _("review a case")
    DECIDE_MEMBER = "decide_member", _("decide on a member")
    PRINT_CARDS = "print_cards", _("print cards")
    HAND_OVER_CARD = "hand_over_card", _("hand over cards")
    REVOKE_CARD = "revoke_card", _("revoke a card")
    EXTEND_VALIDITY = "extend_validity", _("extend a round's validity")
    SEE_ROUND = "see_round", _("see a round's rules and tariff")
    READ_FILE = "read_file", _("see a paper or portrait")
    OVERSEE_READS = "oversee_reads", _("oversee who reads what")
    IMPORT_REGISTER = "import_register", _("bring in a register from files")
    REQUEST_CHANGE = "request_change", _("ask for a change of a family's record")
    DECIDE_CHANGE = "decide_change", _("decide a change of a family's record")
    COMPARE_DUPLICATES = "compare_duplicates", _("compare likely duplicates")
