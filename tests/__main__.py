"""Runs the whole suite: `python -m tests` (all), or with names of parts: `python -m tests fast browser`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "fast": ["tests", "-n", "2", "--dist", "worksteal"]
    + [f"--ignore=tests/{name}" for name in ("browser", "attack", "races", "bench")],
    "races": ["tests/races", "-n", "2", "--dist", "loadfile"],
    "attack": ["tests/attack", "-n", "3", "--dist", "loadfile"],  # an attacker mostly waits for an answer
    "browser": ["tests/browser", "-n", "3", "--dist", "loadfile"],
}
AT_ONCE = {"attack", "browser"}
"""Where several sites run beside each other."""

SHELL = "chromium-headless-shell"
"""Debian's package, and its command, of a Chromium without windows."""
FAILED = 1
"""pytest's exit code for tests that failed."""


def chromium() -> str | None:
    """Where a Chromium is: Playwright's own, or one on this machine's path; one without windows takes half the time."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    names = (SHELL, "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def get_chromium() -> None:
    """Find a Chromium or get one: Playwright's download, else Debian's package."""
    if chromium():
        return
    steps = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        become = [] if os.geteuid() == 0 else ["sudo", "-n"]
        steps += [[*become, "apt-get", "update", "-qq"]]
        steps += [[*become, "apt-get", "install", "-y", "-qq", name] for name in (SHELL, "chromium")]
    for step in steps:
        print("$", " ".join(step), flush=True)
        subprocess.run(step, check=False)
        if chromium():
            return
    sys.exit("No Chromium was found and none could be installed. Install one and run this again.")


def _pytest(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", "-q", *arguments], cwd=ROOT, check=False).returncode


def main() -> int:
    """Run the parts asked for, all of them by default; 0 when every one passed.

    Several sites at once on a busy machine answer late now and then: what failed there is tried once more by itself.
    What fails twice fails.
    """
    wanted = sys.argv[1:] or list(PARTS)
    unknown = set(wanted) - set(PARTS)
    if unknown:
        sys.exit(f"No such part: {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    if {"browser", "attack"} & set(wanted):
        get_chromium()
    worst = 0
    for part in wanted:
        print(f"\n── {part} ──", flush=True)
        result = _pytest(*PARTS[part])
        if part in AT_ONCE and result == FAILED:
            print(f"\n── what failed in {part}, once more and one at a time ──", flush=True)
            result = _pytest(f"tests/{part}", "--last-failed", "--last-failed-no-failures=none")
        worst = max(worst, result)
    print("\nEverything passed." if worst == 0 else "\nSomething failed: see above.", flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
