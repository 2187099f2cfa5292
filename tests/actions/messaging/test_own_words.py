"""Words of the clinic's own: what may stand in them, when they hold, who may look at them with whose data (P13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import insert, select

from clinic_portal.accounts.types import Purpose
from clinic_portal.clinic import editing
from clinic_portal.core import audit, colours
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.db import table
from clinic_portal.core.errors import Conflict, NotAllowed, TooMany, Unusable
from clinic_portal.core.work import Services
from clinic_portal.integrations.smtp_email import SmtpEmail
from clinic_portal.messaging import examples, models, own_words, queries, rendering, texts, words
from clinic_portal.messaging.ports import Email, Sms
from clinic_portal.messaging.rules import sms_size
from clinic_portal.messaging.text_types import MOMENTS
from clinic_portal.messaging.types import Channel, Kind
from clinic_portal.messaging.words import Words
from clinic_portal.patients.models import Patient
from clinic_portal.worker import Worker
from tests import factories
from tests.actions.messaging.conftest import Notebook, finish
from tests.factories import SignedIn
from tests.letters import head as example_head

EMAIL, SMS = Channel.EMAIL, Channel.SMS
EVERY = [(name, channel) for name, text in texts.TEXTS.items() for channel in text.words]
GOOD = Words("Hello {given_name}", "Hello", "Come, {given_name}!\n\n{visit_details}")
PEEL = "Chemical peel QX"


def codes(name: str, channel: Channel, said: Words) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in texts.faults(name, channel, said)]


@pytest.fixture
def owner(services: Services, clinic: factories.SmallClinic) -> SignedIn:
    return factories.staff(services, "owner")


# ---- the words that are ours


@pytest.mark.req("P13")
@pytest.mark.parametrize(("name", "channel"), EVERY)
def test_our_own_words_can_be_used_and_are_written_without_a_brace_left(name: str, channel: Channel) -> None:
    head = example_head()
    assert codes(name, channel, texts.TEXTS[name].words[channel]) == []
    assert texts.TEXTS[name].moment in MOMENTS
    made = examples.letter(head, name, channel, examples.sample(head), to="amara@example.org")
    told = made.subject + made.text if isinstance(made, Email) else made.body
    assert not set("{}") & set(told)
    if isinstance(made, Sms):
        assert sms_size(made.body).segments <= 3


@pytest.mark.req("P13")
@pytest.mark.parametrize(("name", "channel"), EVERY)
def test_every_placeholder_a_text_offers_has_something_to_stand_for(name: str, channel: Channel) -> None:
    head = example_head()
    for one in texts.TEXTS[name].knows(channel):
        said = texts.TEXTS[name].words[channel]
        more = replace(said, body=f"{said.body}\n\n{{{one}}}")
        made = examples.letter(replace(head, own={(name, channel): more}), name, channel, examples.sample(head), to="x")
        assert isinstance(made, Email | Sms)


@pytest.mark.req("P13")
def test_every_kind_of_message_that_is_sent_has_its_words() -> None:
    for kind in queries._WRITERS:
        if kind is not Kind.TRIAL:
            assert any(name.split(".")[0] == kind for name in texts.TEXTS), kind
    told = {name.removeprefix("account_link.") for name in texts.TEXTS if name.startswith("account_link.")}
    assert told == {one.value for one in Purpose} - {Purpose.NOBODY, Purpose.PAY_FEE}


def test_a_text_without_a_way_of_its_own_is_filled_in_by_its_placeholders_examples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head = example_head()
    for key in (("appointment_booked", EMAIL), ("appointment_booked", SMS), ("fee_waived", EMAIL)):
        monkeypatch.delitem(examples.LETTERS, key)
        made = examples.letter(head, *key, examples.sample(head), to="x")
        told = made.subject + made.text if isinstance(made, Email) else made.body
        assert told
        assert not set("{}") & set(told)


# ---- what may stand in them


@pytest.mark.req("P13")
@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (replace(GOOD, subject="Hello {nobody}"), ("subject", "text_unknown")),
        (replace(GOOD, subject="Hello {code}"), ("subject", "text_unknown")),
        (replace(GOOD, body="Come!"), ("body", "text_needs")),
        (replace(GOOD, body="See {visit_details} there"), ("body", "text_block_inside")),
        (replace(GOOD, body="See\n{visit_details}"), ("body", "text_block_inside")),
        (replace(GOOD, heading="{visit_details}"), ("heading", "text_block_here")),
        (replace(GOOD, subject="Hello\r\nBcc: all@example.org"), ("subject", "text_one_line")),
        (replace(GOOD, heading="Hello\u2028there"), ("heading", "text_one_line")),
        (replace(GOOD, body=GOOD.body + "\x07"), ("body", "text_controls")),
        (replace(GOOD, subject="   "), ("subject", "text_empty")),
        (replace(GOOD, body=""), ("body", "text_empty")),
        (replace(GOOD, subject="x" * 201), ("subject", "words_long")),
        (replace(GOOD, body=GOOD.body + "x" * 5000), ("body", "words_long")),
        (replace(GOOD, subject="Hello {given_name"), ("subject", "text_braces")),
        (replace(GOOD, subject="Hello given_name}"), ("subject", "text_braces")),
        (replace(GOOD, subject="{}"), ("subject", "text_braces")),
        (replace(GOOD, subject="{given_name.__class__}"), ("subject", "text_braces")),
        (replace(GOOD, subject="{given_name!r}"), ("subject", "text_braces")),
        (replace(GOOD, subject="{given_name:>999999999}"), ("subject", "text_braces")),
        (replace(GOOD, subject="{ given_name }"), ("subject", "text_braces")),
        (replace(GOOD, subject="{0}"), ("subject", "text_braces")),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(said: Words, fault: tuple[str, str]) -> None:
    assert fault in codes("appointment_booked", EMAIL, said)


@pytest.mark.req("P13")
def test_words_that_fit_have_no_fault() -> None:
    assert codes("appointment_booked", EMAIL, GOOD) == []
    assert codes("appointment_booked", EMAIL, replace(GOOD, subject="{{ {given_name} }}")) == []


def test_a_brace_written_twice_is_a_brace() -> None:
    assert words.line("{{ {given_name} }}", {"given_name": "Amara"}) == "{ Amara }"


def test_a_paragraph_whose_placeholders_stand_for_nothing_is_left_out() -> None:
    made = [one.text for one in words.filled("Hello\n\n{why} {more}\n\n{a} bye", {"why": "", "more": "", "a": "x"})]
    assert made == ["Hello", "x bye"]


def test_no_two_blanks_are_left_where_a_placeholder_stands_for_nothing() -> None:
    assert [one.text for one in words.filled("One {why} two\nlast", {"why": ""})] == []
    assert [one.text for one in words.filled("One {why} {x}", {"why": "", "x": "two"})] == ["One two"]


def test_a_name_that_looks_like_a_placeholder_is_not_filled_in() -> None:
    assert words.line("Hello {given_name}", {"given_name": "{clinic}", "clinic": "secret"}) == "Hello {clinic}"


@pytest.mark.req("P13")
def test_an_sms_of_more_than_five_parts_is_refused(services: Services, owner: SignedIn) -> None:
    long = Words(body="{time} " + "This is a very long message. " * 30)
    with pytest.raises(Unusable) as refusal:
        services.do(own_words.save, owner.actor, "appointment_booked", SMS, long)
    assert [one.code for one in refusal.value.faults] == ["text_segments"]


# ---- when they hold


@pytest.mark.req("P13")
def test_the_clinics_own_words_go_out_and_ours_again_when_they_are_taken_back(
    services: Services,
    owner: SignedIn,
    clinic: factories.SmallClinic,
    worker: Worker,
    sent: Notebook,
    booked: int,
) -> None:
    services.do(own_words.save, owner.actor, "appointment_booked", EMAIL, GOOD)
    finish(worker)
    [letter] = [one for one in sent.emails if one.subject == "Hello Amara"]
    assert "Come, Amara!" in letter.text
    assert "Come, Amara!" in letter.html
    services.do(own_words.back_to_ours, owner.actor, "appointment_booked", EMAIL)
    assert services.ask(own_words.own) == {}
    told = [one.action for one in services.ask(lambda read: audit.newest(read.session))]
    assert told.count("text.changed") == told.count("text.back_to_ours") == 1


@pytest.mark.req("P13")
def test_words_that_no_longer_fit_break_no_message_and_are_said_to(
    services: Services, worker: Worker, sent: Notebook, booked: int, clock: FixedClock
) -> None:
    row = {"name": "appointment_booked", "channel": "email", "subject": "{gone}", "heading": "x", "body": "{gone}"}
    row |= {"changed_at": clock.now(), "changed_by": "staff:1"}
    services.do(lambda work: work.execute(insert(table(models.MessageText)), [row]))
    finish(worker)
    assert any(one.subject.startswith("Your appointment on") for one in sent.emails)
    assert services.ask(own_words.own)["appointment_booked", EMAIL].is_usable is False


@pytest.mark.req("P13")
def test_words_the_same_as_ours_are_not_kept_as_the_clinics_own(services: Services, owner: SignedIn) -> None:
    services.do(own_words.save, owner.actor, "appointment_booked", EMAIL, GOOD)
    ours = texts.TEXTS["appointment_booked"].words[EMAIL]
    services.do(own_words.save, owner.actor, "appointment_booked", EMAIL, ours)
    assert services.ask(own_words.own) == {}


@pytest.mark.req("P15")
@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_who_may_change_the_clinic_writes_its_words(
    services: Services, clinic: factories.SmallClinic, role: str
) -> None:
    actor = factories.staff(services, role).actor
    for deed in (
        lambda work: own_words.save(work, actor, "appointment_booked", EMAIL, GOOD),
        lambda work: own_words.back_to_ours(work, actor, "appointment_booked", EMAIL),
        lambda work: own_words.try_out(work, actor, "appointment_booked", EMAIL, GOOD),
        lambda work: own_words.of_patient(work, actor, "appointment_booked", EMAIL, GOOD, 1),
    ):
        with pytest.raises(NotAllowed):
            services.do(deed)


def test_a_text_that_is_none_has_no_words(services: Services, owner: SignedIn) -> None:
    for name, channel in (("nothing", EMAIL), ("before_visit", SMS)):
        with pytest.raises(NotAllowed):
            services.do(own_words.save, owner.actor, name, channel, GOOD)


# ---- looked at and tried


@pytest.mark.req("P13")
def test_words_are_looked_at_with_a_patients_own_visit(services: Services, owner: SignedIn, booked: int) -> None:
    patient = services.ask(lambda read: read.execute(select(table(Patient).c.id)).scalar_one())
    for name, channel in EVERY:
        said = texts.TEXTS[name].words[channel]
        made = services.do(own_words.of_patient, owner.actor, name, channel, said, patient)
        assert isinstance(made, Email | Sms)
    made = services.do(own_words.of_patient, owner.actor, "appointment_booked", EMAIL, GOOD, patient)
    assert isinstance(made, Email)
    assert "Lumen Downtown" in made.text


@pytest.mark.req("P13")
def test_a_patient_without_a_visit_fills_nothing_in(services: Services, owner: SignedIn) -> None:
    never_here = factories.patient(services, "new@example.org", phone="+15125550190").actor.patient_id
    with pytest.raises(Conflict, match="text_no_visit"):
        services.do(own_words.of_patient, owner.actor, "appointment_booked", EMAIL, GOOD, never_here)
    with pytest.raises(NotAllowed):
        services.do(own_words.of_patient, owner.actor, "appointment_booked", EMAIL, GOOD, 999)


@pytest.mark.req("P13")
def test_a_trial_goes_to_the_one_who_asked_and_moves_no_calendar(
    services: Services, owner: SignedIn, worker: Worker, sent: Notebook, booked: int
) -> None:
    finish(worker)
    to = services.do(own_words.try_out, owner.actor, "appointment_booked", EMAIL, GOOD)
    services.do(own_words.try_out, owner.actor, "phone_code", SMS, Words(body="{code}"), to="(512) 555-0177")
    finish(worker)
    letter, text = sent.emails[-1], sent.texts[-1]
    assert (letter.to, letter.subject, letter.ics) == (to, "Trial: Hello Amara", None)
    assert (text.to, text.body.splitlines()[0]) == ("+15125550177", "012345")
    assert services.ask(own_words.own) == {}, "a trial changes nothing for anybody else"


@pytest.mark.req("P13")
def test_a_trial_to_what_is_no_number_says_so(services: Services, owner: SignedIn) -> None:
    with pytest.raises(Unusable) as refusal:
        services.do(own_words.try_out, owner.actor, "phone_code", SMS, Words(body="{code}"), to="my phone")
    assert [(one.field, one.code) for one in refusal.value.faults] == [("to", "phone_invalid")]


@pytest.mark.req("P13")
def test_what_was_tried_out_is_forgotten_after_a_day_but_for_the_newest(
    services: Services, owner: SignedIn, clock: FixedClock
) -> None:
    for _ in range(3):
        services.do(own_words.try_out, owner.actor, "appointment_booked", EMAIL, GOOD)
    clock.advance(timedelta(days=2))
    services.do(own_words.forget_trials)
    assert [one.id for one in factories.rows(services, models.TrialText)] == [3]


def test_trials_are_limited_and_the_limit_passes(services: Services, owner: SignedIn, clock: FixedClock) -> None:
    for _ in range(own_words.TRIALS.times):
        services.do(own_words.try_out, owner.actor, "appointment_booked", EMAIL, GOOD)
    with pytest.raises(TooMany):
        services.do(own_words.try_out, owner.actor, "appointment_booked", EMAIL, GOOD)
    clock.advance(timedelta(hours=2))
    services.do(own_words.try_out, owner.actor, "appointment_booked", EMAIL, GOOD)


# ---- what they never say


@pytest.mark.req("P13")
@pytest.mark.parametrize(("name", "channel"), EVERY)
def test_no_message_names_a_treatment_unless_the_clinic_chose_so(name: str, channel: Channel) -> None:
    head = example_head(email_names_services=False)
    made = examples.letter(head, name, channel, of_a_peel(head), to="amara@example.org")
    told = f"{made.subject}{made.text}{made.html}{made.ics!r}" if isinstance(made, Email) else made.body
    assert "peel" not in told.casefold()
    assert "QX" not in told


@pytest.mark.req("P13")
def test_an_email_names_them_where_the_clinic_chose_so_and_an_sms_never() -> None:
    head = example_head(email_names_services=True)
    made = examples.letter(head, "appointment_booked", EMAIL, of_a_peel(head), to="amara@example.org")
    assert isinstance(made, Email)
    assert made.text.count(PEEL) >= 2
    for name, channel in EVERY:
        if channel is SMS:
            told = examples.letter(head, name, channel, of_a_peel(head), to="x")
            assert isinstance(told, Sms)
            assert PEEL not in told.body


@pytest.mark.req("P13")
def test_forms_are_counted_where_their_titles_are_not_to_be_told() -> None:
    head = example_head(email_names_services=False)
    made = examples.letter(head, "appointment_booked", EMAIL, of_a_peel(head), to="x")
    assert isinstance(made, Email)
    assert "- 2 forms" in made.text
    assert "Your visit (30 min)" in made.text


@pytest.mark.req("P13")
@pytest.mark.parametrize("name", ["before_visit", "after_visit"])
def test_instructions_stay_in_the_portal_where_the_clinic_chose_so(name: str) -> None:
    head = example_head(email_carries_instructions=False, email_names_services=True)
    made = examples.letter(head, name, EMAIL, examples.sample(head), to="x")
    assert isinstance(made, Email)
    assert "They are in your portal" in made.text
    assert "https://lumen.example/portal/forms" in made.text
    assert "retinol" not in made.text + made.html
    assert "Sunscreen" not in made.text + made.html


def of_a_peel(head: rendering.Letterhead) -> examples.Sample:
    filled = examples.sample(head)
    one = replace(filled.visit.services[0], name=PEEL, duration_minutes=30, what_to_bring=f"{PEEL}: no make-up.")
    policy = replace(filled.visit.policy, text=f"A {PEEL} is to be cancelled in time.")
    return replace(
        filled,
        visit=replace(filled.visit, services=(one,), policy=policy),
        instructions=tuple(replace_title(each) for each in filled.instructions),
        aftercare=replace_title(filled.aftercare),
        forms=(f"Consent to a {PEEL}", "About your skin"),
    )


def replace_title(one: object) -> object:
    return one.model_copy(update={"title": f"Before a {PEEL}", "html": f"<p>Before a {PEEL}, rest.</p>"})  # type: ignore[attr-defined]


# ---- people's words in them


@pytest.mark.parametrize(("name", "channel"), [one for one in EVERY if one[1] is EMAIL])
def test_a_line_break_in_a_name_begins_no_header_in_any_letter(services: Services, name: str, channel: Channel) -> None:
    bad = "Amara\r\nBcc: all@example.org <script>"
    head = example_head(name=f"Lumen {bad}")
    filled = examples.sample(head)
    filled = replace(filled, visit=replace(filled.visit, given_name=bad, family_name=bad, provider_name=bad))
    said = texts.TEXTS[name].words[channel]
    who = "{given_name}" if "given_name" in texts.TEXTS[name].knows(channel) else "{clinic}"
    own = replace(said, subject=f"{who} {who}", heading=f"{who}: {said.heading}")
    made = examples.letter(replace(head, own={(name, channel): own}), name, channel, filled, to="amara@example.org")
    assert isinstance(made, Email)
    wire = message_from_bytes(bytes(SmtpEmail(services.settings, services.clock).compose(made)))
    assert wire["Bcc"] is None
    assert "\nBcc" not in made.text
    assert "<script>" not in made.html


# ---- the look


@pytest.mark.parametrize("colour", ["#9c4a31", "#000000", "#1f5f5b", "#767676", "#00007f", "#ffff00", "#ffffff"])
def test_a_brand_colour_can_be_read_on_paper_and_in_the_dark(colour: str) -> None:
    for ground in (rendering.PAPER, rendering.SURFACE, rendering.DARK_SURFACE):
        assert colours.contrast(colours.readable(colour, ground), ground) >= colours.ENOUGH
    assert colours.contrast(colours.readable(colour, rendering.DARK_SURFACE), "#14181e") >= colours.ENOUGH


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert colours.readable("#9c4a31", rendering.PAPER) == "#9c4a31"


@pytest.mark.req("P13")
def test_emails_have_the_clinics_colour(
    services: Services, owner: SignedIn, worker: Worker, sent: Notebook, booked: int
) -> None:
    services.do(editing.change_clinic, owner.actor, {"brand_colour": "#1f5f5b"})
    finish(worker)
    assert "color:#1f5f5b" in sent.emails[0].html


@pytest.mark.parametrize(("name", "channel"), [one for one in EVERY if one[1] is EMAIL])
def test_every_email_has_its_language_one_heading_and_an_alternative_in_plain_text(name: str, channel: Channel) -> None:
    head = example_head()
    made = examples.letter(head, name, channel, examples.sample(head), to="x")
    assert isinstance(made, Email)
    assert made.html.startswith("<!DOCTYPE html>")
    assert made.html.count("<h1") == 1
    assert 'lang="en"' in made.html
    assert 'role="presentation"' in made.html
    assert "font-size:13px" not in made.html
    assert made.text.strip()
