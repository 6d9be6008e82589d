from django.urls import path

from disputes.api import staff_views

urlpatterns = [
    path("disputes", staff_views.StaffDisputesView.as_view(), name="staff-disputes"),
    path("disputes/<uuid:dispute_id>", staff_views.StaffDisputeView.as_view(), name="staff-dispute"),
    path("disputes/<uuid:dispute_id>/assign", staff_views.AssignmentView.as_view(), name="staff-dispute-assign"),
    path("disputes/<uuid:dispute_id>/comment", staff_views.CommentView.as_view(), name="staff-dispute-comment"),
    path("disputes/<uuid:dispute_id>/resolve", staff_views.RulingView.as_view(), name="staff-dispute-resolve"),
    path("disputes/<uuid:dispute_id>/confirm", staff_views.ConfirmationView.as_view(), name="staff-dispute-confirm"),
    path("disputes/<uuid:dispute_id>/note", staff_views.NoteView.as_view(), name="staff-dispute-note"),
    path("disputes/<uuid:dispute_id>/helpers", staff_views.HelpersView.as_view(), name="staff-dispute-helpers"),
    path(
        "disputes/<uuid:dispute_id>/helpers/<uuid:user_id>",
        staff_views.HelperView.as_view(),
        name="staff-dispute-helper",
    ),
]
