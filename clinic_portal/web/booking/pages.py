"""The wizard's pages and their addresses."""

import reflex as rx

from clinic_portal.web.booking import card, code, confirmed, details, policy, provider, time, treatments, visit
from clinic_portal.web.booking.card_state import CardStep
from clinic_portal.web.booking.code_state import Code
from clinic_portal.web.booking.confirmed_state import Confirmed
from clinic_portal.web.booking.details_state import Details
from clinic_portal.web.booking.policy_state import PolicyStep
from clinic_portal.web.booking.provider_state import ProviderStep
from clinic_portal.web.booking.steps import (
    CARD,
    CODE,
    CONFIRMED,
    DETAILS,
    POLICY,
    PROVIDER,
    TIME,
    TREATMENTS,
    VISIT,
)
from clinic_portal.web.booking.time_state import TimeStep
from clinic_portal.web.booking.treatments_state import Treatments
from clinic_portal.web.booking.visit_state import VisitStep
from clinic_portal.web.me import Me

PAGES = (
    (TREATMENTS, treatments.page, Treatments.enter),
    (DETAILS, details.page, Details.enter),
    (CODE, code.page, Code.enter),
    (VISIT, visit.page, VisitStep.enter),
    (PROVIDER, provider.page, ProviderStep.enter),
    (TIME, time.page, TimeStep.enter),
    (POLICY, policy.page, PolicyStep.enter),
    (CARD, card.page, CardStep.enter),
    (CONFIRMED, confirmed.page, Confirmed.enter),
)


def add(app: rx.App) -> None:
    """Add every step to the app."""
    for step, page, enter in PAGES:
        app.add_page(page, route=step.path, title=f"{step.label} · Book a visit", on_load=[Me.enter, enter])
