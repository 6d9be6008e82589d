from django.urls import path

from support.api import staff_views

urlpatterns = [
    path("tickets", staff_views.StaffTicketsView.as_view(), name="staff-tickets"),
    path("tickets/<uuid:ticket_id>", staff_views.StaffTicketView.as_view(), name="staff-ticket"),
    path("tickets/<uuid:ticket_id>/answer", staff_views.AnswerView.as_view(), name="staff-ticket-answer"),
    path("tickets/<uuid:ticket_id>/close", staff_views.StaffCloseView.as_view(), name="staff-ticket-close"),
    path("tickets/<uuid:ticket_id>/assign", staff_views.TicketAssignmentView.as_view(), name="staff-ticket-assign"),
    path("support/service", staff_views.ServiceView.as_view(), name="staff-support-service"),
    path("canned-answers", staff_views.CannedAnswersView.as_view(), name="staff-canned-answers"),
    path("canned-answers/<uuid:canned_id>", staff_views.CannedAnswerView.as_view(), name="staff-canned-answer"),
]
