"""Addresses of rounds, of cases at the counter, and of the review in the province."""

from django.urls import path

from khedmat.rounds.web import deciding, intake, letters, review, round_pages

app_name = "rounds"

urlpatterns = [
    path("rounds/", round_pages.list_page, name="list"),
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
    path("cases/<uuid:case_id>/letters/", letters.letters_page, name="letters"),
    path("cases/<uuid:case_id>/letters/<uuid:letter_id>/again/", letters.again, name="letter-again"),
    path("cases/<uuid:case_id>/letters/<uuid:letter_id>/tell/", letters.tell, name="letter-tell"),
    path("cases/<uuid:case_id>/slip/", letters.slip, name="slip"),
    path("review/", review.queue_page, name="review-queue"),
    path("review/<uuid:case_id>/", review.review_page, name="review"),
    path("review/<uuid:case_id>/take/", review.take, name="take"),
    path("review/<uuid:case_id>/decide/", deciding.decide_member, name="decide"),
    path("review/<uuid:case_id>/decide/each/", deciding.decide_each_page, name="decide-each"),
]
