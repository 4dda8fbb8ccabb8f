"""Credentials: made, printed, handed over, revoked; checked by anyone, offline."""

from django.apps import AppConfig


class CardsConfig(AppConfig):
    """What programmes share: a card knows its series, not the programme behind it."""

    name = "khedmat.cards"
    label = "cards"

    def ready(self) -> None:
        from khedmat.cards.actions import end_cards_of_dead, end_cards_of_withdrawn
        from khedmat.cards.selectors import number_in_code
        from khedmat.cards.token import PREFIX
        from khedmat.casework.listeners import on_withdrawn
        from khedmat.changes.listeners import on_death
        from khedmat.registry.scans import read_scans

        on_withdrawn(end_cards_of_withdrawn)
        on_death(end_cards_of_dead)
        read_scans(PREFIX, number_in_code)
