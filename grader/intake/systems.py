"""Finds the owner of a hand-in from the layout of a course system's export.

Checked against these sources: Moodle's `mod/assign/classes/downloader.php` (a folder or a prefix
"Full name_4711_assignsubmission_file", where 4711 belongs to the assignment), Canvas's
`lib/content_zipper.rb` ("lastfirst_LATE_user_attachment_name", "anon_x7Ab2", "_text.html"),
Gradescope's export with its `submission_metadata.yml`, import scripts for Blackboard
("Week 1_user_attempt_2026-11-20-23-59-00_name", and a .txt that names the person) and Brightspace
("12345-67890 - Name - Nov 20, 2026 1159 PM - name"), and GitHub Classroom ("slug-login").
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.intake.archives import (
    BLOCK,
    Budget,
    Unreadable,
    archive_kind,
    has_archive_name,
    members,
    stem_of,
)
from grader.intake.folder import Entry, Parts, zip_entries
from grader.intake.names import PROGRAM, fold, is_backup, is_litter, read_name
from grader.intake.roster import Register

MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<part>[a-z]+)"
    r"(?:_(?P<file>.*)|\.html?)?",
    re.DOTALL,
)
CANVAS = re.compile(
    r"(?P<name>.+?)_(?:LATE_)?(?P<number>\d+)_(?:\d+_(?P<file>.+)|(?P<text>(?:text|link)\.html))",
    re.DOTALL,
)
CANVAS_ANONYMOUS = re.compile(
    r"(?:LATE_)?anon_(?P<number>[A-Za-z0-9]+)_(?:LATE_)?"
    r"(?:\d+_(?P<file>.+)|(?P<text>(?:text|link)\.html))",
    re.DOTALL,
)
RESUBMITTED = re.compile(r"(?P<stem>.+?)(?P<turn>(?:-\d{1,3})+)(?P<ending>\.[^.]+)", re.DOTALL)
BLACKBOARD = re.compile(
    r"(?P<head>.+?)_attempt_(?P<turn>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)", re.DOTALL
)
BRIGHTSPACE = re.compile(
    r"(?P<number>\d+-\d+) ?- ?(?:(?P<id>[^-]*\d[^-]*) ?- ?)?(?P<name>.+?) ?- ?"
    r"(?P<turn>[^-]*\d{4}[^-]*?)(?: - (?P<file>.+))?",
    re.DOTALL,
)
GRADESCOPE = re.compile(r"submission_(?P<number>\d+)")
METADATA = "submission_metadata.yml"
MAX_METADATA = 64 * 2**20  # it holds the output of every autograder's run
MONTHS: Sequence[str] = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DATED = re.compile(r"([A-Za-z]{3})[a-z]* (\d{1,2}),? (\d{4}) (\d{1,2}?)[:.]?(\d\d)(?!\d) ?([AP]M)?")
INDEX = re.compile(r"index\.html?|.*\.(?:csv|xlsx?|ya?ml)|readme.*", re.IGNORECASE)
EXPORT = {"export", "exports", "submission", "submissions", "submitted", "download", "downloads"}
UNPACK = "Unpack it, and put the folder into DIR"
PACKED = f"is in an export whose archive cannot be read directly. {UNPACK}"
DEEPEST = 3  # folders around an export
SLUG = re.compile(r"week|project|assignment|homework|exercise|flaxlings|\blab|\bhw|\d")


@dataclass(frozen=True)
class Claim:
    """The owner that a hand-in names.

    Attributes:
      system: "moodle", "canvas" … or "plain".
      name: of the person, as written there.
      number: the system's number of the person or the hand-in; "" if there is none.
      is_person: True if the number is the person's in every export, not one assignment's.
      ids: usernames, email addresses and school numbers that also identify the person.
      file: the name that a file had before the system changed it, or "".
      turn: the greatest among several hand-ins of a person is the last.
      text: True for the online text of a hand-in.
      head: Blackboard's assignment and username, as written before the time.
    """

    system: str
    name: str
    number: str = ""
    is_person: bool = False
    ids: tuple[str, ...] = ()
    file: str = ""
    turn: tuple[int, ...] = ()
    text: bool = False
    head: str = ""


@dataclass(eq=False)
class HandIn:
    """What a person handed in at one place.

    Attributes:
      claims: the owners; several for a group on Gradescope.
      container: the export that contains it, or "" for DIR.
      depth: how many parts of a path name the place of the hand-in.
      files: its entries, each with the path in the hand-in, its turn, and whether it is an online
        text.
      problem: why none of it is accepted, or "".
    """

    claims: tuple[Claim, ...]
    container: str
    depth: int
    files: list[tuple[Entry, Parts, tuple[int, ...], bool]] = field(default_factory=list)
    problem: str = ""


@dataclass
class Layout:
    """The layout of DIR.

    Attributes:
      hand_ins: of all students.
      nobodys: entries that belong to no student, and why.
      ownerless: entries that may belong to any student who handed in nothing else.
      notes: sentences about them.
    """

    hand_ins: list[HandIn] = field(default_factory=list)
    nobodys: list[tuple[Entry, str]] = field(default_factory=list)
    ownerless: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_claim(name: str, is_folder: bool) -> Claim | None:
    """Reads the name of a file or folder in an export; None if it fits no system.

    A name begins with the system's part. The student may have chosen the rest, which may look like
    another system's, so the reading that ends first counts.
    """
    readings = []
    if (found := MOODLE.fullmatch(name)) and not (is_folder and found["file"]):
        shown, number = found["name"], found["number"] or ""
        text = found["part"] == "onlinetext"
        claim = Claim("moodle", shown, number, file=found["file"] or "", text=text)
        readings.append((found.end("part"), claim))
    if (found := BRIGHTSPACE.fullmatch(name)) and not (is_folder and found["file"]):
        ids = (found["id"].strip(),) if found["id"] else ()
        shown, number, file = found["name"].strip(), found["number"], found["file"] or ""
        if turn := _date(found["turn"]):
            claim = Claim("brightspace", shown, number, False, ids, file, turn)
            readings.append((found.end("turn"), claim))
    if is_folder and (found := GRADESCOPE.fullmatch(name)):
        readings.append((found.end(), Claim("gradescope", name, found["number"])))
    if not is_folder and (found := BLACKBOARD.fullmatch(name)):
        turn = tuple(int(part) for part in found["turn"].split("-"))
        head, file = found["head"], found["file"] or ""
        user = head.rpartition("_")[2]
        claim = Claim("blackboard", user, user, True, (user,), file, turn, not file, head)
        readings.append((found.end("turn"), claim))
    if not is_folder and (found := CANVAS_ANONYMOUS.fullmatch(name) or CANVAS.fullmatch(name)):
        number, text = found["number"], bool(found["text"])
        shown = found["name"] if "name" in found.re.groupindex else f"anon_{number}"
        file, turn = _without_turn(found["file"] or "")
        claim = Claim("canvas", shown, number, True, (), file, turn, text)
        readings.append((found.end("number"), claim))
    return min(readings, key=lambda reading: reading[0])[1] if readings else None


def _without_turn(name: str) -> tuple[str, tuple[int, ...]]:
    """Removes Canvas's number of a resubmission from a file's name: week1-1.py, homework-2.zip."""
    found = RESUBMITTED.fullmatch(name)
    if not found:
        return name, ()
    plain = found["stem"] + found["ending"]
    reads = read_name(plain).kind in ("week", "maybe")
    if (reads and read_name(name).kind not in ("week", "maybe")) or has_archive_name(plain):
        return plain, tuple(int(number) for number in found["turn"][1:].split("-"))
    return name, ()


def _date(text: str) -> tuple[int, ...]:
    """Reads "Nov 20, 2026 1159 PM" as a tuple that can be ordered; () if it is not a date."""
    found = DATED.search(text)
    if not found or found[1].lower() not in MONTHS:
        return ()
    hour, minute = int(found[4]), int(found[5])
    if found[6]:
        hour = hour % 12 + (12 if found[6] == "PM" else 0)
    return int(found[3]), MONTHS.index(found[1].lower()), int(found[2]), hour, minute


# Where the hand-ins are --------------------------------------------------------------------------


def lay_out(entries: Iterable[Entry], register: Register | None = None) -> Layout:
    """Finds the hand-ins of a class.

    Args:
      entries: everything in DIR.
      register: the people in the roster.

    Returns:
      The layout.
    """
    layout = Layout()
    register = register or Register(())
    top = _grouped(entries, 0)
    exports: dict[str, Layout] = {}
    plain = False
    for name, inside in list(top.items()):
        if inside[0].reason.endswith("of a hidden folder"):
            layout.ownerless.append(inside[0])
            layout.notes.append(
                f"{name} was ignored ({inside[0].reason}). If it is a student's, remove the dots "
                "from the front of its name."
            )
        if read_claim(name, _is_folder(inside, 0)) or _nobodys_reason(name, inside, 0):
            continue
        if _has_a_row(stem_of(name), register):
            plain |= _is_handed_in(name, inside)
        elif found := _as_exports(name, inside, register) or _packed_exports(inside, register):
            exports[name] = Layout()
            for export in found:
                container = "/".join(export.entries[0].path[: export.depth])
                inside = _grouped(export.entries, export.depth)
                _take(exports[name], inside, export.depth, container, register)
            if found[0].packed:
                note = f"{name} is an export whose archive cannot be read directly. {UNPACK}."
                _leave(exports[name], PACKED, note)
        elif _holds_several_people(name, inside):
            reason = "in no student's folder; put each file into a folder with the student's name"
            layout.nobodys += [(entry, reason) for entry in top.pop(name)]
            layout.ownerless.append(inside[0])
        else:
            plain |= _is_handed_in(name, inside)
    for name, export in list(exports.items()):
        claims = [claim for hand_in in export.hand_ins for claim in hand_in.claims]
        # Files such as lab_1_2_x.py would share one name, and files of one person one number.
        names = {claim.name for claim in claims}
        people = min(len(names), len({claim.number or claim.name for claim in claims}))
        known = {student for claim in claims if (student := who_is(claim, register))}
        if not plain or (people > 1 and 2 * len(known) >= people):
            continue
        if people < 2 and not register.names and not SLUG.search(fold(stem_of(name))):
            del exports[name]  # a student's own folder may look like an export
            continue
        _leave(
            export,
            f"is in {name}, which may be an export or a student's own folder, and was not used; "
            f"grade {name} alone, in a separate folder",
            f"{name} may be an export or a student's own folder, so it was not used. Grade it "
            "alone, in a separate folder, into the same OUT.",
        )
    others = {name: inside for name, inside in top.items() if name not in exports}
    _take(layout, others, 0, "", register)
    for export in exports.values():
        layout.hand_ins += export.hand_ins
        layout.nobodys += export.nobodys
        layout.notes += export.notes
    return layout


def _leave(export: Layout, problem: str, note: str) -> None:
    """Leaves an export out, so that the cells of the people it names stay empty."""
    for hand_in in export.hand_ins:
        hand_in.problem = hand_in.problem or problem
    export.notes.append(note)


def who_is(claim: Claim, register: Register) -> str:
    """Returns the student in the roster whom a claim names; "" if none, or if it is uncertain."""
    if claim.system == "github":  # people choose their own names there
        return register.with_login(claim.number)
    numbers = [*claim.ids, claim.number if claim.is_person else ""]
    return register.with_number(numbers) or _has_a_row(claim.name, register)


def _has_a_row(name: str, register: Register) -> str:
    return register.with_number([name]) or register.with_name(name) or register.with_spelling(name)


def _grouped(entries: Iterable[Entry], depth: int) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if len(entry.path) > depth:
            found.setdefault(entry.path[depth], []).append(entry)
    return found


def _is_folder(inside: list[Entry], depth: int) -> bool:
    return any(len(entry.path) > depth + 1 or entry.empty for entry in inside)


def _is_archive(name: str, inside: list[Entry], depth: int) -> bool:
    return not _is_folder(inside, depth) and has_archive_name(name)


def _is_program(name: str) -> bool:
    return PROGRAM.search(name.casefold()) is not None


def _is_handed_in(name: str, inside: list[Entry]) -> bool:
    """True for a folder or archive that may contain a week's program."""
    names = [entry.path[-1] for entry in inside if len(entry.path) > 1]
    return has_archive_name(name) or any(
        has_archive_name(each) or (_is_program(each) and read_name(each).week) for each in names
    )


