"""The operating-system account of the embedded PostgreSQL, which refuses to run as root.

* An ordinary user runs it as himself.
* Root (containers) gives it to `nobody`, or to whoever owns the data already.
* Where `nobody` can't enter (a checkout below a private home), root runs it in a user namespace of its own,
  in which root's files belong to `nobody`. No permission of any directory is ever loosened for it.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from iqx.runtime.binaries import EmbeddedPostgresError

_NOBODY = 65534
_ROOT = 0


@dataclass(frozen=True)
class Account:
    """Whom the server runs as: `uid` from the outside; `prefix` wraps its commands."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    @classmethod
    def for_server(cls, *, home: Path, programs: Path) -> "Account":
        """The account for the server whose private folder is `home`, made already or not."""
        me = cls(os.geteuid(), os.getegid())
        owner = cls(home.stat().st_uid, home.stat().st_gid) if home.exists() else None
        if me.uid != _ROOT:
            if owner and owner.uid != me.uid:
                raise EmbeddedPostgresError(
                    f"{home} belongs to user {owner.uid}. Run as that user, or name another IQX_DATA_DIR."
                )
            return me
        if owner and owner.uid != _ROOT:
            return owner
        if owner is None and _anyone_can_enter(home) and _anyone_can_enter(programs / "postgres"):
            return cls(_NOBODY, _NOBODY)
        return cls(me.uid, me.gid, _namespace())

    def run(self, command: Sequence[str], *, stdin: str) -> subprocess.CompletedProcess[str]:
        """Run to its end under this account; stdout carries stderr as well."""
        drop = os.geteuid() != self.uid
        return subprocess.run(  # noqa: S603
            [*self.prefix, *command],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            user=self.uid if drop else None,
            group=self.gid if drop else None,
            extra_groups=[] if drop else None,
        )

    def make_private_folder(self, folder: Path) -> None:
        """Make `folder` for this account alone, or make sure that it is."""
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, self.uid, self.gid)
        except FileExistsError:
            status = folder.lstat()  # not stat: somebody may have put a link there
            if status.st_uid != self.uid or status.st_mode & ~stat.S_ISGID != stat.S_IFDIR | 0o700:
                raise EmbeddedPostgresError(
                    f"{folder} should be a folder that user {self.uid} alone can enter. Look, and remove it."
                ) from None


def _anyone_can_enter(path: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents if parent.exists())


def _environment() -> dict[str, str]:
    """Ours without libpq's and the server's own variables, which would lead them elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _namespace() -> tuple[str, ...]:
    prefix = ("unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}")
    if shutil.which("unshare"):
        trial = subprocess.run([*prefix, "true"], capture_output=True, check=False)  # noqa: S603
        if trial.returncode == 0:
            return prefix
    raise EmbeddedPostgresError(
        "PostgreSQL refuses to run as root, its files lie where no other user can enter, and user namespaces "
        "are not to be had here. Run as an ordinary user, move the checkout to a public folder (such as "
        "/srv), or set DATABASE_URL."
    )
