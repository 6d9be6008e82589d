from django.urls import path

from support.api import views

urlpatterns = [
    path("support/tickets", views.TicketsView.as_view(), name="tickets"),
    path("support/tickets/<uuid:ticket_id>", views.TicketView.as_view(), name="ticket"),
    path("support/tickets/<uuid:ticket_id>/messages", views.TicketMessagesView.as_view(), name="ticket-messages"),
    path("support/tickets/<uuid:ticket_id>/close", views.TicketCloseView.as_view(), name="ticket-close"),
    path("support/tickets/<uuid:ticket_id>/rating", views.TicketRatingView.as_view(), name="ticket-rating"),
]
