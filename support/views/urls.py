from django.urls import path

from support.views import pages

urlpatterns = [
    path("support", pages.TicketsPage.as_view(), name="support"),
    path("support/new", pages.NewTicketPage.as_view(), name="ticket-new"),
    path("support/<uuid:ticket_id>", pages.TicketPage.as_view(), name="ticket"),
    path("support/<uuid:ticket_id>/close", pages.CloseTicket.as_view(), name="ticket-close"),
    path("support/<uuid:ticket_id>/rate", pages.RateTicket.as_view(), name="ticket-rate"),
]
