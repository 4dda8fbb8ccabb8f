"""Addresses of rounds, of cases at the counter, and of the review in the province."""

from django.urls import path

from khedmat.rounds.web import appeals, deciding, intake, referrals, review, round_pages

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
    path("cases/<uuid:case_id>/refer/", referrals.refer, name="refer"),
    path("referrals/", referrals.list_page, name="referrals"),
    path("referrals/<uuid:referral_id>/", referrals.referral_page, name="referral"),
    path("referrals/<uuid:referral_id>/accept/", referrals.accept, name="referral-accept"),
    path("referrals/<uuid:referral_id>/return/", referrals.send_back, name="referral-return"),
    path("referrals/<uuid:referral_id>/revoke/", referrals.revoke, name="referral-revoke"),
    path("cases/<uuid:case_id>/appeal/", appeals.lodge, name="appeal-lodge"),
    path("appeals/", appeals.queue_page, name="appeals"),
    path("appeals/<uuid:appeal_id>/", appeals.appeal_page, name="appeal"),
    path("appeals/<uuid:appeal_id>/take/", appeals.take, name="appeal-take"),
    path("appeals/<uuid:appeal_id>/decide/", appeals.decide, name="appeal-decide"),
    path("appeals/<uuid:appeal_id>/withdraw/", appeals.withdraw, name="appeal-withdraw"),
    path("review/", review.queue_page, name="review-queue"),
    path("review/<uuid:case_id>/", review.review_page, name="review"),
    path("review/<uuid:case_id>/take/", review.take, name="take"),
    path("review/<uuid:case_id>/decide/", deciding.decide_member, name="decide"),
    path("review/<uuid:case_id>/decide/each/", deciding.decide_each_page, name="decide-each"),
]
