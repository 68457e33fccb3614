"""Files to send: real ones of every type that is taken, and those that must be refused."""
import gzip
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent.parent / "samples"


class Sample(NamedTuple):
    name: str
    bytes: bytes
    mime: str
    ext: str
    width: int | None
    height: int | None


def read(name):
    return (FOLDER / name).read_bytes()


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(width, height, note=b"", data_width=None):
    """A whole grey PNG. Another note makes another file. data_width: what the pixels are for, when the header lies."""
    rows = (b"\0" + b"\x80" * (width if data_width is None else data_width)) * (height if data_width is None else 1)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    text = png_chunk(b"tEXt", b"Comment\0" + note) if note else b""
    return (PNG_SIGNATURE + png_chunk(b"IHDR", header) + text
            + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b""))


def jpeg_segment(marker, body):
    return struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body


def jpeg_with(*segments, base="baseline.jpg"):
    """A real JPEG with more segments at its start."""
    whole = read(base)
    return whole[:2] + b"".join(segments) + whole[2:]


def exif(orientation, order="<", ifd_at=8):
    """The APP1 segment of a camera: its maker's name first, then the turn."""
    mark = {"<": b"II", ">": b"MM"}[order]
    value = struct.pack(order + "HH", orientation, 0)
    entries = (struct.pack(order + "HHI4s", 0x010F, 2, 4, b"Mok\0")
               + struct.pack(order + "HHI4s", 0x0112, 3, 1, value))
    tiff = mark + struct.pack(order + "HI", 42, ifd_at) + b"\0" * (ifd_at - 8)
    return jpeg_segment(0xE1, b"Exif\0\0" + tiff + struct.pack(order + "H", 2) + entries + b"\0" * 4)


def big_jpeg(size, note=b""):
    """A real picture of exactly `size` (at least 1000) bytes, most of them in comments. Another note, another file."""
    left = size - len(read("baseline.jpg"))
    segments = []
    while left > 0:
        room = min(left, 65537)
        if 0 < left - room < 4:  # too few for one more
            room -= 4
        segments.append(jpeg_segment(0xFE, note[:room - 4].ljust(room - 4, b"x")))
        left -= room
    return jpeg_with(*segments)


def amr(frames=5):
    return b"#!AMR\n" + (b"\x3c" + b"\x55" * 31) * frames


def amr_wide(frames=5):
    return b"#!AMR-WB\n" + (b"\x04" + b"\x55" * 17) * frames


def image(name, data, mime, width=40, height=30):
    return Sample(name, data, "image/" + mime, {"jpeg": "jpg"}.get(mime, mime), width, height)


def other(name, data, mime, ext):
    return Sample(name, data, mime, ext, None, None)


THUMBNAIL = jpeg_segment(0xE2, read("grey.jpg"))

SAMPLES = [
    image("baseline.jpg", read("baseline.jpg"), "jpeg"),
    image("progressive.jpg", read("progressive.jpg"), "jpeg"),
    image("grey.jpg", read("grey.jpg"), "jpeg"),
    image("upright.jpg", jpeg_with(exif(1)), "jpeg"),
    image("upside-down.jpg", jpeg_with(exif(3, ">")), "jpeg"),
    image("turned-little-endian.jpg", jpeg_with(exif(6, "<")), "jpeg", 30, 40),
    image("turned-big-endian.jpg", jpeg_with(exif(8, ">", ifd_at=40), base="progressive.jpg"), "jpeg", 30, 40),
    image("many-segments.jpg", jpeg_with(THUMBNAIL, *[jpeg_segment(0xE0 + n, b"\xff" * 70 * n) for n in range(2, 16)],
                                         exif(5)), "jpeg", 30, 40),
    image("fill-bytes.jpg", jpeg_with(b"\xff\xff\xff" + jpeg_segment(0xFE, b"made by hand")), "jpeg"),
    image("trailing.jpg", read("baseline.jpg") + b"\0" * 100 + b"what phones put there", "jpeg"),
    image("picture.png", read("picture.png"), "png"),
    image("palette.png", read("palette.png"), "png"),
    image("written.png", png(7, 300, b"by hand"), "png", 7, 300),
    image("still.gif", read("still.gif"), "gif"),
    image("moving.gif", read("moving.gif"), "gif"),
    image("lossy.webp", read("lossy.webp"), "webp"),
    image("lossless.webp", read("lossless.webp"), "webp"),
    image("extended.webp", read("extended.webp"), "webp"),
    image("moving.webp", read("moving.webp"), "webp"),
    other("video.mp4", read("video.mp4"), "video/mp4", "mp4"),
    other("fragmented.mp4", read("fragmented.mp4"), "video/mp4", "mp4"),
    other("iphone.mov", read("iphone.mov"), "video/mp4", "mp4"),
    other("old-phone.3gp", read("old-phone.3gp"), "video/mp4", "mp4"),
    other("sound-in.mp4", read("sound-in.mp4"), "video/mp4", "mp4"),
    other("sound.m4a", read("sound.m4a"), "audio/mp4", "m4a"),
    other("bare.mp3", read("bare.mp3"), "audio/mpeg", "mp3"),
    other("tagged.mp3", read("tagged.mp3"), "audio/mpeg", "mp3"),
    other("cover.mp3", b"ID3\x03\0\0\0\0\x7f\x0a" + b"APIC" + b"\0" * (0x7F * 128 + 6) + read("bare.mp3"),
          "audio/mpeg", "mp3"),
    other("sound.aac", read("sound.aac"), "audio/aac", "aac"),
    other("narrow.amr", amr(), "audio/amr", "amr"),
    other("wide.amr", amr_wide(), "audio/amr", "amr"),
    other("sound.wav", read("sound.wav"), "audio/wav", "wav"),
    other("page.pdf", read("page.pdf"), "application/pdf", "pdf"),
]


