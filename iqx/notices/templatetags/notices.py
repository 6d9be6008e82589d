"""What pages need to know of notices: `{% load notices %}{% unread_notices as unread %}`."""

from django import template
from django.template import Context

from accounts.models import User
from iqx.notices.selectors import unread_count

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_notices(context: Context) -> int:
    """How many notices the reader has not read: one query."""
    user = context.get("user")
    return unread_count(user.pk) if isinstance(user, User) else 0
