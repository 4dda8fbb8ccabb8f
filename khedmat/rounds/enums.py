"""Kinds and states of rounds; stored as text, checked by the database."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Programme(models.TextChoices):
    """The two recurring re-registrations (domain brief 1)."""

    AMAYESH = "amayesh", _("Amayesh")
    HOVIAT = "hoviat", _("Hoviat")


class VersionState(models.TextChoices):
    """A version is written, checked, then published; after that nothing in it changes."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class OnUnmet(models.TextChoices):
    """What follows when a rule is not met. A machine never refuses: each way leads to a person."""

    ASK_PAPER = "ask_paper", _("The office asks for a paper")
    ASK_REVIEW = "ask_review", _("A case officer looks at it")
    DIRECTOR_GENERAL = "director_general", _("The director general looks at it")


class Each(models.TextChoices):
    """For whom a paper is brought, or a tariff line counted."""

    MEMBER = "member", _("each member")
    HOUSEHOLD = "household", _("the household")


class Certainty(models.TextChoices):
    """How sure the source of a rule is; what is not sure stays data that an office can change."""

    SOURCE = "source", _("A source says so")
    INFERRED = "inferred", _("Inferred from sources")
    CONFLICTING = "conflicting", _("Sources disagree")
    DEMO = "demo", _("Demonstration only")


class OutcomeState(models.TextChoices):
    """What a rule says about one member."""

    MET = "met", _("Met")
    NEEDS_REVIEW = "needs_review", _("A person looks at it")


class Reason(models.TextChoices):
    """Why an outcome needs a person."""

    UNMET = "unmet", _("The rule is not met")
    FACT_UNKNOWN = "fact-unknown", _("Something the rule asks for is not known")
    RULE_BROKEN = "rule-broken", _("The rule could not be computed")


class PaymentOrder(models.TextChoices):
    """Whether a family pays before the office sends the case, or after: no source says, so it is data."""

    BEFORE_SUBMISSION = "before_submission", _("Paid before the case is sent")
    AFTER_SUBMISSION = "after_submission", _("Paid after the case is sent")


class StandardKind(models.TextChoices):
    """A time of service, in working days (`PAPER_TIME` and `APPEAL_TIME` are the client's own)."""

    SERVICE = "service", _("Until the decision, as a rule")
    MAXIMUM = "maximum", _("Until the decision, at the longest")
    PAPER_TIME = "paper_time", _("The family's time to bring a paper")
    APPEAL_TIME = "appeal_time", _("The family's time to appeal")
    APPEAL = "appeal", _("Until an appeal is decided")


class TextLanguage(models.TextChoices):
    """Languages of clients beside Persian and English, which stand in the rows themselves."""

    DARI = "prs", _("Dari")
    PASHTO = "ps", _("Pashto")
    ARABIC = "ar", _("Arabic")


class TextKind(models.TextChoices):
    """What a client's text is about."""

    RULE = "rule", _("Rule")
    DOCUMENT = "document", _("Paper")
    REMEDY = "remedy", _("What to do")


class ChangeKind(models.TextChoices):
    """How a row of a version differs from the version before."""

    ADDED = "added", _("New")
    REMOVED = "removed", _("Taken out")
    CHANGED = "changed", _("Changed")
    MOVED = "moved", _("In another order")


class ReliefKind(models.TextChoices):
    """What a family may ask about its amount."""

    EXEMPTION = "exemption", _("Exemption")
    INSTALMENTS = "instalments", _("Payment in parts")


class ReliefState(models.TextChoices):
    """Where a request about the amount stands."""

    OPEN = "open", _("Waits for the office manager")
    GRANTED = "granted", _("Granted")
    DECLINED = "declined", _("Not granted")


class ClosingStep(models.TextChoices):
    """The end of a round, step by step."""

    PROPOSED = "proposed", _("Closing proposed")
    CONFIRMED = "confirmed", _("Closing confirmed")
    TAKEN_BACK = "taken_back", _("Proposal taken back")
