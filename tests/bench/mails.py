#!/usr/bin/env python3
"""A seeded inbox: the mails that agencies on Outlook would send in a year.

The same count and seed give the same bytes, whatever the day or host. Two in
three carry one of the shipped forms, the third is a few lines of free text.
Sizes are those of a real inbox: 84 % have a plain and an HTML body of 4 to
15 kB together; 6 % a CSV, 6 % an XLSX and 4 % a DOCX of 20 to 200 kB besides;
each 2,500th a file of 5 to 20 MB. Every mail earns one answer.

    mails.py [-n COUNT] [--seed N] FOLDER     # one file a mail, and index.tsv
"""

import argparse
import base64
import csv
import hashlib
import html
import io
import os
import quopri
import random
import shutil
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import house

AGENCIES = 2000
BIG_EVERY = 2500
FORMS = ("section-11", "training-return", "performance-return", "audit-return")
ROUNDS = {"S11-2026": "section-11", "MA-2026": "audit-return"}
QUARTERS = [f"{year}-Q{n}" for year in range(2015, 2025) for n in (1, 2, 3, 4)]
WORDS = ("the policy has been reviewed with our board and partners this quarter we will share what staff have told us about"
         " supervision training attendance records visits neglect early help referrals schools health housing transport café"
         " naïve Zoë’s report plan chair minutes conference induction volunteers audit sample").split()
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "bin": "application/octet-stream"}


def register(folder, agencies=AGENCIES):
    """The example partnership with so many agencies more, two people in each."""
    shutil.copytree(house.REGISTER, folder)
    with open(os.path.join(folder, "agencies.csv"), "a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([f"B{n:04}", f"Agency number {n}", "VCS", "", f"b{n}.example", "", "2020-01-01"]
                                   + [""] * 6 for n in range(agencies))
    with open(os.path.join(folder, "contacts.csv"), "a", encoding="utf-8", newline="") as file:
        for n in range(agencies):
            csv.writer(file).writerows([[f"lead@b{n}.example", f"Lead {n}", f"B{n:04}", "lead"] + [""] * 6,
                                        [f"boss@b{n}.example", f"Boss {n}", f"B{n:04}", "executive"] + [""] * 6])


