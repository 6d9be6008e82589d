"""`python -m deploy.rehearsal`: rehearse rolling restarts and sudden deaths behind nginx, under load.

Needs nginx, supervisord and redis-server (apt-get install nginx-light supervisor redis-server), and takes three minutes
or so. Exits with 1 if anything was lost, or a request failed during the rolling restart.
"""

import argparse
import os
import signal
import sys

from deploy.rehearsal import stage as staging


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.rehearsal", description=__doc__)
    parser.add_argument("--database", help="a PostgreSQL server to make a database on; default: an embedded one")
    parser.add_argument("--people", type=int, default=6, help="how many trade at a time (default: %(default)s)")
    parser.add_argument("--acts", default="", help="only the acts whose name has this in it")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    try:
        for name in ("nginx", "supervisord", "supervisorctl", "redis-server"):
            staging.program(name)
    except staging.MissingProgramError as missing:
        print(missing, file=sys.stderr)
        return 2
    with staging.set_up(options.database) as stage:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iqx.settings")
        import django

        django.setup()
        from deploy.rehearsal.play import play  # needs the applications

        return play(stage, people=options.people, only=options.acts)


sys.exit(main())
