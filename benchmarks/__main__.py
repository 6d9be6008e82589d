"""`python -m benchmarks`: print one table of how fast the engine is here, and audit the ledger afterwards."""

import argparse
import os
import sys
from pathlib import Path

import django


def main() -> int:
    options = _options()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()

    from benchmarks import pgbench, report
    from benchmarks.database import AlreadyRunningError
    from benchmarks.run import run
    from benchmarks.web import Size
    from iqx.runtime import command_line, lifeline

    lifeline.hold()
    command_line.end_on_sigterm()
    size = Size(options.workers, options.threads)
    try:
        text, sound = run(rounds=options.rounds, seconds=options.seconds, traders=options.traders, size=size)
    except AlreadyRunningError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(text, end="")
    if options.write:
        page = report.page(text, clients=pgbench.CLIENTS, rounds=options.rounds, seconds=options.seconds)
        options.write.write_text(page, encoding="utf-8")
    return 0 if sound else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=5, help="how long, each time (default: %(default)s)")
    parser.add_argument("--traders", type=int, default=200, help="how many people trade (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes of the web server (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=8, help="threads of each (default: %(default)s)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the report as a page, in Markdown")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