def zip_of(name, content):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(name, content)
    return whole.getvalue()


def iso(major, *compatible):
    """A box of brands with some more behind it."""
    body = major + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I4s", 8 + len(body), b"ftyp") + body + struct.pack(">I4s", 24, b"meta") + b"\0" * 16


def png_sized(width, height):
    return png(width, height, data_width=1)


SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'

# What no type of ours begins like.
NOT_MEDIA = [
    ("empty", b""),
    ("one byte", b"\xff"),
    ("text", "你好\n".encode() * 50),
    ("text in UTF-16", "\ufeffhello".encode("utf-16-le") * 300),
    ("text in UTF-16, the other way round", "\ufeffhello".encode("utf-16-be") * 300),
    ("zeros", b"\0" * 5000),
    ("all ones", b"\xff" * 5000),
    ("html", b"<!DOCTYPE html><html><body>" + SCRIPT + b"</body></html>"),
    ("html behind blanks", b"\r\n \t<html>" + SCRIPT),
    ("html with a PDF in it", b"<html><!--\n%PDF-1.4\n-->" + SCRIPT),
    ("pdf behind a blank", b" " + read("page.pdf")),
    ("svg", SVG),
    ("svg as xml", b'<?xml version="1.0"?>\n' + SVG),
    ("json", b'{"type":"image"}'),
    ("javascript", b"alert(1)\n"),
    ("shell script", b"#!/bin/sh\nid\n"),
    ("php", b"<?php phpinfo(); ?>"),
    ("shell script like AMR", b"#!AMR\n/bin/sh -c id\n"),
    ("rtf", b"{\\rtf1\\ansi hello}"),
    ("elf", b"\x7fELF\x02\x01\x01" + b"\0" * 60),
    ("pe", b"MZ\x90\0" + b"\0" * 56 + b"\x40\0\0\0PE\0\0" + b"\0" * 60),
    ("mach-o", b"\xcf\xfa\xed\xfe\x07\0\0\x01" + b"\0" * 60),
    ("java class", b"\xca\xfe\xba\xbe\0\0\0\x34" + b"\0" * 60),
    ("wasm", b"\0asm\x01\0\0\0"),
    ("zip", zip_of("a.txt", "hello")),
    ("word document", zip_of("[Content_Types].xml", "<Types/>")),
    ("zip like a jpeg", b"\xff\xd8" + zip_of("a.txt", "hello")),
    ("gzip", gzip.compress(b"hello" * 50)),
    ("7z", b"7z\xbc\xaf\x27\x1c\0\x04" + b"\0" * 60),
    ("rar", b"Rar!\x1a\x07\x01\0" + b"\0" * 60),
    ("tar", b"a.txt".ljust(257, b"\0") + b"ustar\x0000" + b"\0" * 300),
    ("bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + b"\0" * 4),
    ("tiff", b"II*\0\x08\0\0\0\0\0\0\0\0\0"),
    ("ico", b"\0\0\x01\0\x01\0" + b"\x10\x10\0\0\x01\0\x20\0" + b"\0" * 40),
    ("psd", b"8BPS\0\x01" + b"\0" * 40),
    ("heic", iso(b"heic", b"mif1", b"heic")),
    ("heic by its second name", iso(b"mif1", b"heic", b"isom")),
    ("avif", iso(b"avif", b"mif1", b"miaf", b"MA1B")),
    ("avif that moves", iso(b"avis", b"msf1", b"iso8", b"mif1")),
    ("raw photo", iso(b"crx ", b"crx ", b"isom")),
    ("jpeg 2000", b"\0\0\0\x0cjP  \r\n\x87\n" + iso(b"jp2 ", b"jp2 ")),
    ("unknown brand", iso(b"zzzz", b"yyyy")),
    ("nothing but brands", struct.pack(">I4s", 20, b"ftyp") + b"isom\0\0\0\0isom"),
    ("ogg", b"OggS\0\x02" + b"\0" * 60),
    ("flac", b"fLaC\0\0\0\x22" + b"\0" * 60),
    ("midi", b"MThd\0\0\0\x06\0\0\0\x01\0\x60" + b"MTrk\0\0\0\0"),
    ("matroska", b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska" + b"\0" * 60),
    ("avi", b"RIFF\x40\0\0\0AVI LIST" + b"\0" * 60),
    ("wav without a format", b"RIFF\x40\0\0\0WAVEdata" + b"\x38\0\0\0" + b"\0" * 56),
    ("flash", b"FWS\x08" + b"\0" * 60),
    ("font", b"\0\x01\0\0\0\x0a\0\x80\0\x03\0\x20" + b"\0" * 60),
    ("sqlite", b"SQLite format 3\0" + b"\0" * 84),
    ("script like gif", b"GIF89a=1;" + b"alert(1)//" * 100),
    ("html like gif", b"GIF89a" + SCRIPT * 10),
    ("html like png", b"\x89PNG\r\n\x1a\n" + SCRIPT),
    ("html like jpeg", b"\xff\xd8\xff" + SCRIPT),
    ("html like webp", b"RIFF\x40\0\0\0WEBP" + SCRIPT),
    ("html like pdf", b"%PDF-" + SCRIPT),
    ("html like mp3", b"ID3" + SCRIPT),
    ("html like a tag", b"ID3\x03\0\0\0\0\0\x0a" + SCRIPT * 200),
    ("one sound frame, then html", read("bare.mp3")[:72] + SCRIPT),
    ("one aac frame, then html", b"\xff\xf1\x60\x40\x01\x7f\xfc" + b"\0" * 4 + SCRIPT),
]

# What begins like an image and cannot be shown.
BROKEN_IMAGES = [
    ("png cut in its header", read("picture.png")[:20]),
    ("png cut in a chunk", read("picture.png")[:200]),
    ("png without its end", read("picture.png")[:-12]),
    ("png without pixels", PNG_SIGNATURE + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
     + png_chunk(b"IEND", b"")),
    ("png of width 0", png_sized(0, 1)),
    ("png of height 0", png_sized(1, 0)),
    ("png four billion wide", png_sized(0xFFFFFFFF, 1)),
    ("png 65536 high", png_sized(1, 65536)),
    ("png of four billion pixels", png_sized(65535, 65535)),
    ("png with a chunk of 4 GB", read("picture.png")[:33] + struct.pack(">I", 0xFFFFFFFF) + b"IDAT" + b"\0" * 100),
    ("jpeg cut before its size", read("baseline.jpg")[:100]),
    ("jpeg without a picture", read("baseline.jpg")[:2] + jpeg_segment(0xC0, b"\x08\0\x1e\0\x28\x01\x01\x11\0")
     + b"\xff\xd9"),
    ("jpeg of width 0", read("grey.jpg").replace(b"\xff\xc0\0\x0b\x08\0\x1e\0\x28", b"\xff\xc0\0\x0b\x08\0\x1e\0\0")),
    ("jpeg of height 0", read("grey.jpg").replace(b"\xff\xc0\0\x0b\x08\0\x1e\0\x28", b"\xff\xc0\0\x0b\x08\0\0\0\x28")),
    ("jpeg with two sizes", jpeg_with(jpeg_segment(0xC0, b"\x08\0\x1e\0\x28\x01\x01\x11\0"))),
    ("jpeg of segments alone", b"\xff\xd8" + jpeg_segment(0xE1, b"") * 20000),
    ("jpeg of fill bytes", b"\xff\xd8" + b"\xff" * 3000 + b"\xe0" + b"\xff" * 60000),
    ("jpeg with a segment too short", b"\xff\xd8\xff\xe0\0\x01" + read("baseline.jpg")[4:]),
    ("jpeg with a segment too long", b"\xff\xd8\xff\xe0\xff\xff" + read("baseline.jpg")[6:]),
    ("gif cut in its picture", read("still.gif")[:1000]),
    ("gif without a picture", b"GIF89a\x28\0\x1e\0\0\0\0\x21\xfe\0\x3b"),
    ("gif of width 0", b"GIF89a\0\0" + read("still.gif")[8:]),
    ("webp cut", read("lossy.webp")[:-10]),
    ("webp with a chunk too long", read("lossy.webp")[:16] + b"\xff\xff\xff\x7f" + read("lossy.webp")[20:]),
    ("webp without a picture", b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10)
     + b"\0\0\0\0\x27\0\0\x1d\0\0"),
    ("webp 16 million wide", b"RIFF" + read("extended.webp")[4:24] + b"\xff\xff\xff\0\0\0" + read("extended.webp")[30:]),
]

REFUSED = NOT_MEDIA + BROKEN_IMAGES
