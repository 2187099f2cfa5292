"""Money is an integer of minor units plus an ISO 4217 currency; never a float."""


def percent_of(amount_minor: int, percent: int) -> int:
    """`percent` of an amount in minor units, half a unit rounded up."""
    return (amount_minor * percent + 50) // 100
