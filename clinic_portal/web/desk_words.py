"""Refusals at the calendar in words."""

_NOT_THERE = "This time does not fit"
DESK_SENTENCES: dict[str, tuple[str, str]] = {
    # "desk_refused", by its reason
    "desk_refused_too_soon": ("That day is over", "Nothing was changed. Please choose today or a later day."),
    "desk_refused_outside_window": ("That is very far away", "Nothing was changed. Please choose an earlier day."),
    "desk_refused_holiday": (_NOT_THERE, "The clinic is closed on that day. Nothing was changed."),
    "desk_refused_outside_hours": (_NOT_THERE, "It lies outside the provider’s working hours. Nothing was changed."),
    "desk_refused_off_grid": (_NOT_THERE, "Visits begin on every fifth minute. Nothing was changed."),
    "desk_refused_break": (_NOT_THERE, "It runs into the provider’s break. Nothing was changed."),
    "desk_refused_time_off": (_NOT_THERE, "The provider is away then. Nothing was changed."),
    "desk_refused_busy": (
        "The provider is taken then",
        "Another visit, or the time it takes to prepare and clean up, is in the way. Nothing was changed.",
    ),
    "desk_refused_no_room_or_device": ("{pool}: none is free then", "All of them are in use. Nothing was changed."),
    "desk_refused_day_full": (_NOT_THERE, "The provider has all the visits a day may hold. Nothing was changed."),
    "desk_refused_not_performed": (
        "They do not do that",
        "The provider does not perform all of it. Nothing was changed.",
    ),
    "desk_refused_not_here": (
        "They do not work here",
        "The provider has no hours at this location. Nothing was changed.",
    ),
    "desk_service_gone": (
        "A treatment is not offered any more",
        "Nothing was booked. Please look over the treatments.",
    ),
    "desk_reason_missing": ("", "Please say why in a few words: it is kept with the visit."),
    "desk_reason_long": ("", "Please say it in {limit} letters at most."),
    # changing a visit
    "visit_arrived": (
        "The patient is here",
        "They are checked in, so the visit has its time. Take the check-in back first. Nothing was changed.",
    ),
    "visit_begun": (
        "The visit has begun",
        "It cannot be cancelled any more: mark it as missed, or check the patient out. Nothing was changed.",
    ),
    "desk_fee_due": (
        "A fee is due by now",
        "The front desk charges it; only the owner may waive it. Please ask them. Nothing was changed.",
    ),
    "visit_over": ("This visit is over", "It cannot be changed any more."),
    "visit_length": ("", "A visit of these treatments takes {least} to {most} minutes."),
}
