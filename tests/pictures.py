"""Files as people send them: photos that tell of a place and a camera, PDFs, and what only claims to be one."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image

CAMERA = "Secret Camera 9"
COMMENT = b"taken at home"


def painted(width: int = 96, height: int = 64, *, mode: str = "RGB") -> Image.Image:
    """Red, with a blue left half."""
    image = Image.new(mode, (width, height), (200, 30, 30, 255)[: len(mode)])
    image.paste((20, 40, 200, 255)[: len(mode)], (0, 0, width // 2, height))
    return image


def photo(kind: str = "JPEG", width: int = 96, height: int = 64, *, orientation: int = 1, **how: object) -> bytes:
    """A photo that tells where and with what it was taken."""
    image = painted(width, height)
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    exif[0x0112] = orientation
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (30.0, 16.0, 2.0), "W", (97.0, 44.0, 34.0)
    out = BytesIO()
    more = {"comment": COMMENT} if kind == "JPEG" else {}
    image.save(out, kind, exif=exif.tobytes(), **(more | how))  # type: ignore[arg-type]
    return out.getvalue()


def animated(kind: str) -> bytes:
    """Two frames: red and blue, then green."""
    out = BytesIO()
    second = Image.new("RGB", (96, 64), (0, 250, 0))
    painted().save(out, kind, save_all=True, append_images=[second], duration=100)
    return out.getvalue()


def see_through() -> bytes:
    """A PNG whose right half shows what is behind it."""
    image = painted(mode="RGBA")
    image.paste((0, 0, 0, 0), (48, 0, 96, 64))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that say they are a huge picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A small whole PDF of one empty page, with further objects and entries of its trailer."""
    told = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        *objects,
    ]
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, one in enumerate(told, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(told) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(told) + 1, trailer, table)
    return bytes(out)


def object_stream(content: bytes, *, filters: bytes = b"/FlateDecode") -> bytes:
    """An object stream that holds `content`, packed."""
    packed = zlib.compress(content) if filters == b"/FlateDecode" else content
    head = b"<< /Type /ObjStm /N 1 /First 5 /Length %d /Filter %s >>" % (len(packed), filters)
    return head + b"\nstream\n" + packed + b"\nendstream"
