"""The card numbers that the sandbox gateway takes: those Stripe publishes for tests. No other is ever looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedCard:
    """What a card does: `now` on the page and `later` when its owner is away (empty: it pays)."""

    number: str
    brand: str
    does: str  # in words, for the page's list
    now: str = ""
    later: str = ""
    asks: bool = False  # the bank asks its owner on the page
    asks_again: bool = False  # also when the saved card is used on a page again

    @property
    def spaced(self) -> str:
        """The number as it is printed on a card."""
        if self.brand == "amex":
            return f"{self.number[:4]} {self.number[4:10]} {self.number[10:]}"
        return " ".join(self.number[n : n + 4] for n in range(0, 16, 4))


PUBLISHED = (
    PublishedCard("4242424242424242", "visa", "Pays"),
    PublishedCard("5555555555554444", "mastercard", "Pays"),
    PublishedCard("378282246310005", "amex", "Pays"),
    PublishedCard("4000002500003155", "visa", "Your bank asks once, now", asks=True),
    PublishedCard(
        "4000002760003184",
        "visa",
        "Your bank asks every time: a later fee is declined",
        later="authentication_required",
        asks=True,
        asks_again=True,
    ),
    PublishedCard("4000000000000341", "visa", "Pays now; a later fee is declined", later="card_declined"),
    PublishedCard("4000000000000002", "visa", "Is declined", now="card_declined"),
    PublishedCard("4000000000009995", "visa", "Has too little money", now="insufficient_funds"),
    PublishedCard("4000000000000069", "visa", "Has expired", now="expired_card"),
    PublishedCard("4000000000000127", "visa", "Has another security code", now="incorrect_cvc"),
    PublishedCard("4000000000009987", "visa", "Was reported lost", now="lost_card"),
)

NEVER_AGAIN = frozenset({"expired_card", "lost_card", "stolen_card", "pickup_card"})
"""Declines after which the same card will never do."""


def published(typed: str) -> PublishedCard | None:
    """The test card of a number, however it is spaced; None for every other number."""
    digits = "".join(one for one in typed if one not in " -\u00a0")
    return next((card for card in PUBLISHED if card.number == digits), None)
