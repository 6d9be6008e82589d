from iqx.core.errors import NotFound, RuleViolated


class FileRefused(RuleViolated):
    """Only JPEG, PNG and WebP images and PDF documents are accepted, each with a name that fits."""

    code = "file_refused"
    detail = "This is no file of a kind that is accepted: JPEG, PNG or WebP images, or PDF documents."


class FileUnreadable(RuleViolated):
    code = "file_unreadable"
    detail = "The file is damaged, or holds more than a plain image or document."


class FileTooLarge(RuleViolated):
    """Carries `limit`: bytes of a file, or pixels of an image."""

    status = 413
    code = "file_too_large"
    detail = "The file is too large."


class LinkExpired(NotFound):
    code = "link_expired"
    detail = "This link is no longer good; read the object that it belongs to for a new one."
