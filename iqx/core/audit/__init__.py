"""The audit trail: what staff did and read, written down where nobody can take it back.

* A use case of staff's passes a gate (`accounts.staff`), which calls `owe`; without a `record` by its end it does not
  commit. So a use case that isn't written down can't work, in tests or anywhere.
* A record is an insert and nothing else: no lock, no chain. A chore of the worker chains what was committed
  (`iqx.core.audit.chain`), and `manage.py verify_audit` proves that nothing was changed or left out since.
* The entrance says where an act comes from (`coming_from`), and as whom staff read (`reading_as`), so that the links
  to private files that they are shown know their reader.
"""

from iqx.core.audit.origin import Origin, coming_from, reader, reading_as
from iqx.core.audit.recording import Actor, owe, record, values_of

__all__ = ["Actor", "Origin", "coming_from", "owe", "reader", "reading_as", "record", "values_of"]
