"""Staff's own pages, below the admin's address."""

from iqx.desk.views.announcements import AnnouncementsPage
from iqx.desk.views.approvals import ApprovalPage
from iqx.desk.views.disputes import DisputePage
from iqx.desk.views.flags import FlagPage
from iqx.desk.views.identity import IdentityPage
from iqx.desk.views.markets import MarketPage, MarketsPage
from iqx.desk.views.money import DepositPage, WithdrawalPage
from iqx.desk.views.people import PeoplePage, PersonPage
from iqx.desk.views.prove import ProvePage
from iqx.desk.views.queue import QueuePage
from iqx.desk.views.tickets import TicketPage

app_name = "desk"

urlpatterns = [
    ProvePage.at("prove", "prove"),
    QueuePage.at("queues/<slug:code>", "queue"),
    DisputePage.at("disputes/<uuid:dispute_id>", "dispute"),
    WithdrawalPage.at("withdrawals/<uuid:withdrawal_id>", "withdrawal"),
    ApprovalPage.at("approvals/<uuid:approval_id>", "approval"),
    DepositPage.at("deposits/<uuid:deposit_id>", "deposit"),
    IdentityPage.at("identity/<uuid:submission_id>", "kyc"),
    TicketPage.at("tickets/<uuid:ticket_id>", "ticket"),
    FlagPage.at("flags/<uuid:flag_id>", "flag"),
    PeoplePage.at("people", "people"),
    PersonPage.at("people/<uuid:user_id>", "person"),
    MarketsPage.at("markets", "markets"),
    MarketPage.at("markets/<slug:symbol>", "market"),
    AnnouncementsPage.at("announcements", "announcements"),
]