def _holds_several_people(name: str, inside: list[Entry]) -> bool:
    """True for a folder named after a week with several files of one week side by side."""
    weeks = Counter(
        read_name(entry.path[1]).week
        for entry in inside
        if len(entry.path) == 2 and _is_program(entry.path[1])
    )
    del weeks[""]
    return _is_called_after_a_week(name) and max(weeks.values(), default=0) > 1


def _is_called_after_a_week(name: str) -> bool:
    words = set(re.findall(r"[a-z]+", fold(stem_of(name))))
    return bool(words & EXPORT) or read_name(f"{stem_of(name)}.py").kind == "week"


def _nobodys_reason(name: str, inside: list[Entry], depth: int) -> str:
    """Returns why an entry of DIR or of an export is no student's hand-in; "" if it may be one."""
    if inside[0].reason and not _is_folder(inside, depth):
        return inside[0].reason
    if is_litter(name) or name.startswith(".") or is_backup(name):
        return "left by a system or an editor"
    return ""


@dataclass(frozen=True)
class _Export:
    """An export.

    Attributes:
      entries: of its files.
      depth: how many parts of their paths come before the hand-in's name.
      claimed: True if names in it have a course system's form.
      packed: True if its files cannot be read inside their archive.
    """

    entries: list[Entry]
    depth: int
    claimed: bool
    packed: bool = False


