"""Files of answers: whose they are, how many, who may open them; and pictures of the clinic's own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from clinic_portal.booking import actions
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.errors import Conflict, Invalid, NotAllowed
from clinic_portal.core.sealing import Unreadable
from clinic_portal.core.work import Reading, Services
from clinic_portal.forms import attached, documents, files, pictured, pictures, verifying
from clinic_portal.forms.file_models import FormFile, Picture
from clinic_portal.forms.files import Kept
from clinic_portal.forms.uploads import JPEG, PDF, Checked
from clinic_portal.patients.models import ProfileClaim
from clinic_portal.patients.queries import claim as claim_sheet
from tests.factories import SmallClinic, rows, small_clinic, staff
from tests.files_kit import BY, MAL, Form, asks_for_photos, keep, on_disk
from tests.forms_kit import answer
from tests.pictures import pdf


@pytest.fixture
def made(services: Services) -> SmallClinic:
    return asks_for_photos(small_clinic(services))


def another(made: SmallClinic) -> Form:
    return Form(made, "b", "13:00", **MAL)


@pytest.fixture
def form(made: SmallClinic) -> Form:
    return Form(made)


def entries(services: Services, action: str) -> list[AuditEntry]:
    return [one for one in rows(services, AuditEntry) if one.action == action]


def refused(form: Form, item: str = "skin", **what: Any) -> str:
    with pytest.raises((Conflict, Invalid)) as refusal:
        form.attach(item, **what)
    return refusal.value.code


@pytest.mark.req("S7")
def test_a_patient_opens_what_they_attached(form: Form) -> None:
    kept = form.attach(data=b"my face")
    info, told = form.services.ask(files.opened, form.patient_id, kept.id)
    assert (info.media_type, info.name, told) == (JPEG, "photo.jpg", b"my face")


@pytest.mark.req("S7")
def test_a_letter_is_a_file_and_no_photo(form: Form) -> None:
    assert form.attach("paper-0", pdf(), PDF).name == "document.pdf"
    assert refused(form, "skin", data=pdf(), media_type=PDF) == "file_image"


def test_another_patient_learns_nothing_not_even_that_it_is_there(made: SmallClinic, form: Form) -> None:
    kept, mallory = form.attach(), another(made)
    for file_id in (kept.id, "0" * 32, "../../etc/passwd", ""):
        with pytest.raises(NotAllowed) as refusal:
            made.services.ask(files.opened, mallory.patient_id, file_id)
        assert (refusal.value.code, refusal.value.facts) == ("not_found", {})
        with pytest.raises(NotAllowed):
            made.services.do(files.detach, mallory.patient_id, file_id, "patient:2")
    assert made.services.ask(files.listed, mallory.patient_id, [kept.id]) == []
    assert made.services.ask(files.opened, form.patient_id, kept.id)[1] == b"a face"


def test_nothing_is_attached_to_anothers_form(made: SmallClinic, form: Form) -> None:
    mallory = another(made)
    for document_id in (form.document_id, 99_999):
        with pytest.raises(NotAllowed):
            made.services.do(files.attach, mallory.patient_id, document_id, "skin", keep(made.services), "patient:2")
    assert rows(made.services, FormFile) == []


@pytest.mark.parametrize("item", ["name", "nothing", "", "paper-9"])
def test_nothing_is_attached_to_an_item_that_takes_no_file(form: Form, item: str) -> None:
    with pytest.raises(NotAllowed):
        form.attach(item)


def test_an_item_takes_ten_files_and_one_taken_away_makes_room(form: Form) -> None:
    kept = [form.attach() for _ in range(10)]
    assert refused(form) == "file_many"
    form.services.do(files.detach, form.patient_id, kept[0].id, BY)
    assert form.attach().id


def test_a_document_takes_forty_files(form: Form) -> None:
    for number in range(40):
        form.attach(f"paper-{number // 10}")
    assert refused(form, "paper-4") == "file_many"


def test_a_patient_has_room_for_so_much_and_no_more(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES_OF_PATIENT", 100)
    form.attach(data=b"x" * 60)
    assert refused(form, data=b"x" * 41) == "file_room"
    assert form.attach(data=b"x" * 40).size_bytes == 40


def test_what_was_taken_away_is_there_no_more(form: Form) -> None:
    kept = form.attach()
    assert form.services.do(files.detach, form.patient_id, kept.id, BY) is True
    with pytest.raises(NotAllowed):
        form.services.ask(files.opened, form.patient_id, kept.id)
    with pytest.raises(NotAllowed):
        form.services.do(files.detach, form.patient_id, kept.id, BY)


@pytest.mark.req("B5")
def test_what_belongs_to_a_completed_form_stays_and_nothing_is_added_to_it(form: Form) -> None:
    kept = form.attach()
    form.complete()
    assert form.services.do(files.detach, form.patient_id, kept.id, BY) is False
    assert form.services.ask(files.opened, form.patient_id, kept.id)[1] == b"a face"
    assert refused(form) == "document_closed"


@pytest.mark.req("S49")
@pytest.mark.parametrize("role", ["owner", "provider"])
def test_those_who_treat_open_a_file_and_it_is_in_the_log(form: Form, role: str) -> None:
    kept, who = form.attach(), staff(form.services, role).actor
    assert form.services.do(files.opened_for_staff, who, kept.id)[1] == b"a face"
    [entry] = entries(form.services, "file.read")
    assert (entry.actor, entry.subject) == (who.tag, f"patient:{form.patient_id}")
    assert entry.detail == {"document": form.document_id}


@pytest.mark.parametrize("role", ["front_desk", "read_only"])
def test_those_who_do_not_treat_see_no_file(form: Form, role: str) -> None:
    kept, who = form.attach(), staff(form.services, role).actor
    with pytest.raises(NotAllowed) as refusal:
        form.services.do(files.opened_for_staff, who, kept.id)
    assert refusal.value.code == "not_permitted"
    assert entries(form.services, "file.read") == []


def test_staff_learn_of_an_unknown_file_what_a_patient_does(form: Form) -> None:
    with pytest.raises(NotAllowed) as refusal:
        form.services.do(files.opened_for_staff, staff(form.services).actor, "0" * 32)
    assert refusal.value.code == "not_found"


def test_the_log_says_who_attached_and_took_away_and_nothing_of_the_file(form: Form) -> None:
    kept = form.attach()
    form.services.do(files.detach, form.patient_id, kept.id, BY)
    told = [*entries(form.services, "file.attached"), *entries(form.services, "file.removed")]
    assert [one.actor for one in told] == [BY, BY]
    assert all(one.detail == {"document": form.document_id} for one in told)


def path_of(services: Services, file_id: str) -> Path:
    return services.settings.data_dir / "files" / file_id[:2] / file_id


@pytest.mark.req("B5")
def test_a_byte_altered_on_the_disk_is_refused_and_found(form: Form) -> None:
    kept = form.attach()
    assert form.services.ask(lambda read: list(files.findings(read))) == []
    path = path_of(form.services, kept.id)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(Unreadable):
        form.services.ask(files.opened, form.patient_id, kept.id)
    with pytest.raises(Unreadable):
        form.services.do(files.opened_for_staff, staff(form.services).actor, kept.id)
    assert entries(form.services, "file.read") == []
    assert form.services.ask(lambda read: list(files.findings(read))) == [f"File {kept.id} is missing or was altered."]


def test_a_file_put_in_anothers_place_is_refused(form: Form) -> None:
    mine, other = form.attach(data=b"mine"), form.attach(data=b"other")
    path_of(form.services, mine.id).write_bytes(path_of(form.services, other.id).read_bytes())
    with pytest.raises(Unreadable):
        form.services.ask(files.opened, form.patient_id, mine.id)


def test_a_file_exchanged_with_its_key_at_hand_differs_from_what_was_attached(form: Form) -> None:
    """The row knows what the file was."""
    kept = form.attach(data=b"mine")
    attached.room(form.services.settings)._write(kept.id, b"forged", at=0)
    with pytest.raises(Unreadable):
        form.services.ask(files.opened, form.patient_id, kept.id)


def test_when_keys_change_files_are_sealed_anew_once(form: Form) -> None:
    kept, services = form.attach(), form.services
    before, services.settings.data_key = services.settings.data_key, SecretStr("a new data key of more than 32 letters")
    services.settings.secret_key, services.settings.old_data_keys = SecretStr("x" * 40), [services.settings.secret_key]
    assert before.get_secret_value() == ""
    assert (services.ask(files.reseal), services.ask(files.reseal)) == (1, 0)
    services.settings.old_data_keys = []
    assert attached.room(services.settings).get(kept.id) == b"a face"


def test_a_file_without_a_row_is_swept_after_a_day_and_not_before(form: Form, clock: FixedClock) -> None:
    orphan, kept = keep(form.services), form.attach()
    clock.advance(timedelta(hours=23))
    assert swept(form.services) == 0
    clock.advance(timedelta(hours=2))
    assert swept(form.services) == 1
    assert orphan.id not in on_disk(form.services)
    assert form.services.ask(files.opened, form.patient_id, kept.id)[1] == b"a face"


def test_the_file_of_a_row_that_was_taken_away_is_swept(form: Form, clock: FixedClock) -> None:
    kept = form.attach()
    form.services.do(files.detach, form.patient_id, kept.id, BY)
    clock.advance(timedelta(hours=25))
    assert swept(form.services) == 1
    assert on_disk(form.services) == set()


def test_every_shelf_has_its_turn_within_hours(form: Form, clock: FixedClock) -> None:
    orphan = keep(form.services)
    clock.advance(timedelta(days=1))
    for _ in range(256):
        clock.advance(timedelta(minutes=1))
        form.services.do(files.sweep)
    assert orphan.id not in on_disk(form.services)


def swept(services: Services) -> int:
    return sum(services.do(files.sweep, shelf=shelf) for shelf in range(256))


def test_a_row_that_was_not_kept_leaves_a_file_for_the_sweep_and_no_row(form: Form) -> None:
    kept = keep(form.services)

    def crash(work: Any) -> None:
        files.attach(work, form.patient_id, form.document_id, "skin", kept, BY)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        form.services.do(crash)
    assert rows(form.services, FormFile) == []
    assert kept.id in on_disk(form.services)


@pytest.mark.req("S65")
def test_files_follow_a_profile_that_turns_out_to_be_anothers(made: SmallClinic, form: Form) -> None:
    apart = Form(made, "b", "13:00", phone="+15125550199")
    assert apart.patient_id != form.patient_id
    kept = apart.attach()
    [claim] = rows(made.services, ProfileClaim)
    token = made.services.ask(claim_sheet, claim.id).token
    made.services.do(actions.answer_claim, token, is_mine=True)
    assert made.services.ask(files.opened, form.patient_id, kept.id)[1] == b"a face"
    with pytest.raises(NotAllowed):
        made.services.ask(files.opened, apart.patient_id, kept.id)


def test_an_answer_lists_its_files_in_its_order(form: Form) -> None:
    first, second = form.attach(), form.attach()

    def listed(read: Reading) -> list[str]:
        return [one.id for one in files.listed(read, form.patient_id, [second.id, "0" * 32, first.id])]

    assert form.services.ask(listed) == [second.id, first.id]


def keep_picture(services: Services, data: bytes = b"ice on a cheek", media_type: str = JPEG) -> Kept:
    checked = Checked(media_type, data, 20, 10)
    return files.keep(services.settings, pictured.room(services.settings), checked, services.clock.now())


@pytest.mark.req("P12")
def test_a_picture_of_the_clinics_own_is_shown_to_anyone_who_has_its_address(services: Services) -> None:
    owner = staff(services).actor
    address = services.do(pictures.add, owner, keep_picture(services), "A cold pack on a cheek")
    room, _, name = address.strip("/").partition("/")
    assert (room, services.ask(pictures.opened, name)) == ("pictures", (JPEG, b"ice on a cheek"))


@pytest.mark.req("P12")
def test_the_same_picture_again_has_the_address_it_had(services: Services) -> None:
    owner = staff(services).actor
    first = services.do(pictures.add, owner, keep_picture(services), "A cold pack")
    assert services.do(pictures.add, owner, keep_picture(services), "A cold pack") == first
    assert len(rows(services, Picture)) == 1


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_only_who_writes_forms_adds_pictures(services: Services, role: str) -> None:
    with pytest.raises(NotAllowed):
        services.do(pictures.add, staff(services, role).actor, keep_picture(services), "A cold pack")


def test_a_picture_needs_words_for_those_who_do_not_see_it(services: Services) -> None:
    for alt, code in (("  ", "picture_alt"), ("x" * 301, "text_long")):
        with pytest.raises(Invalid) as refusal:
            services.do(pictures.add, staff(services).actor, keep_picture(services), alt)
        assert (refusal.value.field, refusal.value.code) == ("alt", code)


@pytest.mark.parametrize("name", ["", "..", "../files/00/0", "0" * 32, "0" * 32 + ".jpg", "0" * 32 + ".png\n"])
def test_what_is_no_picture_is_not_found(services: Services, name: str) -> None:
    with pytest.raises(NotAllowed):
        services.ask(pictures.opened, name)


def test_a_picture_has_one_name(services: Services) -> None:
    address = services.do(pictures.add, staff(services).actor, keep_picture(services), "A cold pack")
    with pytest.raises(NotAllowed):
        services.ask(pictures.opened, address.rpartition("/")[2].replace(".jpg", ".png"))


def test_a_patients_file_is_no_picture(form: Form) -> None:
    with pytest.raises(NotAllowed):
        form.services.ask(pictures.opened, f"{form.attach().id}.jpg")


# ── in answers ──


def says(form: Form, *file_ids: str, item: str = "skin") -> list[str] | None:
    form.draft = answer(form.services, form.patient_id, form.draft, item, list(file_ids))
    return form.draft.answers.get(item)


@pytest.mark.req("S7")
def test_an_answer_names_its_files(form: Form) -> None:
    first, second = form.attach().id, form.attach().id
    assert says(form, first, second) == [first, second]


def test_an_answer_names_no_file_that_is_anothers_gone_or_made_up(made: SmallClinic, form: Form) -> None:
    mine, gone, hers = form.attach().id, form.attach().id, another(made).attach().id
    form.services.do(files.detach, form.patient_id, gone, BY)
    assert says(form, hers, mine, gone, "0" * 32, "../x") == [mine]
    assert says(form, hers) is None


@pytest.mark.req("B5")
def test_a_file_taken_away_before_the_form_is_sent_is_not_part_of_it(form: Form) -> None:
    mine, gone = form.attach().id, form.attach().id
    says(form, mine, gone)
    form.services.do(files.detach, form.patient_id, gone, BY)
    found = form.services.ask(documents.own, form.patient_id, form.complete())
    assert found.answers["skin"] == [mine]
    assert list(found.seals[0].evidence["files"]) == [mine]


@pytest.mark.req("B5")
@pytest.mark.parametrize("how", ["altered", "exchanged", "gone"])
def test_a_signed_document_proves_its_files(form: Form, how: str) -> None:
    kept = form.attach()
    says(form, kept.id)
    document_id = form.complete()
    assert form.services.ask(lambda read: list(verifying.findings(read))) == []
    path = path_of(form.services, kept.id)
    if how == "gone":
        path.unlink()
    elif how == "altered":
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    else:
        attached.room(form.services.settings)._write(kept.id, b"forged", at=0)
    found = form.services.ask(lambda read: list(verifying.findings(read)))
    assert found == [f"File {kept.id} of document {document_id} is missing or was altered."]
