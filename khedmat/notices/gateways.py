"""Gateways of messages: what one must be able to do, the register of them, and those of the demonstration.

`settings.NOTICE_GATEWAYS` maps a channel to a dotted class name; a production site names no demo gateway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from khedmat.notices.enums import Channel
from khedmat.notices.models import DemoDelivery


class DestinationRefused(Exception):
    """The gateway says that this number or address does not exist: trying again does not help."""


class GatewayUnreachable(Exception):
    """The gateway gave no answer, or none that says what became of the message."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a gateway is handed. `key` is the same at every try: a gateway that took it takes it no second time."""

    key: str
    channel: Channel
    destination: str
    text: str


class Gateway(Protocol):
    """One way of sending messages."""

    def send(self, message: Outgoing) -> None:
        """Take the message, once for each key. Errors: DestinationRefused, GatewayUnreachable."""


def gateway_paths() -> Mapping[str, str]:
    """Channel and dotted class name of every gateway that this site has."""
    offered: Mapping[str, str] = getattr(settings, "NOTICE_GATEWAYS", {})
    return offered


def is_offered(channel: Channel) -> bool:
    """Whether messages can go out this way."""
    return channel in gateway_paths()


def gateway_for(channel: Channel) -> Gateway | None:
    """The site's gateway for a channel; None where it has none."""
    path = gateway_paths().get(channel)
    if path is None:
        return None
    gateway: Gateway = import_string(path)()
    return gateway


class DemoGateway:
    """Sends nothing: keeps what it took for the page of the demo's outbox, without the number."""

    def send(self, message: Outgoing) -> None:
        taken = DemoDelivery(key=message.key, channel=message.channel, tail=message.destination[-2:], text=message.text)
        DemoDelivery.objects.bulk_create([taken], ignore_conflicts=True)
