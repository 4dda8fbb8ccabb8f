"""Addresses of likely duplicates."""

from django.urls import path

from khedmat.duplicates.web import pair, queue

app_name = "duplicates"

urlpatterns = [
    path("duplicates/", queue.queue_page, name="queue"),
    path("duplicates/search/", queue.search_page, name="search"),
    path("duplicates/<uuid:pair_id>/", pair.pair_page, name="pair"),
    path("duplicates/<uuid:pair_id>/open/", pair.open_page, name="open"),
    path("duplicates/<uuid:pair_id>/answer/", pair.answer_page, name="answer"),
    path("duplicates/<uuid:pair_id>/unlink/", pair.unlink_page, name="unlink"),
]
