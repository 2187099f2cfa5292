"""Refusals in words: what happened, what was not done, what to do next."""

from __future__ import annotations

import logging
import re
import traceback
from dataclasses import dataclass
from datetime import date

from clinic_portal.core import ids, wording
from clinic_portal.core.errors import DomainError
from clinic_portal.web.desk_words import DESK_SENTENCES
from clinic_portal.web.form_words import FORM_SENTENCES
from clinic_portal.web.sale_words import SALE_SENTENCES
from clinic_portal.web.setup_words import SETUP_SENTENCES
from clinic_portal.web.wallet_words import WALLET_SENTENCES

log = logging.getLogger(__name__)

SENTENCES: dict[str, tuple[str, str]] = {
    **DESK_SENTENCES,
    **FORM_SENTENCES,
    **SALE_SENTENCES,
    **WALLET_SENTENCES,
    **SETUP_SENTENCES,
    # details
    "name_missing": ("", "Please tell us this name."),
    "name_long": ("", "Please shorten this name to {limit} letters."),
    "name_characters": ("", "Please write this name with letters only, without links or symbols."),
    "email_missing": ("", "Please tell us your e-mail address: the confirmation goes there."),
    "email_invalid": ("", "This does not look like an e-mail address. One looks like amara@example.com."),
    "phone_missing": ("", "Please tell us your mobile number: we send a code to it."),
    "phone_invalid": ("", "This does not look like a phone number we can reach. Please check the digits."),
    # codes
    "code_wrong": ("", "That is not the code we sent. Please check the digits and try again."),
    "code_expired": ("", "This code was good for ten minutes, and they are over. Ask for a new one below."),
    "code_spent": ("", "That was one wrong code too many, so this one is void. Ask for a new one below."),
    "code_missing": ("", "There is no code to check yet. Ask for one below."),
    "code_resend": ("", "A code is on its way. You can ask for another in {wait}."),
    "code_per_phone": (
        "",
        "We have sent several codes to this number. Please try again in {wait}, or call us.",
    ),
    "code_per_browser": ("", "We have sent several codes already. Please try again in {wait}, or call us."),
    "code_per_address": ("", "Too many codes were asked for from your network. Please try again in {wait}."),
    "code_wrong_per_phone": (
        "",
        "Too many wrong codes for this number today. Please call us and we will book you.",
    ),
    # cart and choices
    "cart_empty": ("Your visit is empty", "Choose a treatment first."),
    "cart_full": ("That is a full visit", "One visit holds up to {limit} treatments. Nothing was added."),
    "cart_long": (
        "That would be a very long visit",
        "Nothing was added. Book the rest as a visit of its own.",
    ),
    "service_gone": (
        "A treatment is not offered here any more",
        "{names} cannot be booked here. Please remove it.",
    ),
    "price_changed": (
        "A price has changed",
        "The price of {names} changed just now. Nothing was booked: please look.",
    ),
    "visit_changed": (
        "A treatment’s length has changed",
        "Nothing was booked. Please choose your time once more.",
    ),
    "visit_unreviewed": ("One more look", "Please look over your visit before you go on."),
    "no_single_provider": (
        "These need two visits",
        "No one provider performs all of these. Book them as two visits.",
    ),
    "provider_gone": (
        "This provider does not do that",
        "Please choose another provider, or the first available.",
    ),
    "provider_missing": ("Whom would you like to see?", "Please choose a provider first."),
    "details_missing": ("Who is coming?", "Please tell us your name, e-mail and phone first."),
    "phone_unverified": (
        "Please prove your phone",
        "Enter the code we send to your phone; then you can go on.",
    ),
    # times
    "slot_taken": (
        "{time} is taken",
        "Someone was a moment faster, and nothing was booked. These are nearest:",
    ),
    "hold_ran_out": (
        "Your time ran out",
        "We kept it for a while, then let it go. Nothing was booked: choose again.",
    ),
    "time_missing": ("No time yet", "Please choose a day and a time first."),
    "holds_per_phone": (
        "That was a lot of times",
        "Please wait {wait} before you choose another, or call us.",
    ),
    # policy
    "policy_unread": ("One thing left", "Please read the cancellation policy and tick the box."),
    "policy_changed": (
        "The policy has changed",
        "It changed while you were here. Nothing was booked: please read it.",
    ),
    # the card
    "card_needed": ("Your card is needed first", "Nothing was booked. Please go on to the card."),
    "card_page_away": (
        "Our payment service does not answer",
        "Nothing was booked or charged, and your time is still held. Please try again in a minute.",
    ),
    "fee_page_away": (
        "Our payment service does not answer",
        "Nothing was charged. Please try again in a minute.",
    ),
    "card_page_refused": (
        "The card page did not open",
        "Nothing was booked or charged. Please try once more, or call us.",
    ),
    "card_add_away": ("Our payment service does not answer", "No card was added. Please try again in a minute."),
    "card_add_refused": ("The card page did not open", "No card was added. Please try once more, or call us."),
    "card_not_added": ("No card was added", "Nothing was saved. You can add one whenever you like."),
    "card_gone": ("That card is not on file any more", "Nothing was changed. Below are the cards we have."),
    "card_kept": (
        "We keep this card for your visit",
        "We keep this card until your visit on {on}: it was booked with it, and a fee would be charged to it.",
    ),
    "card_kept_last": (
        "We keep this card for your visit",
        "We keep this card until your visit on {on}: it is your only one, and without it a fee for that visit could "
        "not be charged. Once you add another, this one can go.",
    ),
    "card_kept_after": (
        "We keep this card for a day",
        "We keep this card for a day after your visit on {on}, which was booked with it.",
    ),
    "card_kept_fee": (
        "This card is being charged",
        "A fee is being charged to this card. It can go as soon as that is done.",
    ),
    "card_given": ("Your card was confirmed already", "In another tab, perhaps. One moment: we look it up."),
    "payment_overtaken": ("Something changed", "Nothing was booked or charged. Please look over it once more."),
    "card_kept_membership": (
        "Your membership is paid with this card",
        "Add another card first, then remove this one.",
    ),
    "payment_moved_on": ("This has changed meanwhile", "Nothing was done. Please look at it as it stands now."),
    "not_booked_slot_taken": (
        "Your card was fine, but the time was gone",
        "Your time had run out and someone else took it. Nothing is booked and nothing was charged: the {amount} "
        "reserved on your card {goes} back. Please choose another time.",
    ),
    "not_booked_hold_ran_out": (
        "Your card was fine, but your time had run out",
        "Nothing is booked and nothing was charged: the {amount} reserved on your card {goes} back. "
        "Please choose a time again.",
    ),
    "not_booked_policy_changed": (
        "The policy changed while you were at your card",
        "Nothing is booked and nothing was charged: the {amount} reserved on your card {goes} back. "
        "Please read the policy as it is now.",
    ),
    "not_booked_price_changed": (
        "A price changed while you were at your card",
        "Nothing is booked and nothing was charged: the {amount} reserved on your card {goes} back. "
        "Please look over your visit.",
    ),
    "not_booked_other": (
        "Your card was fine, but your visit had changed",
        "Nothing is booked and nothing was charged: the {amount} reserved on your card {goes} back. "
        "Please look over your visit.",
    ),
    # signing in
    "why_signed_out": ("", "You were signed out here. Nothing was lost that was saved; sign in to go on."),
    "why_goodbye": ("", "You are signed out. See you soon."),
    "why_idle": ("", "You were signed out after a while without a click, to keep your details safe."),
    "why_password_changed": ("", "Your password is changed. Sign in with the new one."),
    "why_email_changed": ("", "Your e-mail address is changed. Sign in with the new one."),
    "signed_out": (
        "You were signed out",
        "Your session ended, here or from another device. Nothing was changed; sign in to go on.",
    ),
    "not_permitted": ("Your role does not allow that", "Nothing was changed. Ask an owner of the pages."),
    "sign_in_wrong": (
        "",
        "That e-mail and password do not go together, or the address is not confirmed yet. Just signed up? Open the "
        "link in our e-mail first.",
    ),
    "staff_sign_in_wrong": ("", "That e-mail and password do not go together. Please try again."),
    "sign_in_per_account": ("", "Too many tries with this address. Please wait {wait}, or choose a new password."),
    "sign_in_per_address": ("", "Too many tries from your network. Please wait {wait}."),
    "mail_per_email": ("", "We have written to this address several times. Please wait {wait}."),
    "mail_per_address": ("", "Too many requests from your network. Please wait {wait}."),
    "busy": ("", "Very many people are signing in just now. Please try again in {wait}."),
    "captcha_missing": ("", "Please tick the box and wait for its mark, then try again."),
    "captcha_wrong": ("", "The check that you are a person did not work. Please tick the box once more."),
    "captcha_old": ("", "This page was open for long. Please tick the box once more."),
    "captcha_again": ("", "This form was sent before. Please tick the box once more."),
    "captcha_away": ("", "The check that you are a person does not answer. Please try again in a minute."),
    "password_short": ("", "Please make it {least} characters or more; a few words will do."),
    "password_long": ("", "Please keep it to {most} characters."),
    "password_guessable": (
        "",
        "This password is easily guessed: it is common, or about you. Please choose another; nothing was saved.",
    ),
    "password_changed": ("", "Your new password is kept. Your other devices were signed out."),
    "password_changed_meanwhile": ("", "Your password was changed elsewhere just now. Nothing was changed here."),
    "confirm_password_wrong": ("", "That is not the password you chose when you signed up."),
    "current_wrong": ("", "That is not your present password. Nothing was changed."),
    "reset_sent": ("", "If that address has a portal, a link is on its way to it. It works for an hour."),
    "staff_reset_sent": (
        "",
        "If that address belongs to one of the staff, a link is on its way. It works for an hour.",
    ),
    "sent": ("", "A link is on its way to you."),
    "sent_again": ("", "If that address is waiting to be confirmed, the link is on its way once more."),
    "email_change_sent": ("", "A link is on its way to the new address. It counts once you press the button there."),
    "account_known": ("", "This address has a portal already. Nothing was changed; sign in with it."),
    "understood_missing": ("", "Please tick this, so that your visits end up in the right profile."),
    "text_characters": ("", "Please leave out line breaks and characters that cannot be seen."),
    "text_long": ("", "Please shorten this to {limit} characters."),
    "note_missing": ("", "Please write something first."),
    "alerts_full": ("That is a lot of alerts", "{limit} stand already. Take one down first; nothing was saved."),
    "reach_missing": ("", "Please give a phone number or an e-mail address, so that we can reach them."),
    "patient_known": ("We may know them already", "Nothing was saved: {names} can be reached there, too."),
    "patient_changed": (
        "Someone changed this meanwhile",
        "Nothing was saved. What is new is marked below; save again where yours should hold.",
    ),
    "email_is_login": (
        "They sign in with this e-mail address",
        "Nothing was saved. They can change it themselves in their portal’s settings, where they prove the new one.",
    ),
    "birth_date_invalid": ("", "Please write the date of birth as year, month and day."),
    "second_factor_wrong": ("", "That code does not fit. Codes change every half minute; please type the newest."),
    "second_factor_known": ("", "An authenticator is set up already."),
    "second_factor_wrong_limit": ("", "Too many wrong codes. Please wait {wait}."),
    "second_factor_off": ("", "The authenticator is off. Your password alone lets you in now."),
    "staff_known": ("", "Someone with this e-mail address is there already. Nobody was added."),
    "last_owner": ("One owner must stay", "Nothing was changed. Make someone else an owner first."),
    "role_unknown": ("", "Please choose a role."),
    "own_is_nobodys": ("", "Please choose whose calendar is theirs, or let them see all of them."),
    "activation_off": ("Welcome Emails are switched off", "Nothing was sent. Switch them on first."),
    "activation_running": ("It is under way already", "Welcome Emails are being sent. Nothing was started twice."),
    "activation_nobody": ("Nobody is left", "Every patient has logged in at least once. Nothing was sent."),
    # the portal
    "change_switched_off": ("", "Please call us to change this visit; it cannot be done online."),
    "change_too_late": ("", "It is too close to the visit to change it online. Please call us."),
    "change_fee_due": (
        "",
        "Free changes are over for this visit, so it cannot be moved online. Please call us; we will find a way.",
    ),
    "change_ended": (
        "This visit has changed meanwhile",
        "It was moved or cancelled already, here or by the clinic. Nothing was done twice; this is how it stands now.",
    ),
    "fee_changed": (
        "Cancelling costs something else by now",
        "Nothing was cancelled. Please look at the fee below before you decide.",
    ),
    "move_by_phone": (
        "Please call us to move this visit",
        "A treatment, provider or place of it is not offered online any more. Nothing was changed.",
    ),
    "move_taken": (
        "{time} is taken",
        "Someone was a moment faster. Your visit stays where it is; choose another time.",
    ),
    "history_missing": ("", "Please fill this in."),
    "history_choice": ("", "Please choose one of these."),
    "history_year": ("", "Please write the year in four digits."),
    "history_known": ("That stands there already", "Nothing was added. Change what is there."),
    "history_full": ("That is a long history", "It holds {limit} entries; nothing was added. Please call us."),
    "history_none_taken": ("Something stands there", "Remove it first, then say that there is none."),
    "history_changed": (
        "This was changed meanwhile",
        "The clinic, or you in another window, has changed it. Nothing was saved: please look at it again.",
    ),
    "language_unknown": ("", "Please choose one of these."),
    "phone_same": ("", "That is the number we have."),
    # the staff's settings
    "owner_missing": ("", "Please choose one."),
    "reminder_known": ("This reminder is there already", "Nothing was added."),
    "reminders_many": ("That is one reminder too many", "Please remove one first: {most} are as many as can be."),
    "time_zone_unknown": ("", "Please choose a time zone from the list."),
    "number_bounds": ("", "Please write a whole number from {least} to {most}."),
    "money_invalid": ("", "Please write an amount such as 240 or 240.00."),
    "zone_unknown": ("", "Please write a time zone such as America/Chicago."),
    "country_letters": ("", "Please write the country as two letters, such as US."),
    "processing_long": ("", "It cannot take effect for longer than the treatment lasts."),
    "policy_fee": ("", "Please give either a percentage or an amount."),
    "policy_own_missing": ("", "It has no policy of its own yet. Write one on the page “Cancellation policy”."),
    "message_moved_on": ("This has changed meanwhile", "Look at it as it stands now; nothing was done."),
    "message_past": ("Too late for this message", "The visit has begun or is off. Nothing was sent."),
    "message_unreachable": (
        "Nothing arrives at this address",
        "Nothing was sent. Put the address right in the patient’s profile, or try the address again below.",
    ),
    "message_stopped": (
        "They asked for no more texts",
        "Only they can take that back: by texting START to the clinic’s number.",
    ),
    "text_empty": ("", "Please write something here: a message without it would look like a mistake."),
    "words_long": ("", "Please shorten this to {most} characters."),
    "text_one_line": ("", "This has to stay on one line: please take out the line break."),
    "text_controls": ("", "There is a character in it that cannot be seen. Please take it out, or write it anew."),
    "text_braces": (
        "",
        "Near “{near}” a brace opens or closes no placeholder. Choose one from the list; a brace itself is written twice.",
    ),
    "text_unknown": ("", "This message knows no placeholder “{placeholder}”. Choose one from the list below."),
    "text_needs": ("", "The message cannot do without “{placeholder}”: please put it in."),
    "text_block_here": ("", "“{placeholder}” is a whole block: please put it into the text, on a line of its own."),
    "text_block_inside": (
        "",
        "“{placeholder}” is a whole block: please put it on a line of its own, with a blank line before and after it.",
    ),
    "text_segments": ("", "This makes {segments} text messages; at most {most} are sent. Please shorten it."),
    "text_no_visit": (
        "This patient has no visit yet",
        "There is nothing to fill the message in with. Choose somebody else, or use the example.",
    ),
    "trial_texts": ("That was a lot of trials", "You can send another in {wait}."),
    "colour_invalid": ("", "Please write a colour like #9c4a31."),
    "colour_light": ("", "White words on this colour would be hard to read: please choose a darker one."),
    "charge_small": ("", "A card cannot be charged so little: please make it {amount} or more."),
    "card_hold_big": ("", "This only proves the card: please keep it to {amount}."),
    "deposit_twice": ("", "Please give either a percentage or an amount, or neither."),
    "deposit_big": ("", "A deposit cannot be more than the price."),
    "currency_unknown": ("", "Please choose one of these."),
    "currency_changed": (
        "The clinic’s currency is {currency} by now",
        "Nothing was saved. Please look at your amounts again.",
    ),
    "currency_big": ("", "Some prices would be too high in {currency}. Nothing was changed; make them smaller first."),
    "currency_small": (
        "",
        "A card cannot be charged less than {amount}, so these need another deposit or fee first: {names}. Nothing "
        "was changed.",
    ),
    "hours_invalid": ("", "Please write hours like 09:00-17:00 (12:30-13:00)."),
    "hours_ends": ("", "Please give both times, the earlier one first."),
    "hours_overlap": ("", "Two of these overlap."),
    "hours_elsewhere": ("", "They work at another location at that time."),
    "hours_elsewhere_on": ("", "They work at another location on {on} at that time."),
    "date_elsewhere": (
        "They work elsewhere that day",
        "The weekly hours here overlap with theirs at another location. Nothing was changed: change those first.",
    ),
    "break_outside": ("", "A break must lie within its hours."),
    "date_breaks": ("", "For one date, write two stretches instead of a break: 09:00-12:30, 13:00-17:00."),
    "time_off_ends": ("", "It must end after it begins."),
    "moment_missing": ("", "Please choose a day and a time."),
    "last_location": ("One location must stay", "Nothing was changed. Switch another one on first."),
    "last_provider": ("One provider must stay", "Nothing was changed. Switch another one on first."),
    "location_booked": (
        "{visits} booked at this location",
        "Another time zone would shift what is booked, so nothing was changed. Move or cancel it first, or add a new "
        "location with that time zone and switch this one off.",
    ),
    "location_held": (
        "A patient is booking a time at this location",
        "Another time zone would shift it, so nothing was changed. Please try again in a few minutes.",
    ),
    "unit_booked": (
        "{visits} booked with it",
        "It would be missing there, so nothing was changed. Move or cancel what is booked first, or add a new room or "
        "device and switch this one off.",
    ),
    "unit_held": (
        "A patient is booking a time with it",
        "It would be missing there, so nothing was changed. Please try again in a few minutes.",
    ),
    "changed_meanwhile": (
        "Someone changed this meanwhile",
        "Nothing was saved. What is new is marked below; save again where yours should hold.",
    ),
    "visits_stay": (
        "{visits} booked there",
        "Nothing was saved yet: please look below, then say that they stay.",
    ),
    "pool_needed": (
        "Treatments need it",
        "Nothing was switched off: {names} could not be booked any more. Change what they need first.",
    ),
    "service_lacks": (
        "What it needs is switched off",
        "It needs {names}. Switch that on first, or change what it needs.",
    ),
    "category_in_use": ("Services stand in it", "Nothing was removed. Move its services to another category first."),
    # payments, for staff
    "payments_away": ("The payment service does not answer", "Nothing was done. Please try again in a minute."),
    "refund_too_much": ("", "Please make it more than nothing and no more than {left}."),
    "refund_spent": ("", "{amount} of it became credit and is spent, so no more than {most} can be given back."),
    "reason_missing": ("", "Please say why in a few words: it is kept."),
    "noshow_fee_changed": (
        "The fee is another by now",
        "Nothing was charged. Please look at it as it stands now.",
    ),
    # the rest
    "not_found": ("We could not find that", "It may have gone meanwhile. Nothing was changed."),
    "link_ended": (
        "This link has ended",
        "It was used already or is too old. Call us if something is not right.",
    ),
    "no_cookie": (
        "Your browser blocks cookies",
        "Booking needs one small cookie. Please allow it and reload.",
    ),
    "no_clinic": ("Online booking is not open yet", "Please come back soon."),
    "bad_input": (
        "That did not work",
        "Something sent by this page made no sense to us. Please reload and try again.",
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as a page says it; `title` is empty for one that stands beside a field."""

    title: str
    sentence: str

    @classmethod
    def of(cls, code: str, **facts: object) -> Problem:
        """The words for a code and its facts."""
        if code == "desk_refused":
            facts = {"who": "The provider", **facts}
            by_reason = f"desk_refused_{facts['reason']}"
            code = by_reason if by_reason in SENTENCES else code
        title, sentence = SENTENCES.get(code, SENTENCES["not_found"])
        told = {name: _told(value) for name, value in facts.items()}
        if "retry_seconds" in facts:
            told["wait"] = _wait(int(str(facts["retry_seconds"])))
        if "amount_minor" in facts:
            told["amount"] = wording.money(int(str(facts["amount_minor"])), str(facts["currency"]), "en")
        if "most_minor" in facts:
            told["most"] = wording.money(int(str(facts["most_minor"])), str(facts["currency"]), "en")
        if "visits" in facts:
            told["visits"] = "One visit is" if facts["visits"] == 1 else f"{facts['visits']} visits are"
        return cls(title.format_map(_Blank(told)), sentence.format_map(_Blank(told)))

    @classmethod
    def none(cls) -> Problem:
        """Nothing to say: takes an earlier notice away."""
        return cls("", "")


def problem(refusal: DomainError) -> Problem:
    """The words for a refusal."""
    return Problem.of(refusal.code, **refusal.facts)


def bug(fault: BaseException) -> Problem:
    """An apology with a reference; the log gets the reference and where it happened, never a value."""
    reference = ids.reference("E")
    frames = traceback.extract_tb(fault.__traceback__)
    where = " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames[-8:]))
    log.error("fault %s: %s at %s", reference, type(fault).__name__, where)
    return Problem(
        "Something broke on our side",
        f"We are sorry. Nothing was lost; please try again. If it happens again, tell us {reference}.",
    )


def bug_in_handler(exception: Exception) -> None:
    """Log a fault that no page could say. (Reflex would log its text, and send a script that the policy forbids.)"""
    bug(exception)


def bug_in_browser(exception: Exception) -> None:
    """Log what kind of fault a page reports, and where in our scripts: the rest is the browser's to invent."""
    told = str(exception)
    kind = re.search(r"Minified React error #\d{1,4}|\b[A-Z][A-Za-z]{0,30}Error\b|$", told)
    where = re.findall(r"/assets/([\w.-]{1,80}\.js:\d{1,6}:\d{1,7})", told)
    log.error("a page broke in a browser: %s at %s", (kind and kind[0]) or "?", " < ".join(where[:6]) or "?")


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _told(value: object) -> str:
    if isinstance(value, date):
        return wording.day(value, "UTC", "en", length="medium")
    return " and ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _wait(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes < 90 else f"{-(-minutes // 60)} hours"
