"""Addresses of rounds, of cases at the counter, and of the review in the province."""

from django.urls import path

from khedmat.rounds.web import (
    assigning,
    bulk_pages,
    calendar_pages,
    deciding,
    holding,
    intake,
    review,
    review_queue,
    round_pages,
)

app_name = "rounds"

urlpatterns = [
    path("rounds/", round_pages.list_page, name="list"),
    path("calendar/", calendar_pages.calendar_page, name="calendar"),
    path("calendar/<uuid:holiday_id>/withdraw/", calendar_pages.withdraw, name="calendar-withdraw"),
    path("rounds/<slug:code>/", round_pages.round_page, name="round"),
    path("rounds/<slug:code>/extend/", round_pages.extend_page, name="extend"),
    path("cases/start/", intake.start, name="start"),
    path("cases/<uuid:case_id>/", intake.case_page, name="case"),
    path("cases/<uuid:case_id>/papers/", intake.papers, name="papers"),
    path("cases/<uuid:case_id>/papers/picture/", intake.paper_picture, name="paper-picture"),
    path("cases/<uuid:case_id>/portraits/", intake.portraits, name="portraits"),
    path("cases/<uuid:case_id>/submit/", intake.submit, name="submit"),
    path("cases/<uuid:case_id>/members/<uuid:member_id>/resubmit/", intake.resubmit, name="resubmit"),
    path("cases/<uuid:case_id>/withdraw/", intake.withdraw, name="withdraw"),
    path("review/", review_queue.queue_page, name="review-queue"),
    path("review/officers/", assigning.assign_page, name="assign"),
    path("review/officers/cover/", assigning.cover, name="cover"),
    path("review/officers/cover/<uuid:cover_id>/end/", assigning.end, name="end-cover"),
    path("review/bulk/", bulk_pages.choose, name="bulk-choose"),
    path("review/bulk/<uuid:bulk_id>/", bulk_pages.bulk_page, name="bulk"),
    path("review/bulk/<uuid:bulk_id>/see/<uuid:case_id>/", bulk_pages.see, name="bulk-see"),
    path("review/bulk/<uuid:bulk_id>/case/<uuid:case_id>/", bulk_pages.case_page, name="bulk-case"),
    path("review/<uuid:case_id>/stop/", holding.stop, name="stop"),
    path("review/<uuid:case_id>/resume/", holding.resume, name="resume"),
    path("review/<uuid:case_id>/give-back/", holding.back, name="give-back"),
    path("review/<uuid:case_id>/", review.review_page, name="review"),
    path("review/<uuid:case_id>/take/", review.take, name="take"),
    path("review/<uuid:case_id>/decide/", deciding.decide_member, name="decide"),
    path("review/<uuid:case_id>/decide/each/", deciding.decide_each_page, name="decide-each"),
]
