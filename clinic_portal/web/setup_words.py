"""Refusals of the first run, in words."""

SETUP_SENTENCES: dict[str, tuple[str, str]] = {
    "setup_key_wrong": (
        "",
        "This is not the setup key of this installation. It stands among the first lines the server said when it "
        "started; whoever runs the server finds it in its log.",
    ),
    "setup_key_per_address": ("", "Too many tries with a wrong key. Please try again in {wait}."),
    "setup_claimed": (
        "This installation has an owner already",
        "Nothing was done. If it is you, sign in; if it is not, ask whoever runs the server.",
    ),
    "clinic_known": ("The clinic is there already", "It was founded in another window meanwhile. Please look at it."),
    "first_run_over": (
        "The first visit is booked already",
        "Nothing was changed. From now on it is changed under Settings, which say what it means for visits.",
    ),
    "currency_in_use": ("", "Services have prices in the present currency. Change both under Settings later."),
    "prefix_letters": ("", "Two to five letters, A to Z, such as LMN."),
    "hours_none": ("", "Without any hours nobody can book. Please give at least one day."),
}
