"""The demo clinic, "Lumen Aesthetics"."""

from pathlib import Path

from clinic_portal.setup.schema import ClinicFile, parse

FILE = Path(__file__).with_name("lumen.yaml")


def lumen() -> ClinicFile:
    """The demo clinic's file."""
    return parse(FILE.read_text(encoding="utf-8"))
