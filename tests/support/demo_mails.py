"""The sample mails of `make run`: who writes what in the demo."""

import os

import house
import mailkit

SENT = "2026-02-24T10:40:00Z"
PEOPLE = house.contacts()


def fixture(name):
    with open(os.path.join(house.REPO, "tests", "fixtures", name), encoding="utf-8") as file:
        return file.read()


def mail(sender, subject, text=None, html=None, name=None, now=SENT, **more):
    draft = mailkit.Draft(sender, now)
    draft.subject, draft.text, draft.html = subject, text, html
    draft.name = name or PEOPLE.get(sender, {}).get("name", "")
    mail.count += 1
    draft.message_id = f"<demo.{mail.count}@{sender.split('@')[1]}>"
    for key, value in more.items():
        setattr(draft, key, value)
    return draft


mail.count = 0


def in_outlook(text):
    """The text as Outlook writes it: HTML alone, a paragraph a line."""
    return ('<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="utf-8"></head>'
            f'<body lang="EN-GB"><div class="WordSection1">{mailkit.paragraphs(text.strip(), "MsoNormal")}'
            "</div></body></html>")


def replaced(text, *pairs):
    for old, new in pairs:
        text = text.replace(old, new, 1)
    return text


TRAINING_CSV = """levels,in_scope,in_date,percent,note
induction,80,78,,
1,400,380,95,
2,300,285,,
3,150,120,,Two trainers left in the autumn
4,12,12,,
5,2,2,,
"""


def first_post():
    """What lies in the inbox in the morning: (what it shows, Draft)."""
    section_11 = fixture("section-11.txt")
    yield "a Section 11 return, typed", mail("amara.okafor@northbank.example", "Our Section 11 return", section_11)
    yield "an audit return, typed", mail("ben.tate@northbank.example", "Neglect audit", fixture("audit-return.txt"))
    yield "three actions of a review", mail("priya.nair@fscp.example", "Actions from the rapid review",
                                            fixture("review-action.txt"))
    yield "a training return, as CSV", mail(
        "paul.young@fmht.example", "Training figures",
        "Form: training-return\nRound: TR-2026\nPeriod: 2024-25\nCompleted by: Paul Young\n",
        attachments=[("levels.csv", "text/csv", TRAINING_CSV.replace("\n", "\r\n").encode())])
    yield "a performance return, from Outlook", mail(
        "dan.reyes@fairbourne.example", "Q3 figures", html=in_outlook(fixture("performance-return.txt")))
    yield "a Section 11 return with two slips", mail(
        "josie.adeyemi@fairbourne-fire.example", "Section 11, Fire and Rescue",
        replaced(section_11, ("Amara Okafor", "Josie Adeyemi"), ("Named Nurse", "Community Safety Lead"),
                 ("helen.marsh@northbank.example", "mark.stone@fairbourne-fire.example"),
                 ("ben.tate@northbank.example", "josie.adeyemi@fairbourne-fire.example"),
                 ("Score: 0", "Score: Mostly"), ("30/06/2026", "31/06/2026")))
    yield "a training return that does not add up", mail(
        "owen.price@riverside-ambulance.example", "Training return",
        replaced(fixture("training-return.txt"), ("Laura Carver", "Owen Price"), ("2025-26", "2024-25"),
                 ("In date: 78", "In date: 87"), ("Places attended: 104", "Places attended: 140")))
    yield "a performance return with a gap", mail(
        "colin.moss@fairbourne-police.example", "Q3 figures",
        replaced(fixture("performance-return.txt"), ("Dan Reyes", "Colin Moss"), ("Denominator: 41", "Denominator: 0"),
                 ("Reason: The police system is being replaced", "Comment: new system")))
    yield "an automatic reply", mail(
        "vera.lind@orchard-trust.example", "Automatic reply: Section 11",
        "I am out of the office until 6 March 2026.", headers=[("Auto-Submitted", "auto-replied")])
    yield "a sender whom nobody knows", mail("jo.public@elsewhere.example", "Who do I send this to?",
                                             "Hello, can somebody tell me about the meeting?", name="Jo Public")
    yield "an attachment that cannot be read", mail(
        "jaya.patel@fairbourne-icb.example", "Our return", "Please find our return attached.",
        attachments=[("Section 11 ICB.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                      b"PK\x03\x04 not really a workbook")])
    yield "a note with an NHS number", mail(
        "nina.cole@hillside-housing.example", "A family we are helping",
        "Could you look at this one? The NHS number is 485 777 3457.")




def bounce(letter):
    """The delivery report of a mail of ours that nobody could take."""
    text = (f"Return-Path: <>\nReceived: from mail.fairbourne-probation.example by {house.AUTHSERV};"
            " Tue, 24 Feb 2026 10:00:00 +0000\n"
            "From: Mail Delivery System <MAILER-DAEMON@mail.fairbourne-probation.example>\n"
            f"To: {house.ADDRESS}\nSubject: Undelivered Mail Returned to Sender\n"
            "Date: Tue, 24 Feb 2026 10:00:00 +0000\nMessage-ID: <bounce.1@mail.fairbourne-probation.example>\n"
            "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="B1"\n\n'
            "--B1\nContent-Type: text/plain\n\nYour message could not be delivered.\n\n"
            "--B1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.fairbourne-probation.example\n\n"
            f"Final-Recipient: rfc822; {letter.to}\nAction: failed\nStatus: 5.1.1\n\n"
            f"--B1\nContent-Type: text/rfc822-headers\n\nMessage-ID: {letter.message_id}\nSubject: {letter.subject}\n\n"
            "--B1--\n")
    return text.replace("\n", "\r\n").encode()
