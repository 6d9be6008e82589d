from iqx.core.models.events import Event, Stream

__all__ = ["Event", "Stream"]
