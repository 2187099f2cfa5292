"""What memberships put into the outbox: what the worker tells the gateway, and what is told in letters.

Every event carries `membership_id`; those of a period `period_id` too.
"""

TELL = "membership.tell"
"""The worker is to tell the gateway what is wanted of a membership."""

STARTED = "membership.started"
"""Somebody is a member: by staff, or (with `period_id`) by joining a plan."""
RENEWED = "membership.renewed"
"""A further period was paid {period_id}."""
PAYMENT_FAILED = "membership.payment_failed"
"""A renewal was refused {period_id, attempt}: once for each attempt at it."""
GRACE_ENDED = "membership.grace_ended"
"""It has ended since its renewal was not paid; told instead of ENDED."""
PAUSED = "membership.paused"
"""A pause is arranged: from the end of the period until `resumes_at`."""
RESUMED = "membership.resumed"
"""A pause is over and the next period paid {period_id}; or, without one, it was called off before it began."""
PLAN_CHANGED = "membership.plan_changed"
"""Another plan is arranged, from the next period {version_id}; or the one they are on is kept."""
ENDING = "membership.ending"
"""It is to end with its period."""
KEPT = "membership.kept"
"""It was to end and goes on."""
ENDED = "membership.ended"
"""It has ended."""
