"""What is known of a person: shown to him in full, and forgotten when he asks for it.

`parts` has every table that knows people, and what becomes of it; a test holds it against the models.
"""

from iqx.ops.privacy.erasure import erase_user
from iqx.ops.privacy.export import export_of, files_of

__all__ = ["erase_user", "export_of", "files_of"]
