"""Which hand-ins are of one person: by numbers, by the roster, and never by the name alone."""

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

# What Moodle calls everybody under anonymous marking.
ANYBODY = {"participant", "teilnehmer", "participante", "partecipante", "deelnemer", "deltager"}
ANYBODY |= {"teilnehmer in", "teilnehmer/in", "uczestnik", "deltagare", "osallistuja"}
LISTED = 10  # of the names in a sentence
COMPARED = 200  # hand-ins that fit no row; with more, it is another class's roster


@dataclass(eq=False)
class Somebody:
    """A person as far as the exports tell.

    Attributes:
      claims: what the exports say of them.
      hand_ins: what is theirs.
      weeks: the weeks that names of their files show.
      name: in the gradebook.
      former: other names that an earlier run may have given them.
      doubts: hand-ins that may be theirs, and why they are not given to them.
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
        """Makes all of another's this person's."""
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
    """Finds whose the hand-ins are.

    Args:
      hand_ins: all of a class.
      weeks: the weeks that each has a file of, by `id(hand_in)`.
      register: the people of the roster.
      notes: gets sentences on who could not be told apart or together.

    Returns:
      Everybody who handed in, and everybody in the roster, each with a name of their own.
    """
    groups = _by_number(hand_ins, weeks)
    together = _by_name(groups)
    found, strangers = _in_roster(together, register)
    apart = Counter(s.raw for s in found if s.name not in register.names and s.name)
    for raw, count in apart.items():
        if count > 1 and key_of(raw) not in ANYBODY:
            numbers = [c.number for s in found if s.raw == raw for c in s.claims if c.number]
            notes.append(
                f"{count} hand-ins are of {student_name(raw)}, and nothing says that they are one "
                "person's; a roster does that has the numbers of each in `also`"
                f"{f': {_listed(list(dict.fromkeys(numbers)))}' if numbers else ''}."
            )
    present = {somebody.name for somebody in found if somebody.name}
    absent = [name for name in register.names if name not in present]
    if absent:
        lines = [f"{name} (line {register.names[name].line})" for name in absent]
        notes.append(f"These rows of the roster fit no hand-in: {_listed(lines)}.")
    found += [Somebody(name=name) for name in absent]
    notes += _doubts(found, strangers, register) if register.names else _copies(found)
    _give_names(found)
    return found


def _by_number(hand_ins: Iterable[HandIn], weeks: Mapping[int, set[str]]) -> list[Somebody]:
    """Puts together what the systems themselves say is one person's, or one hand-in."""
    found: dict[tuple[str, ...], Somebody] = {}
    for hand_in in hand_ins:
        for claim in hand_in.claims:
            if claim.is_person and claim.number:
                key = (claim.system, key_of(claim.number))
            elif claim.is_person:  # a folder in DIR, which the instructor named
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
    """Joins several exports' hand-ins of one name where they cannot be two people's."""
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
    """True if a system's hand-ins of one name come from several exports that one person fits."""
    if name in ANYBODY or any(claim.is_person for one in same for claim in one.claims):
        return False
    containers = Counter(
        container
        for somebody in same
        for container in {hand_in.container for hand_in in somebody.hand_ins}
    )
    if any(count > 1 and container for container, count in containers.items()):
        return False  # an export has everybody once
    weeks = [week for somebody in same for week in somebody.weeks]
    apart = len(containers) == len(same)
    return len(weeks) == len(set(weeks)) and (apart or all(one.weeks for one in same))


def _in_roster(groups: list[Somebody], register: Register) -> tuple[list[Somebody], list[Somebody]]:
    """Ties everybody to a row of the roster, by a number first, by the name where it is one's.

    Returns:
      Everybody, and of them who fits no row surely.
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
    """Returns whose row has a number, username or address of somebody; "" if none has."""
    github = [claim.number for claim in somebody.claims if claim.system == "github"]
    if github:  # where everybody calls themselves what they like
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
    """Notes with the rows of the roster which hand-ins may be theirs; returns sentences on all."""
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
            f"{shown} may be {lines} of the roster. If so, write `{printable(word)}` into `also` "
            "of that row."
        )
        for name in may_be:
            if not _share_a_system(stranger, rows[name]):  # who has none of their own there
                why = (
                    f"may be theirs. If so, write `{printable(word)}` into `also` of their row "
                    "of the roster"
                )
                rows[name].doubts += [(hand_in, why) for hand_in in stranger.hand_ins]
    if unknown:
        notes.append(
            f"These hand-ins fit no row of the roster, or several: {_listed(unknown)}. Write what "
            "they are called here into `also` of the rows that they belong to."
        )
    return notes


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _copies(found: Sequence[Somebody]) -> list[str]:
    """Notes with "ada" that "ada (1)" may be theirs; returns a sentence on each."""
    plain = {key_of(s.raw): s for s in found if s.claims[0].system == "plain"}
    notes = []
    for key, somebody in plain.items():
        other = plain.get(key_of(COPY.sub("", key)))
        if other not in (None, somebody):
            name = student_name(other.raw)
            why = f"may be theirs, as a browser names a copy. If so, put it into the folder {name}"
            other.doubts += [(hand_in, why) for hand_in in somebody.hand_ins]
            notes.append(
                f"{student_name(somebody.raw)} is a row of its own, and may be {name}'s, as a "
                f"browser names a copy. If so, put it into the folder {name}."
            )
    return notes


def _may_tie(claim: Claim, register: Register) -> bool:
    """True if the roster has the number of a hand-in for somebody of its name."""
    person = register.names.get(register.with_number([claim.number]))
    names = (person.name, *person.also) if person else ()
    return any(not spellings(claim.name).isdisjoint(spellings(name)) for name in names)


def _give_names(found: list[Somebody]) -> None:
    """Gives everybody a name that nobody else has, and the names they may have had before."""
    taken: dict[str, Somebody] = {}
    found.sort(key=lambda somebody: not somebody.name)  # the roster's names come first
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
