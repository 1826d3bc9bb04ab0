"""Decides which hand-ins belong to one person: by numbers or the roster, never by name alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.intake.roster import (
    COPY,
    Register,
    key_of,
    nfc,
    printable,
    spellings,
    student_name,
    told_apart,
)
from grader.intake.systems import Claim, HandIn

# Moodle's name for every student under anonymous marking.
ANYBODY = {"participant", "teilnehmer", "participante", "partecipante", "deelnemer", "deltager"}
ANYBODY |= {"teilnehmer in", "teilnehmer/in", "uczestnik", "deltagare", "osallistuja"}
LISTED = 10  # names in a sentence
COMPARED = 200  # hand-ins that match no row; with more, the roster is another class's


@dataclass(eq=False)
class Somebody:
    """A person, as far as the exports identify one.

    Attributes:
      claims: what the exports say about the person.
      hand_ins: the person's hand-ins.
      weeks: the weeks in the names of their files.
      name: in the gradebook.
      former: other names that an earlier run may have given them.
      doubts: hand-ins that may be theirs, and why they are not assigned to them.
    """

    claims: list[Claim] = field(default_factory=list)
    hand_ins: list[HandIn] = field(default_factory=list)
    weeks: set[str] = field(default_factory=set)
    name: str = ""
    former: set[str] = field(default_factory=set)
    doubts: list[tuple[HandIn, str]] = field(default_factory=list)

    @property
    def raw(self) -> str:
        """The name that an export gives."""
        return self.claims[0].name

    def take(self, other: Somebody) -> None:
        """Merges another person into this one."""
        self.claims += other.claims
        self.hand_ins += [each for each in other.hand_ins if each not in self.hand_ins]
        self.weeks |= other.weeks
        self.former |= other.former
        self.doubts += other.doubts


def find_people(
    hand_ins: Iterable[HandIn],
    weeks: Mapping[int, set[str]],
    register: Register,
    notes: list[str],
) -> list[Somebody]:
    """Finds the owners of the hand-ins.

    Args:
      hand_ins: all hand-ins of a class.
      weeks: the weeks for which each has a file, by `id(hand_in)`.
      register: the people in the roster.
      notes: receives sentences on people who could not be distinguished or matched.

    Returns:
      Everyone who handed in, and everyone in the roster, each with a unique name.
    """
    groups = _by_number(hand_ins, weeks)
    together = _by_name(groups)
    found, strangers = _in_roster(together, register)
    apart = Counter(s.raw for s in found if s.name not in register.names and s.name)
    for raw, count in apart.items():
        if count > 1 and key_of(raw) not in ANYBODY:
            numbers = [c.number for s in found if s.raw == raw for c in s.claims if c.number]
            notes.append(
                f"{count} hand-ins are by {student_name(raw)}, who may be one person or several. "
                "If it is one, list the numbers in `also` of a roster"
                f"{f': {_listed(list(dict.fromkeys(numbers)))}' if numbers else ''}."
            )
    present = {somebody.name for somebody in found if somebody.name}
    absent = [name for name in register.names if name not in present]
    if absent:
        lines = [f"{name} (line {register.names[name].line})" for name in absent]
        notes.append(f"These rows of the roster match no hand-in: {_listed(lines)}.")
    found += [Somebody(name=name) for name in absent]
    notes += _doubts(found, strangers, register) if register.names else _copies(found)
    _give_names(found)
    return found


def _by_number(hand_ins: Iterable[HandIn], weeks: Mapping[int, set[str]]) -> list[Somebody]:
    """Groups hand-ins that the systems themselves assign to one person, or to one hand-in."""
    found: dict[tuple[str, ...], Somebody] = {}
    for hand_in in hand_ins:
        for claim in hand_in.claims:
            if claim.is_person and claim.number:
                key = (claim.system, key_of(claim.number))
            elif claim.is_person:  # a folder in DIR, named by the instructor
                key = (claim.system, nfc(claim.name))
            else:
                key = (claim.system, nfc(claim.name), claim.number, hand_in.container)
                key = key if not claim.number else key[:3]
            somebody = found.setdefault(key, Somebody())
            somebody.claims.append(claim)
            if hand_in not in somebody.hand_ins:
                somebody.hand_ins.append(hand_in)
            somebody.weeks |= weeks[id(hand_in)]
    return list(found.values())


def _by_name(groups: list[Somebody]) -> list[Somebody]:
    """Joins hand-ins of one name from several exports, unless they may be two people's."""
    named: dict[tuple[str, str], list[Somebody]] = {}
    for somebody in groups:
        named.setdefault((somebody.claims[0].system, key_of(somebody.raw)), []).append(somebody)
    found: list[Somebody] = []
    for (_, name), same in named.items():
        if len(same) > 1 and _are_one(name, same):
            for other in same[1:]:
                same[0].take(other)
            same = same[:1]
        found += same
    counts = Counter(key_of(somebody.raw) for somebody in found)
    for somebody in found:
        number = next((claim.number for claim in somebody.claims if claim.number), "")
        if counts[key_of(somebody.raw)] > 1 and number:
            somebody.name = f"{somebody.raw}-{number}"
    return found


def _are_one(name: str, same: Sequence[Somebody]) -> bool:
    """True if a system's hand-ins of one name, from several exports, can be one person's."""
    if name in ANYBODY or any(claim.is_person for one in same for claim in one.claims):
        return False
    containers = Counter(
        container
        for somebody in same
        for container in {hand_in.container for hand_in in somebody.hand_ins}
    )
    if any(count > 1 and container for container, count in containers.items()):
        return False  # an export lists each person once
    weeks = [week for somebody in same for week in somebody.weeks]
    apart = len(containers) == len(same)
    return len(weeks) == len(set(weeks)) and (apart or all(one.weeks for one in same))


