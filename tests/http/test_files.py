"""Files over HTTP: who may send them, how large they may be, and who is shown what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from clinic_portal.accounts import sessions
from clinic_portal.core.audit import AuditEntry
from clinic_portal.core.clock import FixedClock
from clinic_portal.core.work import Services
from clinic_portal.forms.file_models import FormFile
from clinic_portal.forms.uploads import MOST_BYTES
from clinic_portal.web.http import files as endpoint
from clinic_portal.web.http import forms as posted_forms
from clinic_portal.web.http import uploading
from clinic_portal.web.http.routes import endpoints
from clinic_portal.web.transport import BODY_LIMIT, Headers, Limits
from tests.factories import SignedIn, SmallClinic, patient, rows, small_clinic, staff
from tests.files_kit import MAL, Form, asks_for_photos, on_disk
from tests.pictures import CAMERA, pdf, photo, see_through

HERE = "http://localhost:3000"
NOBODY = SignedIn("", None)


@pytest.fixture
def made(services: Services, monkeypatch: pytest.MonkeyPatch) -> SmallClinic:
    for module in (endpoint, posted_forms):
        monkeypatch.setattr(module, "services", lambda: services)
    return asks_for_photos(small_clinic(services))


@pytest.fixture
def form(made: SmallClinic) -> Form:
    return Form(made)


class Client:
    """A browser of somebody's, before all that stands between the wire and the endpoints."""

    def __init__(self, services: Services, portal: SignedIn = NOBODY, desk: SignedIn = NOBODY, **headers: str) -> None:
        empty = services.settings.data_dir / "no pages"
        app: Any = Headers(Limits(endpoints(services), empty), services.settings, empty)
        cookies = {name: who.cookie for name, who in (("portal", portal), ("staff", desk)) if who.cookie}
        self._how: dict[str, Any] = {
            "transport": httpx.ASGITransport(app),
            "base_url": HERE,
            "cookies": cookies,
            "headers": headers or {"Origin": HERE},
        }

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(**self._how) as client:
            return await client.get(path)

    async def post(self, path: str, **how: Any) -> httpx.Response:
        async with httpx.AsyncClient(**self._how) as client:
            return await client.post(path, **how)

    async def send(
        self, form: Form, data: bytes, item: str = "skin", *, path: str = "/portal/files", name: str = "x.jpg"
    ) -> httpx.Response:
        told = {"document": str(form.document_id), "item": item}
        return await self.post(path, data=told, files={"file": (name, data, "image/jpeg")})


@pytest.fixture
def me(form: Form) -> Client:
    return Client(form.services, patient(form.services))


def mallory(form: Form, made: SmallClinic) -> Client:
    Form(made, "b", "13:00", **MAL)
    return Client(form.services, patient(form.services, str(MAL["email"]), phone=str(MAL["phone"])))


async def attached(form: Form, me: Client, data: bytes | None = None, item: str = "skin") -> str:
    answer = await me.send(form, photo() if data is None else data, item)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


# ── sent ──


