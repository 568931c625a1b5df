#!/usr/bin/env python3
"""Hostile files against the real lscpd-parser: each ends soon, small, and with
a verdict that gives the sender a sentence; and the parser lives on."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import hostile  # noqa: E402
import parserkit  # noqa: E402

CPU_SECONDS = 2.0
MEGABYTES = 128
GOOD = hostile.xlsx([hostile.sheet(hostile.ROW)])


def judge(record, want, reason):
    if record is None:
        return "no record was made"
    part = record["parts"][0]
    if part["verdict"] not in ((want,) if isinstance(want, str) else want):
        return f"verdict {part['verdict']} ({part['reason']}), not {want}"
    if reason not in part["reason"]:
        return f"reason {part['reason']!r} without {reason!r}"
    if part["verdict"] != "read" and any(table["part"] == 0 for table in record["tables"]):
        return "it was not read, and yet there is a table of it"
    return ""


def check(files, judge_record):
    """How it went wrong, the CPU it took, the most memory."""
    parser = parserkit.Parser()
    began = parser.cpu()
    try:
        record = parser.parse(parserkit.mail([(name, "application/octet-stream", data) for name, data in files]))
        why = judge_record(record)
        used, peak = parser.cpu() - began, parser.peak()
        after = parser.parse(parserkit.mail([("b.xlsx", "application/octet-stream", GOOD)]))
        if not why and after["parts"][0]["verdict"] != "read":
            why = "the next mail was not read"
    except parserkit.Died as died:
        return f"the parser died: {died}", 0, 0
    finally:
        parser.close()
    if not why and used > CPU_SECONDS:
        why = f"{used:.1f} s of CPU"
    if not why and peak > MEGABYTES:
        why = f"{peak:.0f} MB"
    return why, used, peak


def judge_mail(record, count):
    if record is None or len(record["parts"]) != count:
        return "no record was made of it"
    return ""


def cases():
    for label, name, data, want, reason in hostile.files():
        yield (f"{name.rsplit('.', 1)[1]}: {label}", [(name, data)],
               lambda record, want=want, reason=reason: judge(record, want, reason))
    for label, files in hostile.mails():
        yield f"mail: {label}", files, lambda record, count=len(files): judge_mail(record, count)


def main():
    words, bad, worst_cpu, worst_mb = sys.argv[1:], 0, (0, ""), (0, "")
    for label, files, judge_record in cases():
        if words and not any(word in label for word in words):
            continue
        why, used, peak = check(files, judge_record)
        worst_cpu, worst_mb = max(worst_cpu, (used, label)), max(worst_mb, (peak, label))
        bad += why != ""
        print(f"not ok {label}: {why}" if why else f"ok {label}", flush=True)
        if words:
            print(f"#   {used:.2f} s, {peak:.0f} MB, {sum(len(data) for _, data in files)} bytes")
    print(f"# most CPU: {worst_cpu[0]:.2f} s ({worst_cpu[1]}); most memory: {worst_mb[0]:.0f} MB ({worst_mb[1]})")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
