"""Addresses of an office's days, its reception and counters; and the two that need no sign-in."""

from django.urls import path

from khedmat.service.web import booking, counter, days, public, reception

app_name = "service"

urlpatterns = [
    path("office/days/", days.days_page, name="days"),
    path("office/days/open/", days.open_page, name="open-days"),
    path("office/days/<uuid:day_id>/", days.day_page, name="day"),
    path("office/days/<uuid:day_id>/counters/", days.counters_open, name="counters-open"),
    path("office/days/<uuid:day_id>/close/", days.close_page, name="close-day"),
    path("office/days/<uuid:day_id>/reopen/", days.reopen, name="reopen-day"),
    path("office/times/<uuid:slot_id>/", days.slot_page, name="slot"),
    path("office/hall/", days.hall_page, name="hall"),
    path("office/hall/counters/<uuid:counter_id>/close/", days.counter_close, name="counter-close"),
    path("office/hall/displays/", days.display_make, name="display-make"),
    path("office/hall/displays/<uuid:link_id>/revoke/", days.display_revoke, name="display-revoke"),
    path("appointments/<str:kind>/<uuid:subject_id>/", booking.subject_page, name="subject"),
    path("appointments/<str:kind>/<uuid:subject_id>/cancel/", booking.cancel, name="cancel"),
    path("appointments/<str:kind>/<uuid:subject_id>/told/", booking.told, name="told"),
    path("appointments/<str:kind>/<uuid:subject_id>/arrive/", booking.arrive, name="arrive"),
    path("reception/", reception.reception_page, name="reception"),
    path("reception/numbers/<uuid:ticket_id>/", reception.ticket_page, name="ticket"),
    path("reception/numbers/<uuid:ticket_id>/back/", reception.give_back, name="give-back"),
    path("counter/", counter.counter_page, name="counter"),
    path("counter/leave/", counter.stand_up, name="stand-up"),
    path("counter/<uuid:counter_id>/", counter.choose, name="choose-counter"),
    path("counter/<uuid:counter_id>/waiting/", counter.queue_part, name="counter-queue"),
    path("counter/<uuid:counter_id>/next/", counter.call, name="call"),
    path("counter/numbers/<uuid:ticket_id>/", counter.deal, name="deal"),
    path("appointment/", public.appointment_page, name="appointment"),
    path("hall/<uuid:link_id>/", public.display_page, name="display"),
    path("hall/<uuid:link_id>/now/", public.display_part, name="display-part"),
]