def _as_exports(
    name: str, inside: list[Entry], register: Register, depth: int = 0
) -> list[_Export]:
    """Returns the exports in an entry; none if it is a student's hand-in."""
    if _is_archive(name, inside, depth):
        try:
            inside = zip_entries(inside[0]) if name.casefold().endswith(".zip") else []
        except (Unreadable, OSError):
            return []
    elif not _is_folder(inside, depth):
        return []
    below = {
        child: entries
        for child, entries in _grouped(inside, depth + 1).items()
        if not _nobodys_reason(child, entries, depth + 1)
    }
    folders = {child: entries for child, entries in below.items() if _is_folder(entries, depth + 1)}
    claims = [child for child in below if read_claim(child, child in folders)]
    # The instructor's loose notes and tables are neither.
    works = [
        child
        for child in below
        if child not in claims
        and (child in folders or has_archive_name(child) or _is_program(child))
    ]
    loose = any(child not in folders and _is_program(child) for child in works)
    own = {"exercises", "src", "code", "homework"} & {child.casefold() for child in works}
    several = len(claims) > 1 or (claims and SLUG.search(fold(stem_of(name))))
    if len(claims) > len(works) or (several and not loose and not own):
        return [_Export(inside, depth + 1, True)]
    if not works or claims:
        return []
    if all(_has_a_row(stem_of(child), register) for child in works):
        return [_Export(inside, depth + 1, True)]
    called = _is_called_after_a_week(name)
    if depth < DEEPEST and folders.keys() >= set(works):
        deeper = [_as_exports(child, folders[child], register, depth + 1) for child in works]
        inner = [export for exports in deeper for export in exports]
        claimed = all(deeper) and all(export.claimed for export in inner)
        if claimed or (len(works) == 1 and inner and (called or depth)):
            return inner
    slugs = read_slugs(folders, depth + 1)
    slugs = {child for child in slugs if read_name(f"{child}.py").kind != "week"}
    if not (called or 2 * len(slugs) > len(works)) or loose or own:
        return []
    if any(read_name(child).week for child in works if child not in slugs):
        return []
    return [_Export(inside, depth + 1, False)]


