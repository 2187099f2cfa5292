"""Others' clicks while twenty people a second sign in: hashes are dear on purpose, and must cost nobody else's time."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import secrets
import statistics
import tempfile
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from clinic_portal.accounts import passwords
from clinic_portal.core import crypto
from clinic_portal.core.settings import Settings
from tests.bench.bench_wizard import Session, running
from tests.factories import PASSWORD, SmallClinic, patient, visitor
from tests.http.browser import easy_answer

A_SECOND, SECONDS, PEOPLE = 20, 15, 20
REST_SECONDS, PAUSE_SECONDS = 8, 0.1
_spawn = multiprocessing.get_context("spawn")


def run() -> dict[str, Any]:
    """Clicks at rest and under sign-ins, from one server in one run; and what became of the sign-ins."""
    os.environ["CLINIC_TRUSTED_PROXY_HOPS"] = "1"  # each from an address of its own: the limit by address is not meant
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as (url, made):
        services = made.services
        services.settings = services.settings.model_copy(
            update={"password_cost": Settings(_env_file=None).password_cost}
        )
        emails = [f"p{n}@example.org" for n in range(PEOPLE)]
        for n, email in enumerate(emails):
            patient(services, email, phone=f"+1512556{n:04}")
        answers = [easy_answer(services.settings, services.clock, "sign-in") for _ in range(A_SECOND * SECONDS)]
        begin = time.perf_counter()
        passwords.matches(services.settings, PASSWORD, None)
        hash_ms = (time.perf_counter() - begin) * 1000
        at_rest = asyncio.run(clicks(url, made, REST_SECONDS))
        outcomes = _spawn.SimpleQueue()
        crowd = _spawn.Process(target=sign_ins, args=(url, emails, answers, outcomes))
        crowd.start()
        outcomes.get()  # it is up, and begins
        meanwhile = asyncio.run(clicks(url, made, SECONDS))
        told: dict[str, Any] = outcomes.get()
        crowd.join()
        return {
            "cores": os.cpu_count(),
            "password_cost": services.settings.password_cost,
            "one_hash_ms": round(hash_ms),
            "clicks_at_rest": at_rest,
            "clicks_during_sign_ins": meanwhile,
            "sign_ins": told,
        }


async def clicks(url: str, made: SmallClinic, seconds: float) -> dict[str, float]:
    """Someone on the day-and-time step who looks at one day after another."""
    cookie = secrets.token_urlsafe(32)
    visitor(made, crypto.digest(cookie), "facial", phone=f"+1512555{secrets.randbelow(9000) + 1000}")
    session = Session(url, cookie)
    await session.open()
    taken: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        on = date(2026, 11, 24) + timedelta(days=len(taken) % 6)
        taken.append(await session.click("choose_day", {"iso": on.isoformat()}))
        await asyncio.sleep(PAUSE_SECONDS)
    await session.close()
    taken.sort()
    return {
        "clicks": len(taken),
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(taken[int(len(taken) * 0.95)], 1),
        "most_ms": round(taken[-1], 1),
    }


def sign_ins(url: str, emails: list[str], answers: list[str], outcomes: Any) -> None:
    """A crowd in a process of its own, each with the right password: so many a second, whatever comes back."""
    outcomes.put(asyncio.run(_crowd(url, emails, answers, outcomes)))


async def _crowd(url: str, emails: list[str], answers: list[str], outcomes: Any) -> dict[str, Any]:
    became: Counter[str] = Counter()
    took: list[float] = []
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=120, limits=limits) as client:
        await client.get("/healthz")
        outcomes.put("ready")

        async def one(n: int) -> None:
            form = {"email": emails[n % len(emails)], "password": PASSWORD, "next": "/portal", "altcha": answers[n]}
            begin = time.perf_counter()
            answer = await client.post(
                "/auth/sign-in", data=form, headers={"X-Forwarded-For": f"10.0.{n // 250}.{n % 250}"}
            )
            took.append((time.perf_counter() - begin) * 1000)
            where = answer.headers.get("location", "").split("?")[0]
            became["signed in" if where == "/portal" else f"{answer.status_code} {where}"] += 1

        begin = time.perf_counter()
        tasks = []
        for n in range(len(answers)):
            await asyncio.sleep(max(0.0, begin + n / A_SECOND - time.perf_counter()))
            tasks.append(asyncio.create_task(one(n)))
        await asyncio.gather(*tasks)
        lasted = time.perf_counter() - begin
    took.sort()
    return {
        "asked_a_second": A_SECOND,
        "became": dict(became),
        "a_second": round(became["signed in"] / lasted, 1),
        "p50_ms": round(statistics.median(took)),
        "p95_ms": round(took[int(len(took) * 0.95)]),
    }
