"""The lowest storey: Persian text, Jalali dates, identifiers, money and form fields. It has no model."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "khedmat.common"
    label = "common"
