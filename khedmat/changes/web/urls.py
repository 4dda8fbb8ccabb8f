"""Addresses of change requests."""

from django.urls import path

from khedmat.changes.web import asking, deciding, questions

app_name = "changes"
urlpatterns = [
    path("families/<uuid:household_id>/changes/", asking.choose_page, name="choose"),
    path("families/<uuid:household_id>/changes/<slug:slug>/", asking.ask_page, name="ask"),
    path("families/<uuid:household_id>/questions/<uuid:question_id>/", questions.answer, name="answer"),
    path("changes/", deciding.queue_page, name="queue"),
    path("changes/<uuid:request_id>/", deciding.request_page, name="request"),
    path("changes/<uuid:request_id>/decide/", deciding.decide, name="decide"),
    path("changes/<uuid:request_id>/withdraw/", deciding.withdraw, name="withdraw"),
]