def _packed_exports(inside: list[Entry], register: Register) -> list[_Export]:
    """Returns the exports in an archive whose files cannot be read as those of a folder."""
    entry = inside[0]
    if entry.open is None or len(inside) > 1 or not has_archive_name(entry.path[-1]):
        return []
    found = []
    try:
        if entry.path[-1].casefold().endswith(".zip"):
            files = [each for each in zip_entries(entry) if not is_litter(each.path[-1])]
            if not all(
                has_archive_name(each.path[-1]) or INDEX.fullmatch(each.path[-1]) for each in files
            ):
                return []
        with entry.open() as file:
            kind = archive_kind(file.read(BLOCK), entry.path[-1])
            file.seek(0)
            for member in members(file, entry.path[-1], kind, Budget(), lambda path: 0):
                found.append(Entry((*entry.path, *member.path), entry.time))
    except (Unreadable, OSError):
        return []
    exports = _as_exports(entry.path[0], found, register) if found else []
    return [replace(export, packed=True) for export in exports if export.claimed]


def read_slugs(folders: Mapping[str, list[Entry]], depth: int) -> dict[str, tuple[str, str]]:
    """Finds GitHub Classroom's "slug-login" among names: several share the part before a hyphen.

    Args:
      folders: the entries of each folder.
      depth: how many parts of their paths come before the folder's name.

    Returns:
      The slug and the login, by the folder's name.
    """
    clones = {
        name
        for name, inside in folders.items()
        if any(".git" in entry.path[depth + 1 : depth + 3] for entry in inside)
    }
    left, found = [name for name in folders if "-" in name], {}
    while left:
        shared: Counter[str] = Counter()
        for name in left:
            pieces = name.split("-")
            shared.update("-".join(pieces[:end]) + "-" for end in range(1, len(pieces)))
        slug, count = max(shared.items(), key=lambda each: (each[1], len(each[0])))
        mine = [name for name in left if name.startswith(slug)]
        evident = SLUG.search(fold(slug)) or any(name in clones for name in mine)
        known = {login for _, login in found.values()}
        if not evident or (count < 2 and not known):
            break
        if count < 2:
            lonely = [name for name in left if any(name.endswith(f"-{each}") for each in known)]
            for name in lonely:
                login = max((x for x in known if name.endswith(f"-{x}")), key=len)
                found[name] = (name[: -len(login)], login)
            break
        found |= {name: (slug, name[len(slug) :]) for name in mine if name != slug}
        left = [name for name in left if not name.startswith(slug)]
    return found