def _in_roster(groups: list[Somebody], register: Register) -> tuple[list[Somebody], list[Somebody]]:
    """Matches people to rows of the roster: first by a number, then by a name if it is unique.

    Returns:
      All people, and those among them without a certain match.
    """
    if not register.names:
        return groups, []
    tied: dict[str, list[Somebody]] = {}
    left = []
    for somebody in groups:
        student = _by_row_number(somebody, register)
        (tied.setdefault(student, []) if student else left).append(somebody)
    for find in (register.with_name, register.with_spelling):
        meant = {id(s): find(s.raw) for s in left if s.claims[0].system != "github"}
        for somebody in left:
            student = meant.get(id(somebody), "")
            others = [o for o in left if o is not somebody and meant.get(id(o)) == student]
            if student and not any(_share_a_system(somebody, o) for o in others):
                if not any(_share_a_system(somebody, o) for o in tied.get(student, [])):
                    tied.setdefault(student, []).append(somebody)
        gone = {id(somebody) for several in tied.values() for somebody in several}
        left = [somebody for somebody in left if id(somebody) not in gone]
    found = []
    for student, several in tied.items():
        first = several[0]
        for other in several[1:]:
            first.take(other)
        first.former |= {first.name} - {""}
        first.name = student
        found.append(first)
    return found + left, left


def _by_row_number(somebody: Somebody, register: Register) -> str:
    """Returns the student whose row has a person's number, username or address; "" if none."""
    github = [claim.number for claim in somebody.claims if claim.system == "github"]
    if github:  # people choose their own names there
        return next(filter(None, map(register.with_login, github)), "")
    numbers = [c.number for c in somebody.claims if c.is_person or _may_tie(c, register)]
    ids = [one for claim in somebody.claims for one in claim.ids]
    ids += [claim.name for claim in somebody.claims if claim.system == "plain"]
    return register.with_number([*ids, *numbers])


def _share_a_system(one: Somebody, other: Somebody) -> bool:
    return not {c.system for c in one.claims}.isdisjoint(c.system for c in other.claims)


def _doubts(
    found: Sequence[Somebody], strangers: Sequence[Somebody], register: Register
) -> list[str]:
    """Adds to the roster's rows the hand-ins that may be theirs; returns sentences on them."""
    rows = {somebody.name: somebody for somebody in found if somebody.name in register.names}
    counts = Counter((somebody.claims[0].system, key_of(somebody.raw)) for somebody in strangers)
    notes, unknown = [], []
    for stranger in strangers:
        claim = stranger.claims[0]
        shown = student_name(stranger.name or stranger.raw)
        may_be = register.may_be(stranger.raw)[:LISTED] if len(strangers) <= COMPARED else []
        if not may_be:
            unknown.append(shown)
            continue
        alone = counts[claim.system, key_of(stranger.raw)] == 1 and len(may_be) == 1
        word = stranger.raw if alone or not claim.number else claim.number
        lines = " or ".join(f"{name} (line {register.names[name].line})" for name in may_be)
        notes.append(
            f"{shown} may be {lines} in the roster. If so, write `{printable(word)}` into `also` "
            "of that row."
        )
        for name in may_be:
            if not _share_a_system(stranger, rows[name]):  # they have no hand-in there
                why = (
                    f"may be theirs. If so, write `{printable(word)}` into `also` of their row "
                    "in the roster"
                )
                rows[name].doubts += [(hand_in, why) for hand_in in stranger.hand_ins]
    if unknown:
        notes.append(
            f"These hand-ins match no row of the roster, or several: {_listed(unknown)}. Write "
            "these names into `also` of the rows that they belong to."
        )
    return notes


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _copies(found: Sequence[Somebody]) -> list[str]:
    """Adds to "ada" that "ada (1)" may be theirs; returns a sentence on each."""
    plain = {key_of(s.raw): s for s in found if s.claims[0].system == "plain"}
    notes = []
    for key, somebody in plain.items():
        other = plain.get(key_of(COPY.sub("", key)))
        if other not in (None, somebody):
            name = student_name(other.raw)
            why = f"may be theirs, renamed by a browser. If so, put it into the folder {name}"
            other.doubts += [(hand_in, why) for hand_in in somebody.hand_ins]
            notes.append(
                f"{student_name(somebody.raw)} has a separate row, but may be {name}'s, renamed by "
                f"a browser. If so, put it into the folder {name}."
            )
    return notes


def _may_tie(claim: Claim, register: Register) -> bool:
    """True if the roster has the number of a hand-in for a person of that name."""
    person = register.names.get(register.with_number([claim.number]))
    names = (person.name, *person.also) if person else ()
    return any(not spellings(claim.name).isdisjoint(spellings(name)) for name in names)


def _give_names(found: list[Somebody]) -> None:
    """Gives each person a unique name, and records the names they may have had before."""
    taken: dict[str, Somebody] = {}
    found.sort(key=lambda somebody: not somebody.name)  # the roster's names first
    for somebody in found:
        raw = somebody.name or somebody.raw
        name = student_name(raw)
        other = f"{raw} {' '.join(claim.number for claim in somebody.claims)}"
        while name in taken:
            name, other = told_apart(name, other), f"{other}+"
        taken[name] = somebody
        somebody.name = name
        for claim in somebody.claims:
            somebody.former.add(student_name(claim.name))
            if claim.number and claim.number not in claim.name:
                somebody.former.add(student_name(f"{claim.name}-{claim.number}"))
