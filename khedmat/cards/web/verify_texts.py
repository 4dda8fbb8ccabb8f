"""Every sentence that the script of the card check may show, in the language of the page.

Words in braces are filled by the script: {until}, {from}, {printed}, {issued}, {now}, {day}, {number}.
"""

from django.utils.translation import gettext as _

from khedmat.cards.enums import CardKind

Texts = dict[str, "str | Texts"]


def verify_texts() -> Texts:
    """The sentences by group; they go into the page as JSON."""
    return {
        "outcomes": _outcomes(),
        "doubts": _doubts(),
        "news": _news(),
        "scan": _scan(),
        "kinds": {kind.value: str(kind.label) for kind in CardKind},
        "series": {"amayesh": _("Amayesh {number}"), "hoviat": _("Hoviat {number}")},
        "noticed_on": _("Notice of {day}"),
    }


def _titled(title: str, body: str) -> Texts:
    return {"title": title, "body": body}


def _outcomes() -> Texts:
    return {
        "valid": _titled(_("The card is valid"), _("It is genuine, and it is in force until the end of {until}.")),
        "extended": _titled(
            _("The card is valid, extended"),
            _(
                "The printed date, {printed}, has passed. By public notice the card is in force "
                "until the end of {until}."
            ),
        ),
        "expired": _titled(
            _("The card has expired"),
            _("It is genuine. It was in force until the end of {until}; no notice extends it further."),
        ),
        "not_yet": _titled(_("The card is not in force yet"), _("It is genuine. It is in force from {from}.")),
        "revoked": _titled(
            _("The card has been revoked"),
            _("It is genuine, but it is no longer in force. The reason stands in the holder's file, not here."),
        ),
        "replaced": _titled(
            _("The card has been replaced"),
            _("It is genuine, but the holder has been given a newer card. Ask for that one."),
        ),
        "not_ours": _titled(
            _("This is not a card of ours"),
            _(
                "The code was not written by Khedmat, or it has been changed. A code that is damaged or "
                "half in the picture can look so too: read it once more."
            ),
        ),
        "cannot_tell": _titled(_("This cannot be told now"), ""),
    }


def _doubts() -> Texts:
    return {
        "no_bundle": _(
            "This device has not yet fetched the list that a check needs. Connect to the internet, "
            "open this page once, and read the card again."
        ),
        "stale": _(
            "The list on this device is too old. Connect to the internet, open this page once, and read the card again."
        ),
        "clock": _(
            "The clock of this device is behind, so dates cannot be compared. Set date and time, "
            "and read the card again."
        ),
        "not_listed": _(
            "The card is genuine, but the list on this device does not reach to it. Connect to the "
            "internet, open this page once, and read the card again."
        ),
        "anchor_changed": _(
            "The key of this site is another one than this device knows. Until that is settled above, "
            "nothing is said of any card."
        ),
    }


def _news() -> Texts:
    return {
        "fetching": _titled(_("Fetching the list…"), _("It takes a moment, once.")),
        "fresh": _titled(_("Ready, without internet too"), _("List of {issued}. It serves until {until}.")),
        "no_bundle": _titled(
            _("No list on this device yet"),
            _("Without it no card can be told. Connect to the internet and open this page once."),
        ),
        "stale": _titled(
            _("The list is too old"),
            _("It is of {issued} and served until {until}. Connect to the internet and open this page once."),
        ),
        "clock": _titled(
            _("The clock of this device is behind"),
            _("It shows {now}, but the list is of {issued}. Set date and time."),
        ),
        "anchor_changed": _titled(
            _("The key of this site has changed"),
            _(
                "This can be a planned change, or someone may stand between you and the site. "
                "No card is told until you decide. Compare the new key with the one that the "
                "offices have published."
            ),
        ),
        "not_able": _titled(
            _("Cards cannot be checked here"),
            _(
                "This needs an address that begins with https and a browser of the last few years. "
                "Open the page in another browser or on another device."
            ),
        ),
    }


def _scan() -> Texts:
    return {
        "looking": _("Hold the code inside the corners, flat and in good light."),
        "reading": _("Reading the picture…"),
        "refused": _(
            "The camera was not allowed. Allow it in the browser's settings for this site, or choose a "
            "picture, or paste the text."
        ),
        "no_camera": _("No camera was found. Choose a picture of the code, or paste its text."),
        "busy": _(
            "The camera did not start; another program may be using it. Close that program, or choose a picture."
        ),
        "too_large": _("This picture is too large. It may have up to 40 MB."),
        "no_picture": _("This file did not open as a picture. Choose a photograph in JPEG or PNG."),
        "no_code": _("No code was found in this picture. Take it again from nearer, straight and in good light."),
        "no_decoder": _("The reader of codes did not load. Open the page again with internet, or paste the text."),
        "empty": _("Paste the text of the code first. It begins with KH1:"),
    }