class Writer:
    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.noise = self.dice.randbytes(1 << 18)

    def words(self, low, high):
        return " ".join(self.dice.choices(WORDS, k=self.dice.randint(low, high)))

    def hex(self, digits):
        return f"{self.dice.getrandbits(4 * digits):0{digits}x}"

    def junk(self, size):
        """Bytes that no compression makes smaller."""
        out = bytearray()
        while len(out) < size:
            start = self.dice.randrange(len(self.noise) - 65536)
            out += self.noise[start:start + min(65536, size - len(out))]
        return bytes(out)

    # The forms ----------------------------------------------------------------

    def section_11(self, agency, _):
        lines = ["Form: section-11", "Round: S11-2026", f"Completed by: Lead {agency}", "Role: Safeguarding lead",
                 f"Board lead: Boss {agency}", f"Sign off by: boss@b{agency}.example",
                 f"Staff in scope: {self.dice.randint(20, 9000)}"]
        for row in range(1, 9):
            score = self.dice.choice(("3", "2", "2", "1", "0", "NA"))
            lines += [f"== {row} ==", f"Score: {score}"]
            if score in "32":
                lines += ["Evidence: " + self.words(5, 20)] + (["Impact: " + self.words(5, 12)] if score == "3" else [])
            elif score == "NA":
                lines.append("NA reason: " + self.words(4, 9))
            else:
                lines += ["Gap: " + self.words(4, 12), "Action: " + self.words(4, 12),
                          f"Due: {self.dice.randint(1, 28):02}/0{self.dice.randint(4, 9)}/2026"]
        return lines

    def training_return(self, agency, turn):
        lines = ["Form: training-return", f"Period: {QUARTERS[turn % len(QUARTERS)]}", f"Completed by: Lead {agency}",
                 "Places booked: 120", f"Places attended: {self.dice.randint(20, 120)}"]
        for row in ("induction", "1", "2", "3", "4", "5"):
            scope = self.dice.randint(10, 4000)
            lines += [f"== {row} ==", f"In scope: {scope}", f"In date: {self.dice.randint(5, scope)}"]
        return lines

    def performance_return(self, agency, turn):
        lines = ["Form: performance-return", f"Period: {QUARTERS[turn % len(QUARTERS)]}", f"Validated by: Lead {agency}",
                 "Commentary: " + self.words(6, 30)]
        for name in ("Contacts decided in 24 hours", "Missing episodes with a return interview", "Visits in time"):
            of = self.dice.randint(10, 2000)
            lines += [f"== {name} ==", f"Numerator: {self.dice.randint(1, of)}", f"Denominator: {of}", "Status: final"]
        return lines

    def audit_return(self, agency, turn):
        lines = ["Form: audit-return", "Round: MA-2026", "Theme: Neglect in early years", f"Cohort code: C{turn}",
                 f"Auditor: Lead {agency}", "Audited on: 12/02/2026", "Overall: Good"]
        for row in ("Was the child seen alone?", "Were plans reviewed in time?"):
            lines += [f"== {row} ==", "Grade: Good", "Worked well: " + self.words(4, 14),
                      "To develop: " + self.words(4, 14), "Voice: partly", "Oversight: yes"]
        return lines

    def body(self, n, agency):
        turn = n // AGENCIES
        letter = [self.words(8, 25) for _ in range(self.dice.randint(1, 5))]
        if n % 3 == 2:
            return letter + ["", "Regards", f"Lead {agency}"]
        # Each agency sends each form in turn, section-11 once.
        kind = FORMS[(agency + turn) % len(FORMS)]
        if kind == "section-11" and turn >= len(FORMS):
            kind = "training-return"
        form = getattr(self, kind.replace("-", "_"))(agency, turn)
        return form + ["--- end of form ---", ""] + letter

    # Files --------------------------------------------------------------------

    def csv(self, size):
        """A sheet of theirs, which is no form."""
        rows = ["Ward;Opened;Closed;Open days;Remark"]
        total = 0
        while total < size:
            rows.append(f"W{self.dice.randint(1, 90)};2026-0{self.dice.randint(1, 9)}-1{self.dice.randint(0, 9)};;"
                        f"{self.dice.randint(0, 400)};{self.words(3, 6)}")
            total += len(rows[-1]) + 2
        return "\r\n".join(rows).encode() + b"\r\n"

    @staticmethod
    def zipped(members):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, data in members:
                info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
                archive.writestr(info, data)
        return out.getvalue()

    def xlsx(self, size):
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        package = "http://schemas.openxmlformats.org/package/2006/"
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        rows = "".join(f'<row r="{row}">' + "".join(f'<c r="{column}{row}"><v>{self.dice.randrange(9999)}</v></c>'
                                                    for column in "ABCDEF") + "</row>"
                       for row in range(1, self.dice.randint(40, 300)))
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
        relation = (f'<Relationships xmlns="{package}relationships"><Relationship Id="rId1" Type="{office}/%s"'
                    ' Target="%s"/></Relationships>')
        return self.zipped([
            ("[Content_Types].xml", f'<Types xmlns="{package}content-types"><Default Extension="rels" ContentType='
             '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="png" ContentType="image/png"/>'
             f'<Override PartName="/xl/workbook.xml" ContentType="{kind}sheet.main+xml"/>'
             f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}worksheet+xml"/></Types>'),
            ("_rels/.rels", relation % ("officeDocument", "xl/workbook.xml")),
            ("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Wards" sheetId="1"'
             ' r:id="rId1"/></sheets></workbook>'),
            ("xl/_rels/workbook.xml.rels", relation % ("worksheet", "worksheets/sheet1.xml")),
            ("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'),
            ("xl/media/image1.png", self.junk(size))])

    def docx(self, size):
        text = "".join(f"<w:p><w:r><w:t>{self.words(10, 40)}</w:t></w:r></w:p>" for _ in range(40))
        return self.zipped([
            ("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
            ("word/document.xml", '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
             f"<w:body>{text}</w:body></w:document>"),
            ("word/media/image1.png", self.junk(size))])

    # The mail -----------------------------------------------------------------

    def signature(self, size):
        text = base64.b64encode(self.junk(size)).decode()
        return "\r\n ".join(text[at:at + 72] for at in range(0, len(text), 72))

    def head(self, n, agency):
        """What a mail carries that has crossed Exchange Online and our server."""
        domain = f"b{agency}.example"
        minute = n % 1440
        date = f"{WEEKDAYS[n // 1440 % 7]}, {2 + n // 1440 % 20:02} Feb 2026 {minute // 60:02}:{minute % 60:02}:07 +0000"
        servers = [f"PR{self.dice.randint(1, 9)}P{self.hex(4)}.prod.outlook.example" for _ in range(6)]
        lines = [f"Authentication-Results: {house.AUTHSERV};\r\n\tspf=pass smtp.mailfrom={domain};\r\n"
                 f"\tdkim=pass header.d={domain};\r\n\tdmarc=pass header.from={domain}"]
        for one, other in zip(servers, servers[1:]):
            lines.append(f"Received: from {one} (2001:db8:{self.hex(3)}::{self.hex(2)})\r\n by {other} with HTTPS; {date}")
        for name in ("ARC-Seal", "ARC-Message-Signature", "DKIM-Signature"):
            lines.append(f"{name}: i=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=selector1;\r\n"
                         f" h=From:Date:Subject:Message-ID;\r\n b={self.signature(256)}")
        subject = f"Our return {n:06}, {self.words(1, 4)}"
        if not subject.isascii():
            subject = f"=?utf-8?B?{base64.b64encode(subject.encode()).decode()}?="
        return lines + [
            f"From: Lead {agency} <lead@{domain}>", f"To: LSCP <{house.ADDRESS}>", f"Subject: {subject}",
            f"Thread-Topic: {subject}", f"Thread-Index: {self.signature(22)}", f"Date: {date}",
            f"Message-ID:\r\n <{servers[0][:10]}{self.hex(20)}.{n}@{servers[0]}>",
            "Accept-Language: en-GB, en-US", "Content-Language: en-GB", "X-MS-Has-Attach:", "X-MS-TNEF-Correlator:",
            f"x-ms-publictraffictype: Email\r\nx-ms-office365-filtering-correlation-id: {self.hex(32)}",
            f"x-microsoft-antispam-message-info:\r\n {self.signature(600)}", "MIME-Version: 1.0"]

    @staticmethod
    def text_part(kind, text, in_base64):
        data = text.replace("\n", "\r\n").encode()
        if in_base64:
            data = base64.encodebytes(data)
        else:
            data = quopri.encodestring(data)
        head = (f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: '
                + ("base64" if in_base64 else "quoted-printable") + "\r\n\r\n")
        return head.encode() + data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"

    @staticmethod
    def multipart(subtype, mark, parts):
        return (f'Content-Type: multipart/{subtype};\r\n\tboundary="{mark}"\r\n\r\n'.encode()
                + b"".join(b"--" + mark.encode() + b"\r\n" + part for part in parts) + b"--" + mark.encode() + b"--\r\n")

    def bodies(self, n, agency):
        lines = self.body(n, agency)
        rich = "".join(f'<p class="MsoNormal">{html.escape(line) or "&nbsp;"}<o:p></o:p></p>\n' for line in lines)
        page = ('<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>\n'
                '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n<style><!--\n'
                "@font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}\n"
                'p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;}\n'
                f'--></style></head>\n<body lang="EN-GB"><div class="WordSection1">\n{rich}</div></body></html>\n')
        in_base64 = n % 4 == 0
        return self.multipart("alternative", "_000_" + self.hex(24), [
            self.text_part("plain", "\n".join(lines) + "\n", in_base64), self.text_part("html", page, in_base64)])

    def file(self, n, is_big):
        what = self.dice.random()
        size = self.dice.randint(5_000_000, 20_000_000) if is_big else self.dice.randint(20_000, 190_000)
        if not is_big and what < 0.84:
            return None
        kind = "docx" if is_big or what >= 0.96 else "csv" if what < 0.90 else "xlsx"
        return f"figures-{n}.{kind}", kind, getattr(self, kind)(size)

    def mail(self, n, is_big=False):
        """(bytes, [SHA-256 of each attached file]) of mail number n."""
        agency = n % AGENCIES
        head = "\r\n".join(self.head(n, agency)).encode() + b"\r\n"
        bodies, file = self.bodies(n, agency), self.file(n, is_big)
        if file is None:
            return head + bodies, []
        name, kind, data = file
        part = (f'Content-Type: {TYPES[kind]};\r\n\tname="{name}"\r\nContent-Description: {name}\r\n'
                f'Content-Disposition: attachment; filename="{name}"; size={len(data)}\r\n'
                "Content-Transfer-Encoding: base64\r\n\r\n").encode()
        part += base64.encodebytes(data).replace(b"\n", b"\r\n")
        return head + self.multipart("mixed", "_004_" + self.hex(24), [bodies, part]), [hashlib.sha256(data).hexdigest()]


def mails(count, seed=1, big_every=BIG_EVERY):
    writer = Writer(seed)
    for n in range(count):
        yield writer.mail(n, big_every > 0 and n % big_every == big_every // 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folder")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    sizes = []
    with open(os.path.join(options.folder, "index.tsv"), "w", encoding="ascii") as index:
        for n, (data, files) in enumerate(mails(options.n, options.seed)):
            with open(os.path.join(options.folder, f"{n:06}"), "wb") as file:
                file.write(data)
            print(n, hashlib.sha256(data).hexdigest(), *files, sep="\t", file=index)
            sizes.append(len(data))
    sizes.sort()
    print(f"{len(sizes)} mails, mean {sum(sizes) // len(sizes)}, median {sizes[len(sizes) // 2]},"
          f" 90 % {sizes[len(sizes) * 9 // 10]}, largest {sizes[-1]} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
