"""What happened and what rules ask about, in words: for timelines and pages of a case."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class ActWords:
    """How an act of the record is told, and in which tone."""

    sentence: str | Promise
    tone: str = "mute"


ACTS: Mapping[str, ActWords] = {
    "case.opened": ActWords(_("The family asked for the renewal")),
    "case.booked": ActWords(_("An appointment was booked")),
    "case.arrived": ActWords(_("The family came to the office")),
    "case.papers-checked": ActWords(_("All papers were seen")),
    "case.photographed": ActWords(_("All members have a photograph")),
    "case.paid": ActWords(_("The amount was paid"), "ok"),
    "case.submitted": ActWords(_("The case was sent to the province"), "accent"),
    "case.taken-for-review": ActWords(_("The case was taken in hand"), "accent"),
    "case.taken-again": ActWords(_("The case was taken in hand"), "accent"),
    "case.assigned": ActWords(_("The case was given to an officer")),
    "case.given-back": ActWords(_("The officer gave the case back")),
    "clock.stopped": ActWords(_("The time of the case was stopped"), "warn"),
    "clock.resumed": ActWords(_("The time of the case goes on")),
    "case.version-moved": ActWords(_("The case was put under another version of the round"), "info"),
    "case.closed": ActWords(_("The case was closed")),
    "case.withdrawn": ActWords(_("The family withdrew the request")),
    "paper.seen": ActWords(_("Papers were seen")),
    "paper.attached": ActWords(_("A picture of a paper was added")),
    "portrait.attached": ActWords(_("A photograph was added")),
    "member.submitted": ActWords(_("Sent for a decision")),
    "member.approved": ActWords(_("Approved"), "ok"),
    "member.refused": ActWords(_("Refused, with the right to appeal"), "warn"),
    "member.returned": ActWords(_("Returned for completion"), "warn"),
    "member.referred": ActWords(_("Sent to the director general"), "info"),
    "member.resubmitted": ActWords(_("Sent again after completion"), "accent"),
    "member.sent-to-print": ActWords(_("The card was sent to print")),
    "member.card-ready": ActWords(_("The card is ready for hand-over"), "ok"),
    "member.print-failed": ActWords(_("The card was not printed"), "warn"),
    "member.card-handed-over": ActWords(_("The card was handed over"), "ok"),
    "member.card-revoked": ActWords(_("The card was revoked before hand-over; the officer decides anew"), "warn"),
    "member.withdrawn": ActWords(_("The member's request was withdrawn")),
    "relief.asked": ActWords(_("An exemption or payment in parts was asked for")),
    "relief.granted": ActWords(_("The office manager granted an exemption or payment in parts"), "ok"),
    "relief.declined": ActWords(_("The office manager did not grant an exemption or payment in parts"), "warn"),
    "case.reopened": ActWords(_("The case was opened again for an appeal"), "accent"),
    "case.referred": ActWords(_("Another office or province was asked to take the case over"), "info"),
    "case.referral-accepted": ActWords(_("The case was taken over by another office"), "accent"),
    "case.referral-returned": ActWords(_("The referral was sent back"), "warn"),
    "case.referral-revoked": ActWords(_("The referral was taken back")),
    "appeal.lodged": ActWords(_("An appeal was taken in"), "info"),
    "appeal.taken": ActWords(_("The appeal was taken in hand"), "accent"),
    "appeal.upheld": ActWords(_("The appeal was upheld"), "ok"),
    "appeal.dismissed": ActWords(_("The appeal was dismissed; the refusal stands"), "warn"),
    "appeal.withdrawn": ActWords(_("The appeal was withdrawn")),
    "member.appeal-upheld": ActWords(_("Back under review after an appeal"), "accent"),
    "card.revoked": ActWords(_("A card was revoked"), "warn"),
    "letter.made": ActWords(_("A letter was written")),
}

# The names of `MemberFacts`, as a person asks for them.
FACTS: Mapping[str, str | Promise] = {
    "round_number": _("Number of the round"),
    "round_on": _("First day of the round"),
    "household_size": _("Members of the household"),
    "relation": _("Relation to the head"),
    "birth_on": _("Date of birth"),
    "age_on_round": _("Age on the round's first day"),
    "is_new_member": _("New member"),
    "has_last_round_card": _("Has last round's card"),
    "last_card_valid_until": _("Last card valid until"),
    "last_round_number": _("Last round"),
    "has_valid_laissez_passer": _("Has a valid laissez-passer"),
    "father_has_card": _("Father has a card"),
    "mother_has_card": _("Mother has a card"),
    "has_portrait": _("Has a photograph"),
    "province_matches": _("Lives in the registered province"),
    "document_kinds": _("Documents in the register"),
}

# What came of a case that was decided together with others, by the result's code.
RESULTS: Mapping[str, str | Promise] = {
    "": _("stopped; open the case to see why"),
    "decided": _("decided"),
    "changed-by-another": _("somebody else changed it meanwhile; nothing was decided"),
    "case-not-for-bulk": _("it does not wait for your decision any more"),
    "director-decides": _("the director general decides a member of it"),
    "own-case": _("you took this application yourself"),
    "step-not-possible": _("a member does not wait for a decision any more"),
}
