"""What use cases say of an input in the API's words, as far as a form can meet it: here so that it is translated.

`iqx.web.says` looks these up as they are raised. A test finds what a field of a payment account says and isn't here.
"""

from typing import Final

from django.utils.translation import gettext_noop as _

DETAILS: Final = (
    # fields of payment accounts
    _("This field is needed."),
    _("At most 200 visible characters."),
    _("This is no IBAN: check each digit."),
    _("This is no BIC (SWIFT code): 8 or 11 letters and digits."),
    _("This is no routing number of an American bank: 9 digits."),
    _("This is no phone number; begin with + and the country's code."),
    _("There is no such phone number."),
    _("This method needs a phone number of ES."),
    _("This method needs a phone number of PT."),
    _("This method needs a phone number of CD."),
    _("This method needs a phone number of VN."),
    _("This method needs a phone number of NG."),
    _("This method needs a phone number of US."),
    _("This is no e-mail address."),
    _("Give the name as the bank or the wallet shows it."),
    _("A sort code has 6 digits, as in 20-00-00."),
    _("An account number here has 8 digits."),
    _("An account number here has 10 digits."),
    _("An account number here has 4 to 17 digits."),
    _("An account number here has 6 to 19 digits."),
    _("A Neteller account number has 12 digits."),
    _("5 to 34 capital letters and digits: an account number or IBAN."),
    _("$ and 1 to 20 letters, digits, dots, dashes or underscores."),
    _("@ and 3 to 30 letters, digits, dots, dashes or underscores."),
    _("Make another account the default instead."),
    # names and addresses
    _("Only ASCII addresses can be used."),
    _("Use 1 to 40 characters."),
    _("Use visible characters only."),
    _("This is not an address of the network."),
    _("This is no telephone number with its country, such as +49 30 1234567."),
    # orders, trades, notices
    _("There is no such market."),
    _("The market doesn't know this payment method."),
    _("This account is of another payment method than the trade."),
    _("A message needs a text or a file."),
    _("This must be in the future."),
    _("Quiet hours begin and end at different times."),
    _("There is no such time zone."),
    _("You have no such order."),
    _("You have no such trade."),
    # refusals
    _("A second person was asked for this already."),
    _("The trade ended too long ago to be disputed; support answers a ticket."),
    _("This trade ended too long ago to be rated."),
    _("There is a dispute about this trade already, or staff have ruled on it."),
    _("The seller has not asked to cancel this trade."),
    _("The seller has not named this payment method. He names one, and you agree to it by naming the same."),
    _("First agree on how this trade is paid."),
    _("It is settled how this trade is paid."),
    _("This link is no longer good; read the object that it belongs to for a new one."),
    _("The platform does not post to that address."),
    _("A rule of the platform does not permit this."),
    _("The object is not in a state that permits this."),
)