@pytest.mark.req("S7")
async def test_a_patient_sends_a_photo_and_sees_it(form: Form, me: Client) -> None:
    answer = await me.send(form, photo())
    told = answer.json()
    assert (answer.status_code, told["name"], told["image"]) == (200, "photo.jpg", True)
    shown = await me.get(f"/portal/file?id={told['id']}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert len(shown.content) == told["size"]
    assert Image.open(BytesIO(shown.content)).size == (96, 64)


async def test_what_a_photo_tells_of_its_place_and_camera_is_gone(form: Form, me: Client) -> None:
    shown = await me.get(f"/portal/file?id={await attached(form, me)}")
    assert CAMERA.encode() not in shown.content
    assert dict(Image.open(BytesIO(shown.content)).getexif()) == {}


async def test_a_photo_is_shown_alone_and_kept_nowhere(form: Form, me: Client) -> None:
    shown = await me.get(f"/portal/file?id={await attached(form, me)}")
    assert shown.headers["content-disposition"] == 'inline; filename="photo.jpg"'
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cross-origin-resource-policy"] == "same-origin"
    policy = shown.headers["content-security-policy"]
    assert all(told in policy for told in ("default-src 'none'", "sandbox", "frame-ancestors 'none'"))


async def test_a_pdf_is_handed_out_to_be_saved(form: Form, me: Client) -> None:
    shown = await me.get(f"/portal/file?id={await attached(form, me, pdf(), 'paper-0')}")
    assert shown.headers["content-disposition"] == 'attachment; filename="document.pdf"'
    assert (shown.headers["content-type"], shown.content) == ("application/pdf", pdf())


@pytest.mark.parametrize("data", [photo(width=2000, height=1500), see_through()], ids=["jpeg", "see-through"])
async def test_a_list_shows_it_small(form: Form, me: Client, data: bytes) -> None:
    shown = await me.get(f"/portal/file?id={await attached(form, me, data)}&small")
    assert max(Image.open(BytesIO(shown.content)).size) <= 320
    assert shown.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["../../evil.php", 'a"; filename=evil.html', "x" * 3000, "\u202egpj.exe", ""])
async def test_its_name_is_ours_whatever_it_was_called(form: Form, me: Client, name: str) -> None:
    answer = await me.send(form, photo(), name=name)
    if answer.status_code == 200:
        assert answer.json()["name"] == "photo.jpg"
        assert on_disk(form.services) == {answer.json()["id"]}
    else:
        assert answer.status_code == 400
        assert rows(form.services, FormFile) == []


@pytest.mark.parametrize(
    ("data", "item", "status", "words"),
    [
        (b"<svg onload=alert(1)>", "skin", 422, "Only photos"),
        (b"MZ" + b"\0" * 90, "paper-0", 422, "neither"),
        (pdf(), "skin", 422, "Only photos"),
        (b"", "skin", 422, "damaged"),
        (photo(width=900, height=900)[:3000], "skin", 422, "damaged"),
        (pdf(trailer=b"/Encrypt 4 0 R"), "paper-0", 422, "password"),
        (pdf(b"<< /S /JavaScript >>"), "paper-0", 422, "print it"),
        (b"\xff" * (MOST_BYTES + 1), "skin", 413, "larger than 10 MB"),
        (photo(), "name", 404, "may have gone"),
        (photo(), "", 404, "may have gone"),
    ],
    ids=["svg", "exe", "pdf for a photo", "empty", "half", "locked", "scripted", "big", "no file item", "no item"],
)
async def test_a_file_that_will_not_do_is_refused_in_words(
    form: Form, me: Client, data: bytes, item: str, status: int, words: str
) -> None:
    answer = await me.send(form, data, item)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert (rows(form.services, FormFile), on_disk(form.services)) == ([], set())


# ── by whom ──


@pytest.mark.parametrize("path", ["/portal/files", "/admin/files", "/admin/pictures", "/portal/files/remove"])
async def test_who_is_not_signed_in_sends_nothing(form: Form, path: str) -> None:
    answer = await Client(form.services).send(form, photo(), path=path)
    assert answer.status_code == 303
    assert "sign-in" in answer.headers["location"]
    assert rows(form.services, FormFile) == []


async def test_after_signing_out_nothing_is_sent_or_shown(form: Form) -> None:
    who = patient(form.services)
    mine = Client(form.services, who)
    file_id = await attached(form, mine)
    form.services.do(sessions.end, who.actor.session_id)
    assert (await mine.get(f"/portal/file?id={file_id}")).status_code == 303
    assert (await mine.send(form, photo())).status_code == 303
    assert len(rows(form.services, FormFile)) == 1


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"X-Nothing": "x"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["another site", "null", "none", "cross-site"],
)
async def test_a_file_sent_by_another_site_is_refused(form: Form, headers: dict[str, str]) -> None:
    forged = Client(form.services, patient(form.services), staff(form.services), **headers)
    for path in ("/portal/files", "/admin/files", "/admin/pictures", "/portal/files/remove", "/admin/files/remove"):
        assert (await forged.send(form, photo(), path=path)).status_code == 403
    assert rows(form.services, FormFile) == []


