#!/usr/bin/env python
"""Fascicle's command line."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        sys.stderr.write("Fascicle's packages are not installed. Run `make run`, which installs them.\n")
        return 1
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        sys.stderr.write(f"Fascicle can't start: {wrong}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
