"""A site that takes real money offers no gateway that moves none."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from khedmat.payments.gateways import DemoGateway, gateway_paths

DEMO_PATH = f"{DemoGateway.__module__}.{DemoGateway.__qualname__}"


@register(Tags.security, deploy=True)
def no_demo_gateway(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """khedmat.E010: the demo gateway outside of a demonstration (`check --deploy`)."""
    if settings.KHEDMAT_DEMO or DEMO_PATH not in gateway_paths().values():
        return []
    return [Error("PAYMENT_GATEWAYS offers the demo gateway, which moves no money", id="khedmat.E010")]
