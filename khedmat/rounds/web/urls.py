"""Addresses of rounds, of cases at the counter, and of the review in the province."""

from django.urls import path

from khedmat.rounds.web import booking, cockpit_page, deciding, intake, relief, review, round_pages
from khedmat.rounds.web.writing import briefing, pages, part_pages

app_name = "rounds"

urlpatterns = [
    path("rounds/", round_pages.list_page, name="list"),
    path("rounds/writing/", pages.list_page, name="writing"),
    path("rounds/writing/<uuid:version_id>/", pages.version_page, name="write-version"),
    path("rounds/writing/<uuid:version_id>/clone/", pages.clone_page, name="write-clone"),
    path("rounds/writing/<uuid:version_id>/basics/", pages.basics_page, name="write-basics"),
    path("rounds/writing/<uuid:version_id>/check/", pages.check_page, name="write-check"),
    path("rounds/writing/<uuid:version_id>/<slug:part>/", part_pages.part_page, name="write-part"),
    path("rounds/writing/<uuid:version_id>/<slug:part>/<slug:code>/", part_pages.row_page, name="write-row"),
    path("rounds/<slug:code>/briefing/", briefing.briefing_page, name="briefing"),
    path("rounds/<slug:code>/", round_pages.round_page, name="round"),
    path("rounds/<slug:code>/extend/", round_pages.extend_page, name="extend"),
    path("rounds/<slug:code>/cockpit/", cockpit_page.cockpit_page, name="cockpit"),
    path("cases/start/", intake.start, name="start"),
    path("cases/pre-register/", booking.pre_register, name="pre-register"),
    path("cases/<uuid:case_id>/", intake.case_page, name="case"),
    path("cases/<uuid:case_id>/papers/", intake.papers, name="papers"),
    path("cases/<uuid:case_id>/papers/picture/", intake.paper_picture, name="paper-picture"),
    path("cases/<uuid:case_id>/portraits/", intake.portraits, name="portraits"),
    path("cases/<uuid:case_id>/submit/", intake.submit, name="submit"),
    path("cases/<uuid:case_id>/members/<uuid:member_id>/resubmit/", intake.resubmit, name="resubmit"),
    path("cases/<uuid:case_id>/withdraw/", intake.withdraw, name="withdraw"),
    path("cases/<uuid:case_id>/relief/", relief.ask_page, name="ask-relief"),
    path("relief/", relief.queue_page, name="relief-queue"),
    path("relief/<uuid:case_id>/", relief.decide_page, name="relief"),
    path("review/", review.queue_page, name="review-queue"),
    path("review/<uuid:case_id>/", review.review_page, name="review"),
    path("review/<uuid:case_id>/take/", review.take, name="take"),
    path("review/<uuid:case_id>/decide/", deciding.decide_member, name="decide"),
    path("review/<uuid:case_id>/decide/each/", deciding.decide_each_page, name="decide-each"),
]
