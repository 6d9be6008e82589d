from iqx.core.errors import RuleViolated


class NoticeLocked(RuleViolated):
    """Carries `kind` and `channel`."""

    code = "notice_locked"
    detail = "Notices that protect your account can't be switched off."
