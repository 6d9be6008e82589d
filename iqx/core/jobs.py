"""Work for later: a job commits with the transaction that asks for it, or not at all.

Domain modules name a task; they don't import it, since tasks are entrances. Arguments are ids, never secrets.
"""

from procrastinate.contrib.django import app


def defer(task: str, **arguments: str | int | bool | None) -> None:
    """Enqueue `task` with JSON-able arguments, inside the transaction under way."""
    app.configure_task(task).defer(**arguments)
