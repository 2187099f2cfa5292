"""Refusals about wallets in words: what happened, what was not done, what to do next."""

WALLET_SENTENCES: dict[str, tuple[str, str]] = {
    "wallet_short": ("There is not that much left", "Nothing was changed. Please look at the wallet as it stands now."),
    "wallet_more": ("", "That is more than there is."),
    "wallet_amount": ("", "Please make it more than nothing and no more than {most}."),
    "wallet_day": ("", "Please choose a day within the next twenty years."),
    "wallet_day_past": ("", "That day has passed already."),
    "wallet_day_future": ("", "That day is still to come."),
    "report_backwards": ("", "The last day is before the first. Please choose a later one."),
    "report_long": ("", "A report covers {years} years at most. Please choose a shorter period."),
    "item_gone": ("That one is not there any more", "It was used or has expired meanwhile. Nothing was changed."),
}
