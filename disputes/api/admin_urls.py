from django.urls import path

from disputes.api import staff_views

urlpatterns = [
    path("disputes", staff_views.StaffDisputesView.as_view(), name="staff-disputes"),
    path("disputes/<uuid:dispute_id>", staff_views.StaffDisputeView.as_view(), name="staff-dispute"),
    path("disputes/<uuid:dispute_id>/assign", staff_views.AssignmentView.as_view(), name="staff-dispute-assign"),
    path("disputes/<uuid:dispute_id>/comment", staff_views.CommentView.as_view(), name="staff-dispute-comment"),
    path("disputes/<uuid:dispute_id>/resolve", staff_views.RulingView.as_view(), name="staff-dispute-resolve"),
]
