"""What a file truly is, and what is kept of it: by content, never by its name or what a browser calls it.

An image is decoded, turned upright, scaled and written anew, so that nothing else travels along: no place it was taken
at, no name of a camera, no second file hidden behind it. A PDF cannot be written anew without harm, so it is looked
through, kept as it is, and never shown inside a page of ours.
"""

import re
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from clinic_portal.core.errors import Invalid

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 64_000_000  # the largest photos of phones have 50 million
LONGEST_SIDE = 2400
QUALITY = 88
READ = ("JPEG", "PNG", "WEBP", "HEIF")
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
EXTENSIONS = {JPEG: "jpg", PNG: "png", PDF: "pdf"}
_SRGB = ImageCms.createProfile("sRGB")
_INFLATED_MOST = 64 * 1024 * 1024
_NAME = rb"/%s(?![A-Za-z0-9])"
_ENCRYPTED = re.compile(_NAME % b"Encrypt")
_ACTIVE = re.compile(_NAME % rb"(?:JavaScript|Launch|RichMedia|EmbeddedFiles?|XFA|SubmitForm|ImportData|GoToE)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")

pillow_heif.register_heif_opener()


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept: an image as it was written anew, or a PDF as it came. A PDF has no width."""

    media_type: str
    data: bytes
    width: int | None = None
    height: int | None = None

    @property
    def is_image(self) -> bool:
        """Whether it may be shown inside a page."""
        return self.media_type != PDF


def checked(data: bytes, *, only_images: bool = False) -> Checked:
    """What is kept of a file. Raises Invalid: `file_big`, `file_type`, `file_broken`, `file_pixels`, `file_locked`,
    `file_active`.
    """
    if len(data) > MOST_BYTES:
        raise Invalid("file", "file_big", limit=MOST_BYTES // 1024**2)
    if not data:
        raise Invalid("file", "file_broken")
    if data.startswith(b"%PDF-"):
        if only_images:
            raise Invalid("file", "file_image")
        _look_through(data)
        return Checked(PDF, data)
    return _written_anew(data, "file_image" if only_images else "file_type")


def _written_anew(data: bytes, otherwise: str) -> Checked:
    try:
        image = Image.open(BytesIO(data), formats=READ)
    except UnidentifiedImageError:
        raise Invalid("file", "file_broken" if _begins_like_an_image(data) else otherwise) from None
    except Image.DecompressionBombError:
        raise Invalid("file", "file_pixels") from None
    except Exception:  # decoders raise whatever they stumble over
        raise Invalid("file", "file_broken") from None
    if image.width * image.height > MOST_PIXELS:
        raise Invalid("file", "file_pixels")
    try:
        return _encoded(_upright(image))
    except Exception:
        raise Invalid("file", "file_broken") from None


def _begins_like_an_image(data: bytes) -> bool:
    """Whether it set out to be one we take: then it is damaged, and not of another kind."""
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    is_heic = data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc")
    return is_webp or is_heic or data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def _upright(image: Image.Image) -> Image.Image:
    """The first frame, scaled, turned as its camera was held, in the colours of the web."""
    profile = image.info.get("icc_profile")
    image.seek(0)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    image.load()
    turned = ImageOps.exif_transpose(image)
    plain = _with_plain_colours(turned)
    if profile and turned.mode in ("RGB", "RGBA", "CMYK") and plain.mode in ("RGB", "RGBA"):
        with suppress(ImageCms.PyCMSError, OSError, ValueError):  # an odd profile: the colours as they are
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            alpha = plain.getchannel("A") if plain.mode == "RGBA" else None
            source = turned if turned.mode == "CMYK" else plain.convert("RGB")
            made = ImageCms.profileToProfile(source, given, _SRGB, outputMode="RGB")
            if made is not None:
                plain = made
                if alpha is not None:
                    plain.putalpha(alpha)
    return plain


def _with_plain_colours(image: Image.Image) -> Image.Image:
    """RGBA where something shows through, else RGB."""
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        shown = image.convert("RGBA")
        lowest, _ = shown.getchannel("A").getextrema()
        return shown if isinstance(lowest, int | float) and lowest < 255 else shown.convert("RGB")
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    return image.convert("RGB")


def _encoded(image: Image.Image) -> Checked:
    bare = Image.new(image.mode, image.size)  # brings nothing along of what the file said about itself
    bare.paste(image)
    out = BytesIO()
    if bare.mode == "RGBA":
        bare.save(out, "PNG", optimize=False, compress_level=6)
        return Checked(PNG, out.getvalue(), bare.width, bare.height)
    bare.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Checked(JPEG, out.getvalue(), bare.width, bare.height)


def _look_through(data: bytes) -> None:
    """A whole PDF, not locked, that does nothing by itself and carries no other file.

    Names are looked for in the file as it is and in its compressed objects. That is no proof against a clever one, and
    so a PDF is only ever handed out to be saved.
    """
    end = data[-2048:].rstrip(b"\0\t\r\n\f ")
    began = re.search(rb"startxref\s+(\d{1,10})\s+%%EOF$", end)
    if re.match(rb"%PDF-[12]\.\d[\s%]", data) is None or began is None or int(began[1]) >= len(data):
        raise Invalid("file", "file_broken")
    if b"PK\x05\x06" in data[-66_000:]:  # an archive behind it
        raise Invalid("file", "file_broken")
    told = _unescaped(data)
    if _ENCRYPTED.search(told):
        raise Invalid("file", "file_locked")
    if _ACTIVE.search(told) or any(_ACTIVE.search(_unescaped(one)) for one in _compressed_objects(data)):
        raise Invalid("file", "file_active")


def _compressed_objects(data: bytes) -> list[bytes]:
    """What the object streams hold. Raises Invalid for one that is packed in a way hardly anything writes."""
    found, left = [], _INFLATED_MOST
    for match in _STREAM.finditer(data):
        told = _unescaped(data[max(0, match.start() - 1000) : match.start()].rpartition(b"obj")[2])
        if b"/ObjStm" not in told:
            continue
        if b"/FlateDecode" not in told and b"/Filter" in told:
            raise Invalid("file", "file_active")
        if b"/Filter" not in told:
            continue  # readable as it is, and looked through already
        try:
            opened = zlib.decompressobj().decompress(data[match.end() :], left)
        except (zlib.error, struct.error):
            raise Invalid("file", "file_broken") from None
        found.append(opened)
        left -= len(opened)
        if left <= 0:
            raise Invalid("file", "file_broken")
    return found


def _unescaped(told: bytes) -> bytes:
    """Names may spell a letter as its number: `/J#61vaScript`."""
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), told)
