"""Mails as people's programs write them, and ours as people read them.

compose() builds a mail from its parts; reply() answers one of ours the way a
given program does, with the quoted form filled in; Letter reads one of ours.
"""

import base64
import email
import email.policy
import html
import quopri
import re
import textwrap
from email.header import Header
from email.utils import format_datetime, formataddr
from datetime import datetime, timezone

import house


def instant(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


def squeeze(text):
    """For comparisons that wrapping, tables and tags must not change."""
    return re.sub(r"[\s\u00a0]+", "", text)


def html_to_text(source):
    source = re.sub(r"(?is)<(style|script|head)\b.*?</\1>", " ", source)
    source = re.sub(r"(?s)<!--.*?-->", " ", source)
    return html.unescape(re.sub(r"(?s)<[^>]*>", "", source))


# Mails that come in ----------------------------------------------------------

def authentication(kind, address, authserv=house.AUTHSERV):
    """The header that the partnership's own server would have put on top."""
    domain = address.rsplit("@", 1)[-1].strip("> ")
    if kind == "pass":
        return (f"Authentication-Results: {authserv};\r\n\tspf=pass smtp.mailfrom={domain};\r\n"
                f"\tdkim=pass header.d={domain};\r\n\tdmarc=pass header.from={domain}\r\n")
    if kind == "fail":
        return (f"Authentication-Results: {authserv};\r\n\tspf=fail smtp.mailfrom={domain};\r\n"
                f"\tdkim=none;\r\n\tdmarc=fail (p=reject) header.from={domain}\r\n")
    if kind == "m365":
        return (f"Authentication-Results: spf=pass (sender IP is 192.0.2.7)\r\n"
                f" smtp.mailfrom={domain}; dkim=pass (signature was verified)\r\n"
                f" header.d={domain};dmarc=pass action=none header.from={domain};compauth=pass\r\n"
                " reason=100\r\n")
    if kind == "m365-internal":
        return "X-MS-Exchange-Organization-AuthAs: Internal\r\n"
    return ""


def received(kind, address):
    domain = address.rsplit("@", 1)[-1].strip("> ")
    if kind in ("m365", "m365-internal"):
        return ("Received: from AM0PR01MB0001.eurprd01.prod.exchangelabs.com (2603:10a6:208::1) by\r\n"
                " LO2P123MB0001.GBRP123.PROD.OUTLOOK.COM with HTTPS; Mon, 2 Feb 2026 09:00:00 +0000\r\n")
    return (f"Received: from mail.{domain} (mail.{domain} [192.0.2.7])\r\n"
            f"\tby {house.AUTHSERV} with ESMTPS id 4F1; Mon, 2 Feb 2026 09:00:00 +0000\r\n")


class Draft:
    """A mail being written; fields are plain and may be set freely."""

    def __init__(self, sender, now):
        self.sender, self.now = sender, now
        self.name = ""
        self.to = house.ADDRESS
        self.subject = ""
        self.message_id = ""
        self.text = None
        self.html = None
        self.headers = []      # (name, value), added as they are
        self.attachments = []  # (file name, media type, bytes)
        self.auth = "pass"
        self.charset = "utf-8"
        self.encoding = None   # 7bit, 8bit, quoted-printable, base64
        self.eol = "crlf"

    def text_part(self, text, subtype):
        data = text.encode(self.charset)
        encoding = self.encoding or ("7bit" if data.isascii() else "quoted-printable")
        head = (f'Content-Type: text/{subtype}; charset="{self.charset}"\n'
                f"Content-Transfer-Encoding: {encoding}\n\n")
        if encoding == "base64":
            data = base64.encodebytes(text.replace("\n", "\r\n").encode(self.charset))
        elif encoding == "quoted-printable":
            data = quopri.encodestring(data)
        return head.encode() + data

    def file_part(self, name, kind, data):
        head = (f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
                f'Content-Disposition: attachment; filename="{name}"\n\n')
        return head.encode() + base64.encodebytes(data)

    @staticmethod
    def multipart(subtype, parts):
        mark = f"=_{subtype}_1"
        data = f'Content-Type: multipart/{subtype}; boundary="{mark}"\n\n'.encode()
        for part in parts:
            data += f"--{mark}\n".encode() + part.rstrip(b"\n") + b"\n\n"
        return data + f"--{mark}--\n".encode()

    def bytes(self):
        bodies = []
        if self.text is not None or self.html is None:
            bodies.append(self.text_part((self.text or "").rstrip("\n") + "\n", "plain"))
        if self.html is not None:
            bodies.append(self.text_part(self.html, "html"))
        root = bodies[0] if len(bodies) == 1 else self.multipart("alternative", bodies)
        if self.attachments:
            root = self.multipart("mixed", [root] + [self.file_part(*one) for one in self.attachments])
        given = {name.lower() for name, _ in self.headers}
        lines = [("From", formataddr((self.name, self.sender))), ("To", self.to),
                 ("Subject", Header(self.subject, "utf-8").encode() if not self.subject.isascii()
                  else self.subject), ("Date", format_datetime(instant(self.now))),
                 ("Message-ID", self.message_id)]
        head = authentication(self.auth, self.sender) + received(self.auth, self.sender)
        for name, value in lines:
            if value and name.lower() not in given:
                head += f"{name}: {value}\n"
        for name, value in self.headers:
            if value:
                head += f"{name}: {value}\n"
        data = (head + "MIME-Version: 1.0\n").encode("utf-8", "surrogateescape") + root
        data = data.replace(b"\r\n", b"\n")
        return data if self.eol == "lf" else data.replace(b"\n", b"\r\n")


# Ours, as read ---------------------------------------------------------------

class Letter:
    """One mail of ours from the outbox Maildir."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self.data = file.read()
        self.message = email.message_from_bytes(self.data, policy=email.policy.default)
        self.kind = self["X-LSCPD-Kind"]
        self.to = self["Delivered-To"].strip("<> ").lower()
        self.subject = " ".join(self["Subject"].split())
        self.message_id = self["Message-ID"].strip()
        self.text, self.html, self.attachments = "", "", []
        for part in self.message.walk():
            if part.is_multipart():
                continue
            if part.get_filename():
                self.attachments.append((part.get_filename(), part.get_payload(decode=True)))
            elif part.get_content_type() == "text/plain":
                self.text = part.get_content().replace("\r\n", "\n")
            elif part.get_content_type() == "text/html":
                self.html = part.get_content().replace("\r\n", "\n")

    def __getitem__(self, name):
        return str(self.message.get(name, ""))

    def describe(self):
        return f"{self.kind} to {self.to}: {self.subject}"


def is_answer(letter):
    return letter["Auto-Submitted"] == "auto-replied"


def faults(letter):
    """What breaks the promises that hold for every mail of ours."""
    wrong = []
    if b"\r\n" in letter.data and re.search(rb"(?<!\r)\n", letter.data):
        wrong.append("line ends are mixed")
    head = letter.data.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    if any(byte > 126 or (byte < 32 and byte not in (9, 10, 13)) for byte in letter.data):
        wrong.append("not 7-bit text")
    lines = head.split(b"\n")
    if not lines[0].startswith(b"Return-Path:") or not lines[1].startswith(b"Delivered-To:"):
        wrong.append("Return-Path and Delivered-To are not on top")
    names = [line.split(b":")[0].lower() for line in lines if line[:1] not in (b" ", b"\t")]
    for name in (b"message-id", b"date", b"from", b"to", b"subject", b"x-lscpd-kind",
                 b"x-lscpd-instance", b"auto-submitted", b"x-auto-response-suppress", b"mime-version"):
        if names.count(name) != 1:
            wrong.append(f"{name.decode()} stands there {names.count(name)} times")
    if not re.fullmatch(r"[0-9a-f]{16}", letter["X-LSCPD-Instance"]):
        wrong.append("X-LSCPD-Instance is not 16 hex digits")
    if not re.match(r"\[[^\]]+\] ", letter.subject):
        wrong.append("the subject does not begin with a tag")
    answers = letter.kind in ("receipt", "problems", "template", "confirm")
    suppress = letter["X-Auto-Response-Suppress"].replace(" ", "")
    if is_answer(letter):
        if letter["Return-Path"].strip() != "<>":
            wrong.append("an answer with an envelope sender")
        if suppress != "DR,RN,NRN,OOF,AutoReply":
            wrong.append("X-Auto-Response-Suppress of an answer")
    else:
        if answers:
            wrong.append(f"Auto-Submitted of kind {letter.kind}")
        if letter["Auto-Submitted"] != "auto-generated":
            wrong.append("Auto-Submitted is neither word")
        if suppress != "DR,RN,NRN,AutoReply":
            wrong.append("X-Auto-Response-Suppress of what we start")
        if letter["Return-Path"].strip("<> ") != house.ADDRESS:
            wrong.append("what we start lacks the envelope sender")
    kinds = [part.get_content_type() for part in letter.message.walk() if not part.is_multipart()]
    if kinds[:2] != ["text/plain", "text/html"]:
        wrong.append(f"parts are {kinds}")
    wide = [line for line in letter.text.split("\n") if len(line) > 72]
    if wide:
        wrong.append(f"wider than 72 columns: {wide[0]!r}")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", letter.text):
        wrong.append("control characters in the text")
    if re.search(r"(?i)<script|<iframe|<[^>]*(javascript:|\son[a-z]+\s*=)", letter.html):
        wrong.append("live HTML")
    if letter.kind in ("receipt", "problems", "request"):
        for mark in (r"(?m)^Ref: ", r"(?m)^Reply code: [0-9A-Z]{4}-[0-9A-Z]{4}"):
            if not re.search(mark, letter.text):
                wrong.append(f"no line like {mark}")
    for word in ("submission", "invalid", "parse", "BRAG", "SHA-256"):
        if letter.kind in ("receipt", "problems", "request") and re.search(rf"\b{word}\b", letter.text):
            wrong.append(f"a word of ours: {word}")
    return wrong


# Replies ---------------------------------------------------------------------

def fill_lines(lines, wanted):
    """Fill `label: value` pairs into the lines of a form, heading by heading."""
    lines, section = list(lines), None
    start = next((i for i, line in enumerate(lines) if line.lstrip("> ").startswith("--- form")), 0)
    for heading, label, value in wanted:
        at, section = start, None
        for index in range(start, len(lines)):
            bare = lines[index].lstrip("> ").strip()
            if bare.startswith("=="):
                section = bare.strip("= ").split("=")[0].strip()
            same_section = heading is None and section is None or heading is not None and \
                section is not None and (section.lower() + " ").startswith(heading.lower() + " ")
            if same_section and bare.lower().startswith(label.lower() + ":"):
                lines[index] = lines[index].rstrip() + " " + value
                break
        else:
            raise ValueError(f"no line to fill in for {heading or ''} {label!r}")
    return lines


def fill_html(source, wanted):
    """The same in the HTML part: the value is put right behind the colon."""
    start = max(source.find("--- form"), 0)
    for heading, label, value in wanted:
        at = start
        if heading is not None:
            found = re.search(rf"==\s*{re.escape(html.escape(heading))}\b", source[start:])
            if not found:
                raise ValueError(f"no heading {heading!r} in the HTML part")
            at = start + found.end()
        spot = source.find(html.escape(label, quote=False) + ":", at)
        if spot < 0:
            raise ValueError(f"no label {label!r} in the HTML part")
        spot += len(html.escape(label, quote=False)) + 1
        source = source[:spot] + " " + html.escape(value) + source[spot:]
    return source


def parse_fill(text):
    """`== 1 ==` lines and `Label: value` lines as (heading, label, value)."""
    heading, wanted = None, []
    for line in text.split("\n"):
        found = re.match(r"==\s*(.*?)\s*==", line.strip())
        if found:
            heading = found.group(1)
        elif line.strip():
            label, _, value = line.partition(":")
            wanted.append((heading, label.strip(), value.strip()))
    return wanted


def paragraphs(text, css):
    return "".join(f'<p class="{css}">{html.escape(line) or "&nbsp;"}</p>\r\n' for line in text.split("\n"))


def inner_html(source):
    found = re.search(r"(?is)<body[^>]*>(.*)</body>", source)
    return found.group(1) if found else source


STYLES = ("outlook", "outlook-html", "outlook-plain", "gmail", "iphone", "quoted", "top")


def reply(letter, draft, style, text="", fill=()):
    """Make `draft` the answer to `letter` that a mail program would write."""
    draft.subject = draft.subject or ("Re: " + letter.subject if style != "outlook" else "RE: " + letter.subject)
    draft.headers += [("In-Reply-To", letter.message_id), ("References", letter.message_id)]
    filled = fill_lines(letter.text.rstrip("\n").split("\n"), fill)
    when = instant(draft.now).strftime("%d %B %Y %H:%M")
    top = (f"From: LSCP <{house.ADDRESS}>\nSent: {when}\nTo: {draft.name} <{draft.sender}>\n"
           f"Subject: {letter.subject}\n")
    if style in ("outlook", "outlook-html"):
        block = "<br>".join(f"<b>{line.split(':')[0]}:</b>{html.escape(line.split(':', 1)[1])}"
                            for line in top.strip().split("\n"))
        draft.html = ('<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="utf-8">'
                      "<style><!-- p.MsoNormal {margin:0cm;} --></style></head><body lang=\"EN-GB\">"
                      f'<div class="WordSection1">{paragraphs(text, "MsoNormal")}<div>'
                      '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
                      f'<p class="MsoNormal">{block}</p></div></div>'
                      f"{fill_html(inner_html(letter.html), fill)}</div></body></html>")
        draft.text = None if style == "outlook-html" else f"{text}\n\n{'_' * 32}\n{top}\n" + "\n".join(filled)
    elif style == "outlook-plain":
        draft.text = f"{text}\n\n-----Original Message-----\n{top}\n" + "\n".join(filled) + "\n"
    elif style == "gmail":
        said = f"On {instant(draft.now).strftime('%a, %d %b %Y at %H:%M')}, LSCP <{house.ADDRESS}> wrote:"
        quoted = []
        for line in filled:
            quoted += ["> " + one for one in (textwrap.wrap(line, 74) or [""])]
        draft.text = f"{text}\n\n{said}\n\n" + "\n".join(quoted) + "\n"
        draft.html = (f'<div dir="ltr">{"<br>".join(html.escape(text).split(chr(10)))}</div><br>'
                      f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{html.escape(said)}<br></div>'
                      '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">'
                      f"{fill_html(inner_html(letter.html), fill)}</blockquote></div>")
    elif style == "iphone":
        said = f"On {instant(draft.now).strftime('%d %b %Y, at %H:%M')}, LSCP <{house.ADDRESS}> wrote:"
        draft.text = f"{text}\n\nSent from my iPhone\n\n> {said}\n> \n" + \
            "".join(f"> {line}\n" for line in filled)
    elif style == "quoted":
        draft.text = "LSCP wrote:\n" + "".join(f"> {line}\n" for line in filled) + "\n" + text + "\n"
    else:
        draft.text = text + "\n"
    return draft