def _lonely_clones(names: Iterable[str], register: Register) -> dict[str, tuple[str, str]]:
    """Finds "slug-login" among folders that share no slug, using the accounts in the roster."""
    found = {}
    for name in names:
        for hyphen in re.finditer("-", name):
            slug, login = name[: hyphen.end()], name[hyphen.end() :]
            evident = SLUG.search(fold(slug)) and not _has_a_row(name, register)
            if evident and register.with_login(login):
                found[name] = slug, login
                break
    return found


def _take(
    layout: Layout,
    top: Mapping[str, list[Entry]],
    depth: int,
    container: str,
    register: Register,
) -> None:
    """Adds the hand-ins at one place to the layout."""
    metadata = _metadata(top.get(METADATA, []))
    plain = {
        name: inside
        for name, inside in top.items()
        if _is_folder(inside, depth) and not read_claim(name, True)
    }
    slugs = read_slugs(plain, depth)
    lonely = _lonely_clones(plain.keys() - slugs.keys(), register)
    slugs |= lonely
    texts = _blackboard_texts(top)
    written = {head: user for (head, _), (_, user, _) in texts.items()}
    users = _blackboard_users(top, written, register)
    for name, inside in top.items():
        folder = _is_folder(inside, depth)
        claim = read_claim(name, folder)
        reason = _nobodys_reason(name, inside, depth)
        if claim is None and reason:
            layout.nobodys += [(entry, reason) for entry in inside]
            continue
        if claim is None and folder and name in slugs:
            login = slugs[name][1]
            if name in lonely:
                layout.notes.append(f"{name} counts as a clone by {login}, who is in the roster.")
            claims = (Claim("github", login, login, True, (login,)),)
        elif claim is None and (folder or has_archive_name(name)):
            claims = (Claim("plain", name if folder else stem_of(name), "", True),)
        elif claim is None:
            export = INDEX.fullmatch(name) is not None
            why = "part of the export" if export else "in no student's folder"
            layout.nobodys += [(entry, why) for entry in inside]
            continue
        elif claim.system == "gradescope":
            claims = metadata.get(name) or (claim,)
            if name not in metadata:
                layout.notes.append(f"{name} is not in {METADATA}, so its owner is not known.")
        elif claim.system == "blackboard":
            full, _, names = texts.get((claim.head, claim.turn), ("", "", {}))
            file, user = names.get(name, claim.file), users[claim.head]
            claims = (replace(claim, name=full or user, number=user, ids=(user,), file=file),)
        else:
            claims = (claim,)
        hand_in = HandIn(claims, container, depth + 1)
        first = claims[0]
        for entry in inside:
            inner = entry.path[depth + 1 :] or (first.file or entry.path[-1],)
            hand_in.files.append((entry, inner, first.turn, first.text))
        layout.hand_ins.append(hand_in)


