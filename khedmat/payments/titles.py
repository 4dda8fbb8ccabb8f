"""Names of ledger accounts and ways of paying. A programme names its kinds of fee from its `apps.py`."""

from django.utils.functional import Promise
from django.utils.translation import gettext

from khedmat.payments.enums import CounterMethod
from khedmat.payments.errors import UnknownGateway
from khedmat.payments.gateways import gateway_by_code
from khedmat.payments.rules import FEE_PREFIX, GATEWAY_PREFIX, OVERPAID, RETURNED, WAIVED_PREFIX

_fee_titles: dict[str, str | Promise] = {}


def name_fee(kind: str, title: str | Promise) -> None:
    """Give a kind of fee (as in `BillLine.kind`) its name."""
    _fee_titles[kind] = title


def fee_title(kind: str) -> str:
    """The name of a kind of fee in the reader's language; its code where nobody named it."""
    return str(_fee_titles.get(kind, kind))


def account_title(code: str) -> str:
    """The name of the account with this code, in the reader's language."""
    if code.startswith(FEE_PREFIX):
        kind = code.removeprefix(FEE_PREFIX)
        return gettext("Fees: %(kind)s") % {"kind": _fee_titles.get(kind, kind)}
    if code.startswith(WAIVED_PREFIX):
        kind = code.removeprefix(WAIVED_PREFIX)
        return gettext("Exemptions: %(kind)s") % {"kind": _fee_titles.get(kind, kind)}
    if code.startswith(GATEWAY_PREFIX):
        return gettext("Gateway: %(name)s") % {"name": code.removeprefix(GATEWAY_PREFIX)}
    if code in CounterMethod.values:
        return str(CounterMethod(code).label)
    if code == RETURNED:
        return gettext("Fees returned")
    return gettext("To be returned to payers") if code == OVERPAID else gettext("Owed by households")


def method_title(method: str) -> str:
    """The name of a way of paying; a gateway that is no longer offered shows its code."""
    if method in CounterMethod.values:
        return str(CounterMethod(method).label)
    try:
        return str(gateway_by_code(method).title)
    except UnknownGateway:
        return method
