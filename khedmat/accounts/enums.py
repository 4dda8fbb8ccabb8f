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
    OFFICE_MANAGER = "office_manager", _("Office manager")


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
    RUN_OFFICE = "run_office", _("running an office")
    BOOK_APPOINTMENT = "book_appointment", _("booking an appointment")
    CALL_CLIENTS = "call_clients", _("calling who waits")
    DECIDE_APPEAL = "decide_appeal", _("deciding an appeal")


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
    WRITE_ROUND = "write_round", _("write and publish a round")
    KEEP_CALENDAR = "keep_calendar", _("keep the days that are free")
    SEE_COCKPIT = "see_cockpit", _("see how a round goes on")
    RUN_OFFICE = "run_office", _("set an office's days, counters and places")
    BOOK_APPOINTMENT = "book_appointment", _("book an appointment")
    CALL_CLIENTS = "call_clients", _("call the next number")
    DECIDE_EXEMPTION = "decide_exemption", _("decide an exemption or instalments")
    ASK_REFUND = "ask_refund", _("ask for a refund")
    PAY_REFUND = "pay_refund", _("pay a refund")
    COUNT_CASH = "count_cash", _("count the day's cash")
    CONFIRM_CASH = "confirm_cash", _("confirm the day's cash")
    ASSIGN_CASE = "assign_case", _("assign cases and set cover")
    REFER_CASE = "refer_case", _("refer a case elsewhere")
    LODGE_APPEAL = "lodge_appeal", _("take an appeal in")
    DECIDE_APPEAL = "decide_appeal", _("decide an appeal")
    MOVE_VERSION = "move_version", _("move a case to another version of its round")
    READ_LETTER = "read_letter", _("read and print letters")
    SEE_OUTBOX = "see_outbox", _("see whether messages went out")
