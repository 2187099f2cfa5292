"""The steps of the wizard and which of them a draft may open. Pure."""

from dataclasses import dataclass

from clinic_portal.booking.types import Draft


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its address, its name in the list of steps, and the title of its page."""

    name: str
    path: str
    label: str
    title: str


TREATMENTS = Step("treatments", "/book", "Treatments", "What would you like to have done?")
DETAILS = Step("details", "/book/details", "Your details", "Who is coming?")
CODE = Step("code", "/book/code", "Verify phone", "Is this your phone?")
VISIT = Step("visit", "/book/visit", "Your visit", "Is this everything?")
PROVIDER = Step("provider", "/book/provider", "Provider", "Who would you like to see?")
TIME = Step("time", "/book/time", "Date & time", "When would you like to come in?")
POLICY = Step("policy", "/book/policy", "Policy", "Before we book it")
CARD = Step("card", "/book/card", "Card", "Your card secures your visit")
CONFIRMED = Step("confirmed", "/book/confirmed", "Confirmed", "You’re booked")
STEPS = (TREATMENTS, DETAILS, CODE, VISIT, PROVIDER, TIME, POLICY, CARD, CONFIRMED)


def furthest(draft: Draft) -> Step:
    """The first step that is not done yet; the wizard opens no step behind it (S60-S77 in order)."""
    if not draft.now_lines:
        return TREATMENTS
    if not (draft.given_name and draft.email and draft.phone):
        return DETAILS
    if not draft.is_phone_verified:
        return CODE
    repriced = any(line.is_repriced for line in draft.now_lines)
    if repriced or not draft.has_reviewed_visit or any(not line.is_offered for line in draft.now_lines):
        return VISIT
    if not draft.has_chosen_provider:
        return PROVIDER
    return POLICY if draft.hold else TIME


def following(step: Step, draft: Draft, *, may_choose_provider: bool) -> Step:
    """The step after one: a phone that is proved and a provider who is not the patient's to choose are passed over.

    From the visit, looked at once more while a time is held, the way leads straight back to the policy.
    """
    if step is VISIT and draft.hold and may_open(POLICY, draft):
        return POLICY
    after = STEPS[STEPS.index(step) + 1]
    if after is DETAILS and draft.patient_id is not None:
        after = CODE
    if after is CODE and draft.is_phone_verified:
        after = VISIT
    if after is PROVIDER and not may_choose_provider:
        after = TIME
    return after if may_open(after, draft) else furthest(draft)


def may_open(step: Step, draft: Draft) -> bool:
    """Whether a draft may open a step: every step before it is done."""
    if step is CONFIRMED:
        return draft.booked_reference is not None
    if step is CARD:  # who comes back from the gateway's page is told how it stands, whatever became of the time
        return True
    return STEPS.index(step) <= STEPS.index(furthest(draft))