async def test_another_patient_neither_sees_nor_adds_nor_removes(form: Form, made: SmallClinic, me: Client) -> None:
    file_id, other = await attached(form, me), mallory(form, made)
    hers, unknown = await other.get(f"/portal/file?id={file_id}"), await other.get(f"/portal/file?id={'0' * 32}")
    assert (hers.status_code, hers.text, hers.headers) == (404, unknown.text, unknown.headers)
    assert (await other.send(form, photo())).status_code == 404
    assert (await other.post("/portal/files/remove", data={"id": file_id})).status_code == 404
    assert (await me.get(f"/portal/file?id={file_id}")).status_code == 200
    assert len(on_disk(form.services)) == 1


@pytest.mark.parametrize(
    "query",
    ["", "?id=", "?id=../../clinic.db", "?id=%2e%2e%2fclinic.db", "?id=" + "0" * 5000, "?id=%00", "?ids=1", "?id=é"],
)
async def test_an_odd_id_is_no_file(form: Form, me: Client, query: str) -> None:
    assert (await me.get(f"/portal/file{query}")).status_code == 404
    owner = Client(form.services, desk=staff(form.services))
    assert (await owner.get(f"/admin/file{query}")).status_code == 404


@pytest.mark.parametrize("role", ["owner", "provider"])
async def test_those_who_treat_see_it_and_the_log_says_so(form: Form, me: Client, role: str) -> None:
    file_id = await attached(form, me)
    shown = await Client(form.services, desk=staff(form.services, role)).get(f"/admin/file?id={file_id}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert [one.action for one in rows(form.services, AuditEntry)].count("file.read") == 1


@pytest.mark.parametrize("role", ["front_desk", "read_only"])
async def test_those_who_do_not_treat_do_not(form: Form, me: Client, role: str) -> None:
    file_id = await attached(form, me)
    answer = await Client(form.services, desk=staff(form.services, role)).get(f"/admin/file?id={file_id}")
    assert answer.status_code == 303


async def test_a_patient_is_no_staff_and_staff_are_no_patient(form: Form, me: Client) -> None:
    file_id = await attached(form, me)
    assert (await me.get(f"/admin/file?id={file_id}")).status_code == 303
    assert (await Client(form.services, desk=staff(form.services)).get(f"/portal/file?id={file_id}")).status_code == 303


@pytest.mark.parametrize("role", ["front_desk", "provider"])
async def test_staff_add_and_remove_a_file_at_the_desk(form: Form, role: str) -> None:
    desk = Client(form.services, desk=staff(form.services, role))
    answer = await desk.send(form, photo(), path="/admin/files")
    assert answer.status_code == 200
    [row] = rows(form.services, FormFile)
    assert (row.patient_id, row.created_by[:6]) == (form.patient_id, "staff:")
    assert (await desk.post("/admin/files/remove", data={"id": row.id})).status_code == 200
    assert on_disk(form.services) == set()


async def test_who_only_reads_adds_nothing_at_the_desk(form: Form) -> None:
    desk = Client(form.services, desk=staff(form.services, "read_only"))
    assert (await desk.send(form, photo(), path="/admin/files")).status_code == 303
    assert rows(form.services, FormFile) == []


# ── taken away ──


async def test_what_is_taken_away_is_gone_from_the_disk(form: Form, me: Client) -> None:
    file_id = await attached(form, me)
    assert (await me.post("/portal/files/remove", data={"id": file_id})).json() == {"id": file_id}
    assert on_disk(form.services) == set()
    assert (await me.get(f"/portal/file?id={file_id}")).status_code == 404
    assert (await me.post("/portal/files/remove", data={"id": file_id})).status_code == 404


async def test_what_belongs_to_a_completed_form_stays(form: Form, me: Client) -> None:
    file_id = await attached(form, me)
    form.complete()
    assert (await me.post("/portal/files/remove", data={"id": file_id})).status_code == 200
    assert (await me.get(f"/portal/file?id={file_id}")).status_code == 200
    assert (await me.send(form, photo())).status_code == 409


# ── bounds ──


@pytest.mark.parametrize("path", ["/portal/files", "/admin/files", "/admin/pictures"])
async def test_a_body_over_the_bound_is_refused_before_it_is_read(form: Form, path: str) -> None:
    who = Client(form.services, patient(form.services), staff(form.services))
    answer = await who.send(form, b"\xff" * (MOST_BYTES + BODY_LIMIT), path=path)
    assert answer.status_code == 413


async def test_a_body_of_no_stated_length_is_refused(form: Form, me: Client) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"x" * 1000

    headers = {"content-type": "multipart/form-data; boundary=x", "transfer-encoding": "chunked"}
    assert (await me.post("/portal/files", content=chunks(), headers=headers)).status_code == 413


async def test_a_body_that_is_longer_than_it_says_ends_at_the_bound(form: Form, me: Client) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n'
        while read < 4 * MOST_BYTES:
            read += 65536
            yield b"x" * 65536

    headers = {"content-type": "multipart/form-data; boundary=x", "content-length": "100"}
    answer = await me.post("/portal/files", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert read < MOST_BYTES + 3 * BODY_LIMIT
    assert rows(form.services, FormFile) == []


@pytest.mark.parametrize("path", ["/portal/files/remove", "/auth/sign-in", "/portal/file"])
async def test_no_other_address_takes_more_than_before(form: Form, me: Client, path: str) -> None:
    assert (await me.post(path, content=b"x" * (BODY_LIMIT + 1))).status_code == 413


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("multipart/form-data; boundary=x", b"nothing of the sort"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded", b"document=1&item=skin&file=x"),
        ("", b"x"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\ncontent-disposition: form-data; name="file"\r\n\r\nno file\r\n--x--\r\n',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\na\r\n' * 2 + b"--x--\r\n",
        ),
        ("multipart/form-data; boundary=x", b"--x\r\ncontent-disposition: form-data\r\n\r\na\r\n--x--\r\n"),
    ],
)
async def test_a_post_that_no_page_sends_is_refused_whole(form: Form, me: Client, kind: str, body: bytes) -> None:
    answer = await me.post("/portal/files", content=body, headers={"content-type": kind})
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert rows(form.services, FormFile) == []


@pytest.mark.parametrize("document", ["", "x", "-1", "0", "99999999999999", "1 OR 1=1"])
async def test_a_document_that_is_none_is_refused(form: Form, me: Client, document: str) -> None:
    answer = await me.post(
        "/portal/files", data={"document": document, "item": "skin"}, files={"file": ("x", photo(), "image/jpeg")}
    )
    assert answer.status_code in (400, 404)


async def test_so_many_files_an_hour_and_no_more(form: Form, me: Client, clock: FixedClock, monkeypatch: Any) -> None:
    limit = endpoint.files.PER_SENDER
    monkeypatch.setattr(endpoint.files, "PER_SENDER", type(limit)(limit.name, 2, limit.within))
    for _ in range(2):
        await me.send(form, b"no photo")
    answer = await me.send(form, photo())
    assert (answer.status_code, "60 minutes" in answer.json()["error"]) == (429, True)
    assert rows(form.services, FormFile) == []
    clock.advance(timedelta(hours=1, seconds=1))
    for row in [patient(form.services)]:
        assert (await Client(form.services, row).send(form, photo())).status_code == 200


async def test_one_sender_has_so_many_places_and_others_have_theirs() -> None:
    async with uploading.turn("a"), uploading.turn("a"), uploading.turn("a"):
        with pytest.raises(uploading.TooMany):
            async with uploading.turn("a"):
                pass
        async with uploading.turn("b"):
            pass
    async with uploading.turn("a"):
        pass
    assert uploading._under_way == {}


async def test_two_files_at_once_for_the_last_place_are_one(form: Form, me: Client) -> None:
    for _ in range(9):
        form.attach()
    answers = await asyncio.gather(me.send(form, photo()), me.send(form, photo()))
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert len(on_disk(form.services)) == 10


# ── at rest ──


def path_of(form: Form, file_id: str) -> Path:
    return form.services.settings.data_dir / "files" / file_id[:2] / file_id


@pytest.mark.req("B5")
async def test_a_file_altered_on_the_disk_is_shown_to_nobody(form: Form, me: Client) -> None:
    file_id = await attached(form, me)
    path = path_of(form, file_id)
    sealed = bytearray(path.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    path.write_bytes(sealed)
    for who, address in ((me, "/portal/file"), (Client(form.services, desk=staff(form.services)), "/admin/file")):
        answer = await who.get(f"{address}?id={file_id}")
        assert (answer.status_code, answer.headers["content-type"][:9]) == (500, "text/html")


async def test_a_file_that_lies_under_anothers_id_is_shown_to_nobody(form: Form, me: Client) -> None:
    mine, other = await attached(form, me), await attached(form, me, photo(width=50))
    path_of(form, mine).write_bytes(path_of(form, other).read_bytes())
    assert (await me.get(f"/portal/file?id={mine}")).status_code == 500


async def test_a_photo_lies_nowhere_unsealed(form: Form, me: Client) -> None:
    shown = await me.get(f"/portal/file?id={await attached(form, me)}")
    for path in form.services.settings.data_dir.rglob("*"):
        assert not path.is_file() or shown.content[:200] not in path.read_bytes()


# ── pictures of instructions ──


@pytest.mark.req("P12")
async def test_a_picture_of_the_clinics_is_seen_by_anyone_for_good(form: Form) -> None:
    owner = Client(form.services, desk=staff(form.services))
    answer = await owner.post("/admin/pictures", data={"alt": "Ice"}, files={"file": ("x", photo(), "image/jpeg")})
    address = answer.json()["url"]
    shown = await Client(form.services).get(address)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert CAMERA.encode() not in shown.content


async def test_the_same_picture_is_kept_once(form: Form) -> None:
    owner = Client(form.services, desk=staff(form.services))
    sent = {"data": {"alt": "Ice"}, "files": {"file": ("x", photo(), "image/jpeg")}}
    first, second = [(await owner.post("/admin/pictures", **sent)).json()["url"] for _ in range(2)]
    assert first == second
    assert len(on_disk(form.services, "pictures")) == 1


@pytest.mark.parametrize(
    ("data", "alt"), [(pdf(), "Ice"), (b"<svg>", "Ice"), (photo(), " ")], ids=["pdf", "svg", "no words"]
)
async def test_a_picture_that_will_not_do_leaves_nothing(form: Form, data: bytes, alt: str) -> None:
    owner = Client(form.services, desk=staff(form.services))
    answer = await owner.post("/admin/pictures", data={"alt": alt}, files={"file": ("x", data, "image/jpeg")})
    assert answer.status_code == 422
    assert on_disk(form.services, "pictures") == set()


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
async def test_only_who_writes_forms_adds_a_picture(form: Form, role: str) -> None:
    desk = Client(form.services, desk=staff(form.services, role))
    answer = await desk.post("/admin/pictures", data={"alt": "Ice"}, files={"file": ("x", photo(), "image/jpeg")})
    assert (answer.status_code, on_disk(form.services, "pictures")) == (303, set())


async def test_a_patients_photo_is_no_picture_for_anyone(form: Form, me: Client) -> None:
    file_id = await attached(form, me)
    for name in (f"{file_id}.jpg", file_id, "..%2ffiles%2f" + file_id, "x"):
        assert (await Client(form.services).get(f"/pictures/{name}")).status_code == 404
