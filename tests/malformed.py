"""Articles that are none, and servers that misbehave."""

import gzip
import http.server
import io
import json
import struct
import threading
import time
import zipfile
import zlib

BODY = (
    "South Korea said on Monday that it would answer the “provocation” of the North.\n"
    "The two sides have not spoken to each other since April. Analysts do not expect that to change soon."
)
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Seoul answers</title>
<meta name="author" content="Jin Park"><meta property="og:site_name" content="The Example">
<meta property="article:published_time" content="2024-10-18"></head><body><nav>Home</nav><article>
<h1>Seoul answers</h1>{"".join(f"<p>{line}</p>" for line in BODY.splitlines())}</article></body></html>"""
ENGLISH = f"{BODY}\nExperts said that the talks had failed, and that nobody knew what would come of it."
GERMAN = (
    "Nordkorea hat angekündigt, alle Verbindungen in den Süden zu kappen. Die Regierung in Seoul hat das "
    "scharf kritisiert und will sich mit ihren Verbündeten in Washington beraten."
)
KOREAN = "북한은 남한과의 모든 관계를 끊겠다고 발표했다. 한국 정부는 이를 강하게 비판했다. " * 3
RUSSIAN = "Северная Корея объявила, что разорвёт все связи с Югом. Правительство в Сеуле осудило это. " * 3
JAPANESE = "北朝鮮は韓国との関係を断つと発表した。韓国政府はこれを強く批判した。" * 3
CHINESE = "朝鲜宣布切断与韩国的一切联系。韩国政府对此予以强烈谴责。" * 4
ROMANISED = (
    "Bukhaneun namhangwaui modeun gwangyereul kkeunketdago balpyohaetda. Hanguk jeongbuneun ireul ganghage "
    "bipanhaetda. Migukgwa hyeobuihagireul wonhandago oegyobu daebyeonini malhaetda. "
    "Jeongbuneun daehwareul wonhaetda."
)


def pdf(lines, password=None):
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(600, 800)
    stream = DecodedStreamObject()
    shown = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
    stream.set_data(f"BT /F1 12 Tf 50 750 Td {shown} ET".encode("cp1252"))
    names = {
        "/Type": "/Font",
        "/Subtype": "/Type1",
        "/BaseFont": "/Helvetica",
        "/Encoding": "/WinAnsiEncoding",
    }
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def zipped(name="a.txt"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, ENGLISH)
    return file.getvalue()


def pdf_of(content, pages=1):
    """A PDF with a compressed stream of drawing commands on its first page."""
    from pypdf import PdfWriter
    from pypdf.generic import NameObject, StreamObject

    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(600, 800)
    stream = StreamObject()
    stream._data = zlib.compress(content, 9)
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def page(body):
    return f"<!DOCTYPE html><html><head><title>x</title></head><body>{body}</body></html>".encode()


def paragraphs(text):
    return "".join(f"<p>{line}</p>" for line in text.split("\n"))


SCRIPTED = (
    f"<nav>Home</nav><article onmouseover='alert(1)'>{paragraphs(ENGLISH)}<script>alert(1)</script>"
    "<p onclick=alert(1)>It was <img src=x onerror=alert(1)> said "
    "<a href='javascript:alert(1)'>again</a>.</p>"
    "<iframe src='javascript:alert(1)'></iframe></article>"
)
LINKED = {"@context": "https://schema.org", "@type": "NewsArticle", "articleBody": 1, "author": [{}]}
DATA = page(f'<script type="application/ld+json">{json.dumps(LINKED)}</script>')
FEED = f'<?xml version="1.0"?><rss version="2.0"><channel><item>{ENGLISH}</item></channel></rss>'.encode()

FILES = {
    # encodings and languages
    "damaged-utf8.txt": (ENGLISH.encode().replace("“".encode(), b"\xe2\x80"), "damaged UTF-8"),
    "cut-utf8.txt": (ENGLISH.encode() + "“".encode()[:2], "damaged UTF-8"),
    "utf16-korean.txt": (KOREAN.encode("utf-16"), "(Korean?)"),
    "utf16-without-bom.txt": (GERMAN.encode("utf-16-le"), "(German?)"),
    "utf32-korean.txt": (KOREAN.encode("utf-32"), "(Korean?)"),
    "cp949.txt": (KOREAN.encode("cp949"), "English"),
    "iso2022.txt": (KOREAN.encode("iso2022_kr"), "binary"),
    "shift-jis.txt": (JAPANESE.encode("shift_jis"), "English"),
    "koi8.txt": (RUSSIAN.encode("koi8-r"), "English|its encoding is unknown"),
    "latin1-german.txt": (GERMAN.encode("latin-1"), "(German?)"),
    "german.md": (GERMAN.encode(), "(German?)"),
    "german.html": (page(f"<article>{paragraphs(GERMAN)}</article>"), "(German?)"),
    "russian.txt": (RUSSIAN.encode(), "(Russian?)"),
    "japanese.txt": (JAPANESE.encode(), "(Japanese?)"),
    "chinese.txt": (CHINESE.encode(), "(Chinese?)"),
    "romanised.txt": (ROMANISED.encode(), "another language"),
    "half-korean.txt": (f"{ENGLISH}\n{KOREAN}".encode(), "(Korean?)"),
    "half-german.txt": (f"{ENGLISH}\n{GERMAN}".encode(), "(German?)"),
    # characters
    "nul.txt": (ENGLISH.encode().replace(b"Monday", b"Mon\0day"), "binary"),
    "bell.txt": (ENGLISH.encode().replace(b"Monday", b"Mon\aday"), "binary"),
    "escape.txt": (ENGLISH.encode().replace(b"Monday", b"\x1b[31mMonday\x1b[0m"), "binary"),
    "invisible.txt": ("\u200b\u200d\u2060\ufeff\u00ad".encode() * 50, "is empty"),
    "right-to-left-marks.txt": ("\u202e\u200f\u2067\n\u061c".encode() * 50, "is empty"),
    "hangul-fillers.txt": ("\u3164\u115f ".encode() * 50, "is empty"),
    "arabic-marks.txt": ("\u0600\u0601. ".encode() * 50, "no words"),
    "emoji.txt": ("🇰🇷🚀 ".encode() * 50, "no words"),
    "digits.txt": (b"1 2 3. 4 5 6. " * 20, "no words"),
    # sizes
    "empty.txt": (b"", "is empty"),
    "empty.md": (b"---\ntitle: Nothing\n---\n", "is empty"),
    "short.txt": (b"The North said no.", "too short"),
    "one-sentence.txt": (b"and the North said that it would not come " * 100, "sentences: 1)"),
    "5-mb.txt": (b"The North is not the South. " * 180_000, "too long"),
    "11-mb.txt": (b"The North is not the South. " * 400_000, "larger than 10 MB"),
    "1-mb-word.txt": (b"a" * 1_000_000, "too long"),
    "word.txt": (f"{ENGLISH} {'a' * 2000}".encode(), "word of over 1,000"),
    "brackets.md": (b"![" * 1000, "no words|is empty|word of"),
    # pages
    "menu.html": (page("<nav><a href='/'>Home</a></nav>"), "no article|too short"),
    "script.html": (page(f"<script>var text = {json.dumps(ENGLISH)}</script>"), "no article"),
    "nested.html": (page("<div>" * 10_000 + ENGLISH), "no article|too short"),
    "long.html": (page(paragraphs("\n".join(f"{n} {ENGLISH}" for n in range(1000)))), "too long"),
    "cut.html": (b"<!DOCTYPE html><html><head><ti", "no article"),
    "empty-data.html": (DATA, "no article|too short"),
    # layout
    "furniture.txt": (b"Read more: The border\n\nUpdate 3\n14:05 GMT\n\nShare this article\n" * 20, "is empty"),
    "labels.txt": (b"Q:\nMR. PARK:\nMS. CHOI:\n" * 3, "too short"),
    "signature.txt": ("“No.”\n— Foreign Minister Cho Tae-min".encode(), "too short"),
    "capitals.txt": (b"THE NORTH SAID NO. THE SOUTH DID NOT SAY YES.", "too short"),
    "marks.txt": (b'" ' * 100, "no words"),
    # other formats
    "data.json": (json.dumps({"article": ENGLISH}).encode(), "JSON"),
    "list.txt": (json.dumps([ENGLISH]).encode(), "JSON"),
    "feed.xml": (FEED, "XML"),
    "picture.txt": (png(), "an image"),
    "photo.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(100), "an image"),
    "archive.zip": (zipped(), "zip archive"),
    "letter.docx": (zipped("word/document.xml"), "office document"),
    "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "office document"),
    "rich.rtf": (b"{\\rtf1 " + ENGLISH.encode("cp1252", "replace") + b"}", "rich text"),
    "packed.txt.gz": (gzip.compress(ENGLISH.encode()), "compressed"),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20, "binary"),
    "noise.bin": (bytes((i * i * 31 + i // 7) % 255 + 1 for i in range(20_000)), "binary|English|damaged"),
    # PDF
    "garbage.pdf": (b"%PDF-1.7\n" + b"garbage " * 30, "damaged"),
    "cut.pdf": (pdf(ENGLISH.splitlines())[:300], "damaged|no text"),
    "not-a.pdf": (ENGLISH.encode(), "damaged"),
    "scan.pdf": (pdf([]), "a scan"),
    "locked.pdf": (pdf(ENGLISH.splitlines(), "secret"), "encrypted"),
    "2000-pages.pdf": (pdf_of(b"", 2000), "a scan"),
    "bomb.pdf": (pdf_of(b" " * 100_000_000), "no text|damaged|memory"),
}


def moved(to):
    return 302, {"Location": to}, b""


PACKED = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
ANSWERS = {
    "/page": (200, {"Content-Type": "text/html"}, PAGE.encode()),
    "/404": (404, {}, b"not here"),
    "/500": (500, {}, b""),
    "/empty": (200, {"Content-Type": "text/html"}, b""),
    "/round": moved("/round"),
    "/to-file": moved("file:///etc/hostname"),
    "/to-ftp": moved("ftp://127.0.0.1/a"),
    "/to-script": moved("javascript:alert(1)"),
    "/image": (200, {"Content-Type": "image/png"}, png()),
    "/film": (200, {"Content-Type": "video/mp4"}, bytes(100)),
    "/hidden-image": (200, {"Content-Type": "text/html"}, png()),
    "/json": (200, {"Content-Type": "application/json"}, json.dumps({"a": ENGLISH}).encode()),
    "/feed": (200, {"Content-Type": "application/xml"}, FEED),
    "/bomb": (200, PACKED, gzip.compress(bytes(30_000_000))),
    "/no-gzip": (200, PACKED, PAGE.encode()),
    "/cut": (200, {"Content-Type": "text/html", "Content-Length": "100000"}, PAGE.encode()),
    "/large": (200, {"Content-Type": "text/plain"}, b"The North. " * 1_000_000),
    "/german": (200, {"Content-Type": "text/plain; charset=latin-1"}, GERMAN.encode("latin-1")),
    "/packed": (200, PACKED, gzip.compress(PAGE.encode())),
    "/as-text": (200, {"Content-Type": "text/plain"}, PAGE.encode()),
    "/octets": (200, {"Content-Type": "application/octet-stream"}, ENGLISH.encode("utf-16")),
}  # fmt: skip


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/inward":
            answer = moved(f"http://127.0.0.1:{self.server.server_port}/page")
        elif self.path == "/nonsense":
            self.wfile.write(b"nonsense\r\n\r\n")
            return
        else:
            answer = ANSWERS.get(self.path, (200, {}, b""))
        code, headers, body = answer
        if self.path in ("/drip", "/drip-head"):
            self.drip()
            return
        if self.path == "/silent":
            time.sleep(1.5)
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self):
        """A byte now and then, without end."""
        start = b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if self.path == "/drip" else b"X-Endless: ")
        self.wfile.write(start)
        for _ in range(200):
            self.wfile.write(b"x")
            time.sleep(0.05)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a reader that hangs up is what some of the tests are about


def serve():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
