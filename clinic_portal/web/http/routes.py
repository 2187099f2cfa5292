"""Every plain endpoint, each marked with who may call it."""

from starlette.applications import Starlette
from starlette.routing import Route

from clinic_portal.web.http import calendar_file, demo_letters, health

ROUTES = (
    Route("/healthz", health.alive, methods=["GET"]),
    Route("/readyz", health.ready, methods=["GET"]),
    Route("/booked/appointment.ics", calendar_file.booked, methods=["GET"]),
)
DEMO_ROUTES = (Route("/demo/letter/{letter_id:int}", demo_letters.letter, methods=["GET"]),)


def endpoints(*, is_demo: bool) -> Starlette:
    """The endpoints as one application; the pages are mounted behind it."""
    return Starlette(routes=[*ROUTES, *(DEMO_ROUTES if is_demo else ())])
