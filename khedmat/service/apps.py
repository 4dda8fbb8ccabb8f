"""Client service: opening days, appointments, tickets, the hall's display."""

from django.apps import AppConfig


class ServiceConfig(AppConfig):
    """Start-up of the app."""

    name = "khedmat.service"
    label = "service"
