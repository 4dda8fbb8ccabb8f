"""A site that writes to real people names no gateway that sends nothing."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from khedmat.notices.gateways import DemoGateway, gateway_paths

DEMO_PATH = f"{DemoGateway.__module__}.{DemoGateway.__qualname__}"


@register(Tags.security, deploy=True)
def no_demo_gateway_of_messages(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """khedmat.E011: the demo gateway outside of a demonstration (`check --deploy`)."""
    if settings.KHEDMAT_DEMO or DEMO_PATH not in gateway_paths().values():
        return []
    return [Error("NOTICE_GATEWAYS names the demo gateway, which sends nothing", id="khedmat.E011")]
