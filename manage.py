#!/usr/bin/env python
"""IQX's command line: `manage.py run` starts everything, `manage.py help` lists the commands."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iqx.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as error:
        print(f"{error}. Run `make run`, or use .venv/bin/python.", file=sys.stderr)
        return 1

    from iqx.runtime import command_line, lifeline
    from iqx.runtime.embedded import EmbeddedPostgresError

    lifeline.hold()
    command_line.end_on_sigterm()
    try:
        command_line.start_telling(sys.argv)
        with command_line.database(sys.argv):
            execute_from_command_line(sys.argv)
    except (EmbeddedPostgresError, ImproperlyConfigured) as error:
        print(f"manage.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