def _blackboard_texts(
    top: Mapping[str, list[Entry]],
) -> dict[tuple[str, tuple[int, ...]], tuple[str, str, dict[str, str]]]:
    """Reads the name, the username and the files' original names from Blackboard's .txt files."""
    found = {}
    for name, inside in top.items():
        claim = read_claim(name, False)
        if not claim or claim.system != "blackboard" or not claim.text:
            continue
        text = _read(inside[0], 2**20)
        person = re.search(r"^Name:[ \t]*(.+?)[ \t]*\(([^()\n]*)\)[ \t]*$", text, re.MULTILINE)
        originals = re.findall(
            r"Original filename:[ \t]*([^\n]+?)\s*\n\s*Filename:[ \t]*([^\n]+?)\s*$",
            text,
            re.MULTILINE,
        )
        files = {mangled: original for original, mangled in originals}
        full, user = (person[1], person[2]) if person else ("", "")
        fits = user and claim.head.endswith(f"_{user}")
        found[claim.head, claim.turn] = (full, user, files) if fits else ("", "", files)
    return found


def _blackboard_users(
    top: Mapping[str, list[Entry]], written: Mapping[str, str], register: Register
) -> dict[str, str]:
    """Finds the usernames in "Week 1_a_smith", where either part may contain an underscore.

    Args:
      top: the entries at one place.
      written: some of the usernames, from the .txt files.
      register: the people in the roster.

    Returns:
      The username by the part of the name before the time.
    """
    claims = [read_claim(name, False) for name in top]
    heads = sorted({claim.head for claim in claims if claim and claim.system == "blackboard"})
    known = {head[: -len(user)] for head, user in written.items() if user}
    slugs = {head: [head[: each.end()] for each in re.finditer("_", head)] for head in heads}
    shared = Counter(slug for mine in slugs.values() for slug in mine)
    users = {}
    for head, mine in slugs.items():
        sure = [slug for slug in mine if slug in known]
        sure = sure or [slug for slug in mine if register.with_number([head[len(slug) :]])][:1]
        slug = max(sure or mine, key=lambda slug: (shared[slug], len(slug)), default="")
        users[head] = written.get(head) or head[len(slug) :]
    return users


def _metadata(entries: list[Entry]) -> dict[str, tuple[Claim, ...]]:
    """Reads the owner of each folder from Gradescope's submission_metadata.yml, line by line."""
    found: dict[str, list[dict[str, str]]] = {}
    folder, indent, inside = "", "", False
    for line in (_read(entries[0], MAX_METADATA) if entries else "").splitlines():
        if (top := re.match(r"([^\s:#-][^:]*):\s*$", line)) is not None:
            folder, indent, inside = top[1].strip("'\""), "", False
        elif (key := re.match(r"(\s+):(\w+):", line)) is not None and key[1] == (indent or key[1]):
            # The file also contains the output of the autograder, indented further.
            indent, inside = key[1], key[2] == "submitters" and folder not in found
        elif inside and (pair := re.match(r"\s*(- )?:?(name|sid|email): ?(.*)$", line)) is not None:
            people = found.setdefault(folder, [])
            if pair[1] or not people:
                people.append({})
            people[-1][pair[2]] = _scalar(pair[3])
    return {
        folder: tuple(
            Claim(
                "gradescope",
                person.get("name") or person.get("email") or folder,
                person.get("sid") or person.get("email") or "",
                bool(person.get("sid") or person.get("email")),
                tuple(person[key] for key in ("sid", "email") if person.get(key)),
            )
            for person in people
        )
        for folder, people in found.items()
    }


def _scalar(text: str) -> str:
    """Returns a scalar of YAML on one line."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    return "" if text in ("~", "null") else text


def _read(entry: Entry, limit: int) -> str:
    try:
        if entry.open is None:
            return ""
        with entry.open() as file:
            return file.read(limit).decode("utf-8-sig", "replace").replace("\r\n", "\n")
    except (Unreadable, OSError):
        return ""
