"""`python -m benchmarks.feed`: measure the feed, print a table, and say by the exit code whether every bar was met."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

SCENARIOS = ("crowd", "throughput", "resume", "slow", "memory", "outages", "processes")


def main() -> int:
    options = _options()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    from benchmarks.feed import servers

    with servers.own_redis() as redis:
        if redis is None:
            print(
                "the feed is measured between processes, which takes a redis-server: none is installed", file=sys.stderr
            )
            return 2
        os.environ["REDIS_URL"] = redis.url  # before anybody reads the settings
        return _measure(options, redis)


def _measure(options: argparse.Namespace, redis: "servers.Redis") -> int:  # noqa: F821
    import django

    django.setup()
    from benchmarks import database
    from benchmarks.feed.run import measure
    from benchmarks.feed.scenarios import Effort
    from benchmarks.lines import table
    from iqx.runtime import command_line, lifeline

    lifeline.hold()
    command_line.end_on_sigterm()
    effort = Effort(options.seconds, options.sockets, options.rounds, options.churn)
    try:
        with database.server() as connection, database.exchange(connection):
            lines = measure(options.only or SCENARIOS, effort, redis)
    except database.AlreadyRunningError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(table("the feed", lines))
    if options.rows:
        options.rows.write_text(json.dumps([asdict(line) for line in lines]), encoding="utf-8")
    return 0 if all(line.met is not False for line in lines) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feed", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[[], *SCENARIOS], help="which (default: all)")
    parser.add_argument("--seconds", type=int, default=60, help="of the steady run (default: %(default)s)")
    parser.add_argument("--sockets", type=int, default=1_000, help="of the steady run (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of what is compared (default: %(default)s)")
    parser.add_argument("--churn", type=int, default=60, help="seconds of coming and going (default: %(default)s)")
    parser.add_argument("--rows", type=Path, metavar="FILE", help="also write the table's lines as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
