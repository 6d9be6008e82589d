from iqx.core.errors import Conflict, RuleViolated


class NoticeLocked(RuleViolated):
    """Carries `kind` and `channel`."""

    code = "notice_locked"
    detail = "Notices that protect your account can't be switched off."


class WebhookUrlRefused(RuleViolated):
    code = "webhook_url_refused"
    detail = "The platform does not post to that address."


class TooManyWebhooks(RuleViolated):
    """Carries `limit`."""

    code = "too_many_webhooks"
    detail = "You have as many webhooks as you may have."


class WebhookNotActive(Conflict):
    """Carries `current_status`."""

    code = "webhook_not_active"
    detail = "The webhook is not switched on."


class DeliveryUnderWay(Conflict):
    code = "delivery_under_way"
    detail = "The delivery has not been given up yet; it is tried again by itself."


class ChannelUnavailable(RuleViolated):
    code = "channel_unavailable"
    detail = "The platform can't send by that channel at the moment."


class TooManyPhoneCodes(RuleViolated):
    code = "too_many_phone_codes"
    detail = "No more codes are texted today; try again tomorrow."


class PhoneCodeInvalid(RuleViolated):
    code = "phone_code_invalid"
    detail = "The code is wrong, old, or was tried too often. Ask for a new one."
