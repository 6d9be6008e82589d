"""`python -m benchmarks`: print how fast the engine and the feed are here, and audit the ledger afterwards."""

import argparse
import os
import sys
from pathlib import Path

import django


def main() -> int:
    options = _options()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()

    from benchmarks import lines, pgbench, report
    from benchmarks.database import AlreadyRunningError
    from benchmarks.feed.report import measure as measure_feed
    from benchmarks.run import Effort, run
    from benchmarks.web import Size
    from iqx.runtime import command_line, lifeline

    lifeline.hold()
    command_line.end_on_sigterm()
    size = Size(options.workers, options.threads)
    try:
        effort = Effort(options.rounds, options.seconds, options.traders, size, options.crowd)
        text, sound = run(effort)
        if options.feed:
            feed = measure_feed("--seconds", str(options.feed), "--rounds", str(options.rounds))
            text += f"\n{lines.table('the feed', feed)}\n"
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
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=4, help="how long, each time (default: %(default)s)")
    parser.add_argument("--traders", type=int, default=200, help="how many people trade (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes of the web server (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=8, help="threads of each (default: %(default)s)")
    parser.add_argument(
        "--crowd",
        type=int,
        default=1_000_000,
        help="resting orders beside which one more is measured, 0 for no such measurement (default: %(default)s)",
    )
    parser.add_argument(
        "--feed", type=int, default=60, help="seconds of the feed's steady run, 0 for no feed (default: %(default)s)"
    )
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the report as a page, in Markdown")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
