"""The demo clinic, "Lumen Aesthetics"."""

from pathlib import Path

from clinic_portal.setup.schema import ClinicFile, parse

FILE = Path(__file__).with_name("lumen.yaml")
FORMS = sorted(Path(__file__).with_name("forms").glob("*.yaml"))


def lumen() -> ClinicFile:
    """The demo clinic's file with its forms, a file each."""
    return parse(FILE.read_text(encoding="utf-8"), [form.read_text(encoding="utf-8") for form in FORMS])
