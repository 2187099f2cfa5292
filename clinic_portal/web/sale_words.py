"""Refusals about packages, memberships and bills of visits: what happened, what was not done, what to do next."""

SALE_SENTENCES: dict[str, tuple[str, str]] = {
    "item_expires": (
        "That day is too late for what you took from your wallet",
        "{names} is good until {until}. Choose an earlier time, or go back to your visit and pay for it instead.",
    ),
    # packages
    "package_gone": (
        "This package is not sold any more",
        "Nothing was charged. Below is what we have now.",
    ),
    "package_changed": (
        "“{name}” has changed",
        "Its price or what is in it is another by now. Nothing was charged: please look at it again.",
    ),
    "package_bought_meanwhile": (
        "You have just bought a package",
        "In another tab, perhaps: it is yours, and nothing was charged twice. If you want another, choose it again.",
    ),
    "package_page_away": (
        "Our payment service does not answer",
        "Nothing was charged or bought. Please try again in a minute.",
    ),
    "package_page_refused": (
        "The payment page did not open",
        "Nothing was charged or bought. Please try once more, or call us.",
    ),
    "package_moved_on": ("Somebody else changed it meanwhile", "Nothing was saved. This is how it stands now."),
    "package_dear": ("", "Please keep the price to {amount}."),
    "package_refund": (
        "",
        "{used} of {count} are used or expired, so no more than {amount} can be given back.",
    ),
    "package_refund_kept": (
        "",
        "{used} of {count} are used or expired, and {kept} kept for booked visits: no more than {amount} can be given "
        "back now. Cancel those visits first to give more back.",
    ),
    "category_in_wallet": (
        "It is in memberships or wallets",
        "Nothing was removed: plans bring something of this category, or patients have it in their wallets.",
    ),
    "category_in_package": (
        "Packages are of this category",
        "Nothing was removed: packages that are or were sold name it.",
    ),
    # memberships
    "plan_gone": ("This plan is not offered any more", "Please choose another one."),
    "plan_other_terms": ("This plan has changed", "Nothing is changed for you. Please look at it as it is now."),
    "plan_changed": ("This plan has changed", "Nothing was charged. Please look at it as it is now."),
    "plan_same": ("You are on this plan", "There is nothing to change."),
    "plan_currency": ("This plan is in another currency", "Please call us and we will change it with you."),
    "member_already": ("You are a member", "Nothing was charged a second time."),
    "membership_none": ("There is no membership here", "It may have ended meanwhile. Please look again."),
    "membership_overdue": ("A payment is outstanding", "Please pay it first."),
    "membership_not_overdue": ("Nothing is outstanding", "Your membership is paid."),
    "membership_ending": ("Your membership is about to end", "Keep it first, then change it."),
    "membership_not_ending": ("Your membership goes on", "It was not going to end."),
    "membership_not_paused": ("Your membership is not paused", "There is nothing to resume."),
    "agreement_unsigned": ("The agreement is not signed yet", "Please read and sign it first."),
    "pause_by_staff": ("We pause memberships for you", "Please call us."),
    "pause_yearly": ("Plans paid by the year cannot be paused", "Please call us and we will find a way."),
    "pause_long": ("", "Please choose a day no more than {months} months after your period ends."),
    "pause_short": ("", "Please choose a day after the period you have paid for."),
    "membership_moved_on": (
        "Something has changed meanwhile",
        "Nothing was done. Please look at how it stands now, and choose again.",
    ),
    "membership_page_away": (
        "Our payment service does not answer",
        "Nothing was charged, and what you signed is kept. Please try again in a minute.",
    ),
    "membership_page_refused": (
        "The payment page did not open",
        "Nothing was charged. Please try once more, or call us.",
    ),
    "membership_refused_again": (
        "The bank said no again",
        "Nothing was taken. They can pay with another card in their portal, and were told how.",
    ),
    "membership_still_owed": (
        "It is not paid yet",
        "Nothing was taken from your card. Pay it below whenever you are ready, with this or another card.",
    ),
    "membership_not_paid": (
        "You have not joined yet",
        "Nothing was paid. What you signed is kept: go on whenever you like.",
    ),
    # plans, for staff
    "brings_twice": ("", "This stands there already. Please make it one line, with how many."),
    "plan_service_gone": ("", "This is not offered any more. Please choose something else."),
    "plan_agreement_missing": (
        "It needs an agreement first",
        "Whoever joins signs one. Choose a published consent in the plan, then offer it.",
    ),
    "plan_agreement_unpublished": (
        "Its agreement is not published",
        "Whoever joins signs it. Publish it under Forms, or choose another one.",
    ),
    "plan_moved_on": (
        "Somebody else changed this plan meanwhile",
        "Nothing was saved. Open it again to see how it stands now.",
    ),
    # a visit at the desk
    "visit_moved_on": (
        "This visit has changed meanwhile",
        "Someone else has seen to it, or the patient changed it. Nothing was done twice; this is how it stands now.",
    ),
    "visit_not_today": ("It is not the day of this visit yet", "Nothing was done. Check in on the day they come."),
    "undo_too_late": (
        "That was another day",
        "A check-in can be taken back on the day it was made. Nothing was changed.",
    ),
    "bill_changed": (
        "What is to be paid has changed",
        "The deposit, a package or the credit is another by now. Nothing was billed: please look at it once more.",
    ),
    "bill_item_short": ("Nothing more is left of it", "It pays for another treatment already, or was used meanwhile."),
    "bill_below_nothing": ("", "That would make the bill less than nothing."),
    "bill_credit_too_much": ("", "Please make it no more than {most}."),
    "bill_extras_many": ("", "A bill holds up to {most} extra amounts."),
    "bill_words_missing": ("", "Please say in a few words what it is for: the patient reads it."),
    "bill_amount": ("", "Please write an amount such as 25 or -10.50."),
    "bill_how_missing": ("", "Please choose how the rest was paid."),
}
