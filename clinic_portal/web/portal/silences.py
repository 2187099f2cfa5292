"""Ways by which a patient is not reached any more, and what they or staff can do about it. In words."""

from __future__ import annotations

from clinic_portal.clinic.queries import catalogue
from clinic_portal.core import wording
from clinic_portal.core.work import Reading
from clinic_portal.messaging import unreachable
from clinic_portal.messaging.types import Channel
from clinic_portal.patients.queries import contact, language_of


def for_patient(read: Reading, patient_id: int) -> tuple[str, str]:
    """What a patient reads of their e-mail and of their texts; empty where all is well."""
    who = contact(read, patient_id)
    language, zone = language_of(read, patient_id), catalogue(read).time_zone
    email = unreachable.silence(read, Channel.EMAIL, who.email)
    sms = unreachable.silence(read, Channel.SMS, who.phone)
    told_email = told_sms = ""
    if email:
        since = wording.day(email.since_at, zone, language, length="medium")
        told_email = f"Letters to {who.email} have come back since {since}. Change your address on this page."
    if sms and sms.reason == unreachable.STOP:
        since = wording.day(sms.since_at, zone, language, length="medium")
        told_sms = f"You replied STOP on {since}, so no text reaches you. {_start(read)}"
    elif sms:
        told_sms = f"{wording.phone(who.phone)} takes no texts. Change your number under My details."
    return told_email, told_sms


def for_staff(read: Reading, patient_id: int, zone: str, language: str) -> tuple[str, str]:
    """The same as staff read it."""
    who = contact(read, patient_id)
    email = unreachable.silence(read, Channel.EMAIL, who.email)
    sms = unreachable.silence(read, Channel.SMS, who.phone)
    told_email = told_sms = ""
    if email:
        since = wording.day(email.since_at, zone, language, length="medium")
        told_email = f"E-mails have come back since {since}: ask for another address."
    if sms and sms.reason == unreachable.STOP:
        since = wording.day(sms.since_at, zone, language, length="medium")
        told_sms = f"Replied STOP on {since}: no text is sent until they text START."
    elif sms:
        told_sms = "This number takes no texts: ask for another."
    return told_email, told_sms


def _start(read: Reading) -> str:
    number = read.settings.texting_number
    if number:
        return f"Text START to {wording.phone(number)} to hear from us again."
    return "Reply START to our last text to hear from us again."
