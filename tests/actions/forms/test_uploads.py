"""What a file truly is: photos are written anew, PDFs looked through, everything else refused."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image, ImageCms

from clinic_portal.core.errors import Invalid
from clinic_portal.forms.uploads import JPEG, LONGEST_SIDE, MOST_BYTES, PDF, PNG, Checked, checked
from tests.pictures import (
    CAMERA,
    COMMENT,
    animated,
    object_stream,
    painted,
    pdf,
    photo,
    png_that_claims,
    see_through,
)

HEIC = pillow_heif.libheif_info()["encoders"]
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00"


def opened(kept: Checked) -> Image.Image:
    return Image.open(BytesIO(kept.data))


def refusal(data: bytes, **how: bool) -> str:
    with pytest.raises(Invalid) as refused:
        checked(data, **how)
    return refused.value.code


def is_blue(colour: object) -> bool:
    assert isinstance(colour, tuple)
    return colour[2] > 120 and colour[0] < 90


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", *(["HEIF"] if "x265" in HEIC else [])])
def test_a_photo_is_kept_as_a_jpeg_without_its_place_and_its_camera(kind: str) -> None:
    sent = photo(kind)
    assert CAMERA.encode() in sent
    kept = checked(sent)
    assert (kept.media_type, kept.width, kept.height) == (JPEG, 96, 64)
    assert dict(opened(kept).getexif()) == {}
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(opened(kept).info)
    for private in (CAMERA.encode(), COMMENT, b"Exif", b"GPS"):
        assert private not in kept.data


@pytest.mark.parametrize(
    ("orientation", "size", "blue"),
    [(1, (96, 64), (5, 32)), (3, (96, 64), (90, 32)), (6, (64, 96), (32, 5)), (8, (64, 96), (32, 90))],
)
def test_a_photo_stands_upright_however_the_phone_was_held(
    orientation: int, size: tuple[int, int], blue: tuple[int, int]
) -> None:
    image = opened(checked(photo(orientation=orientation)))
    assert image.size == size
    assert is_blue(image.getpixel(blue))


def test_a_large_photo_is_scaled_and_keeps_its_shape() -> None:
    kept = checked(photo(width=4000, height=3000))
    assert (kept.width, kept.height) == (LONGEST_SIDE, 1800)


def test_a_small_photo_is_not_blown_up() -> None:
    assert checked(photo(width=10, height=8)).width == 10


def test_what_shows_through_stays_see_through() -> None:
    kept = checked(see_through())
    assert kept.media_type == PNG
    assert opened(kept).getpixel((90, 30)) == (0, 0, 0, 0)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_moving_pictures_the_first_is_kept(kind: str) -> None:
    kept = checked(animated(kind))
    assert getattr(opened(kept), "n_frames", 1) == 1
    assert is_blue(opened(kept).convert("RGB").getpixel((10, 30)))


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "I;16", "LA"])
def test_every_kind_of_colour_is_read(mode: str) -> None:
    source = painted().convert("L").convert("I").convert("I;16") if mode == "I;16" else painted().convert(mode)
    out = BytesIO()
    source.save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert checked(out.getvalue()).media_type == JPEG


def test_wide_colours_become_those_of_the_web() -> None:
    """A profile is applied, not just dropped: else skin would look paler than it is."""
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    assert checked(photo(icc_profile=swapped.tobytes())).media_type == JPEG  # does not fit: left alone
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert is_blue(opened(checked(photo(icc_profile=srgb))).getpixel((5, 32)))


def test_what_hides_behind_a_photo_is_gone() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("evil.js", "alert(1)")
    for hidden in (archive.getvalue(), b"<html><script>alert(1)</script>", b"%PDF-1.7 /JavaScript"):
        kept = checked(photo() + hidden)
        assert hidden[:20] not in kept.data
        assert b"evil.js" not in kept.data


@pytest.mark.parametrize(
    "data",
    [
        GIF,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"MZ\x90\x00\x03" + b"\0" * 200,
        b"BM" + b"\0" * 60,
        b"II*\0" + b"\0" * 60,
        b"PK\x03\x04" + b"\0" * 60,
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"just words",
        b"\0",
    ],
    ids=["gif", "svg", "html", "exe", "bmp", "tiff", "zip", "eps", "text", "a zero"],
)
def test_what_is_neither_a_photo_nor_a_pdf_is_refused_whatever_it_is_called(data: bytes) -> None:
    assert refusal(data) == "file_type"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("left", [0.1, 0.5, 0.9])
def test_a_photo_that_broke_off_is_refused(kind: str, left: float) -> None:
    sent = photo(kind, 600, 400)
    assert refusal(sent[: int(len(sent) * left)]) == "file_broken"


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "file_broken"


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    assert refusal(png_that_claims(9000, 9000)) == "file_pixels"
    assert refusal(png_that_claims(200_000, 200_000)) == "file_pixels"


def test_too_large_a_file_is_refused() -> None:
    assert refusal(photo() + b"\0" * MOST_BYTES) == "file_big"
    assert refusal(b"x" * 15 * 1024 * 1024) == "file_big"


def test_a_pdf_is_kept_as_it_came() -> None:
    sent = pdf()
    assert checked(sent) == Checked(PDF, sent)


def test_a_pdf_with_packed_objects_is_kept() -> None:
    assert checked(pdf(object_stream(b"4 0 << /Type /Font >>"))).media_type == PDF


@pytest.mark.parametrize(
    "data",
    [
        pdf()[:-20],
        pdf()[:300],
        b"%PDF-1.7\n%%EOF",
        pdf() + b"<html>",
        b"GIF89a" + pdf(),
        pdf().replace(b"%PDF-1.7", b"%PDF-9.9"),
        pdf()[:-6] + b"PK\x05\x06" + pdf()[-6:],
    ],
    ids=["no end", "half", "nothing in it", "a page behind", "behind a gif", "no version", "an archive"],
)
def test_a_pdf_that_is_not_whole_is_refused(data: bytes) -> None:
    assert refusal(data) in ("file_broken", "file_type")


def test_a_locked_pdf_is_refused() -> None:
    assert refusal(pdf(trailer=b"/Encrypt 4 0 R")) == "file_locked"


@pytest.mark.parametrize(
    "doing",
    [
        b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
        b"<< /S /J#61vaScript /JS (x) >>",
        b"<< /S /Launch /F (cmd.exe) >>",
        b"<</S/Launch>>",
        b"<< /Type /EmbeddedFile >>",
        b"<< /Subtype /RichMedia >>",
        object_stream(b"4 0 << /S /JavaScript /JS (x) >>"),
        object_stream(b"4 0 << /S /L#61unch >>"),
        object_stream(b"4 0 <<>>", filters=b"/LZWDecode"),
    ],
)
def test_a_pdf_that_does_something_by_itself_is_refused(doing: bytes) -> None:
    assert refusal(pdf(doing)) == "file_active"


def test_a_pdf_that_unpacks_without_end_is_refused() -> None:
    assert refusal(pdf(object_stream(b"0" * 70 * 1024 * 1024))) == "file_broken"


def test_where_a_photo_is_asked_for_a_pdf_will_not_do() -> None:
    assert refusal(pdf(), only_images=True) == "file_image"
    assert refusal(GIF, only_images=True) == "file_image"
    assert checked(photo(), only_images=True).is_image
