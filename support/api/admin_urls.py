from django.urls import path

from support.api import staff_views

urlpatterns = [
    path("tickets", staff_views.StaffTicketsView.as_view(), name="staff-tickets"),
    path("tickets/<uuid:ticket_id>", staff_views.StaffTicketView.as_view(), name="staff-ticket"),
    path("tickets/<uuid:ticket_id>/answer", staff_views.AnswerView.as_view(), name="staff-ticket-answer"),
    path("tickets/<uuid:ticket_id>/close", staff_views.StaffCloseView.as_view(), name="staff-ticket-close"),
]
