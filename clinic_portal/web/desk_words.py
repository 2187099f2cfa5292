"""Refusals at the calendar in words."""

_NOT_THERE = "This time does not fit"
DESK_SENTENCES: dict[str, tuple[str, str]] = {
    # "desk_refused", by its reason; `who` is the provider
    "desk_refused": (_NOT_THERE, "It does not fit there."),
    "desk_refused_too_soon": (_NOT_THERE, "That day is over. Please choose today or a later one."),
    "desk_refused_outside_window": (_NOT_THERE, "That is further ahead than the calendar reaches."),
    "desk_refused_holiday": (_NOT_THERE, "The clinic is closed on that day."),
    "desk_refused_outside_hours": (_NOT_THERE, "{who} does not work at that time."),
    "desk_refused_off_grid": (_NOT_THERE, "Visits begin on every fifth minute."),
    "desk_refused_break": (_NOT_THERE, "{who} has a break then."),
    "desk_refused_time_off": (_NOT_THERE, "{who} is away then."),
    "desk_refused_busy": ("The provider is taken then", "{who} is not free then."),
    "desk_refused_no_room_or_device": ("{pool}: none is free then", "No room or device for it is free then."),
    "desk_refused_day_full": (_NOT_THERE, "{who} has as many visits on that day as they take."),
    "desk_refused_not_performed": ("They do not do that", "{who} does not do all of it."),
    "desk_refused_not_here": ("They do not work here", "{who} does not work at this location."),
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
