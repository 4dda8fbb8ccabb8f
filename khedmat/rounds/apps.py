"""Start-up of the rounds programme."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoundsConfig(AppConfig):
    """Amayesh and Hoviat: the recurring re-registrations."""

    name = "khedmat.rounds"
    label = "rounds"
    verbose_name = _("Rounds")

    def ready(self) -> None:
        from khedmat.cards.holds import hold_back
        from khedmat.cards.terms import register_terms
        from khedmat.casework.recourse_listeners import on_referral_answered
        from khedmat.casework.standards import register_standard
        from khedmat.notices.slip_targets import register_target
        from khedmat.payments.listeners import offer_plans, on_paid
        from khedmat.payments.titles import name_fee
        from khedmat.registry.panels import register_panel
        from khedmat.rounds.booking import BOOKED_AS, case_has_arrived, case_is_booked
        from khedmat.rounds.card_terms import terms_of_enrolment
        from khedmat.rounds.case_standards import standard_of_enrolment
        from khedmat.rounds.enrolment import CASE_TYPE, case_is_paid, unpaid_cases
        from khedmat.rounds.letters import address_of_case
        from khedmat.rounds.referred import leave_the_old_office
        from khedmat.rounds.relief import plans_of_enrolment
        from khedmat.rounds.telling import listen
        from khedmat.rounds.web.panel import cases_panel
        from khedmat.service.listeners import on_arrived, on_booked
        from khedmat.service.subjects import register_subject

        on_paid(CASE_TYPE, case_is_paid)
        offer_plans(CASE_TYPE, plans_of_enrolment)
        hold_back(unpaid_cases)
        register_terms(CASE_TYPE, terms_of_enrolment)
        register_standard(CASE_TYPE, standard_of_enrolment)
        register_panel(cases_panel)
        register_subject(CASE_TYPE, BOOKED_AS)
        on_booked(CASE_TYPE, case_is_booked)
        on_arrived(CASE_TYPE, case_has_arrived)
        on_referral_answered(leave_the_old_office)

        register_target(CASE_TYPE, address_of_case)
        listen()

        name_fee("municipal_levy", _("municipal levy"))
        name_fee("card_issue", _("card issue"))
