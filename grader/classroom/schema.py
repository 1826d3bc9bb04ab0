"""The tables of a class's database, and the upgrade of a database that earlier code made."""

from __future__ import annotations

import sqlite3

TABLES = """
create table if not exists setting (name text primary key, value text not null);
create table if not exists attempt (
    student text not null, week text not null, digest text not null,
    number integer not null,      -- of the student's attempts at this week, from 1
    judged integer not null,      -- 0 if something could not be judged
    points real not null, max_points real not null,
    result text not null,         -- the week's object of the JSON contract
    rubric text not null default '',       -- fingerprint of the rubric that judged it
    again integer not null default 0,      -- 1 if it must be judged again
    secret_of text,               -- the name behind its secret, if the student had another then
    primary key (student, week, digest)
);
-- Every student who was ever in the class.
create table if not exists student (name text primary key);
-- The names students had in earlier runs.
create table if not exists renamed (former text primary key, student text not null);
-- What was handed in last, which the marks are based on.
create table if not exists handed (
    student text not null, week text not null, digest text not null, primary key (student, week)
);
-- Everything that was ever handed in, and when.
create table if not exists arrival (
    student text not null, week text not null, digest text not null,
    time real,                    -- seconds since 1970; null if unknown
    primary key (student, week, digest)
);
-- The files behind every digest, compressed: in a dispute these count, whatever DIR holds by then.
create table if not exists file (
    digest text not null, name text not null, content blob not null, primary key (digest, name)
);
-- Every file that was ever found, and the decision on it.
create table if not exists found (
    student text not null, file text not null, week text not null, reason text not null,
    primary key (student, file)
);
-- Cells that stay empty: a file came in after the last attempt and could not be accepted.
create table if not exists open (
    student text not null,
    week text not null,           -- '' if the file may be any week's
    reason text not null,
    folder text not null,         -- the DIR it was found in
    primary key (student, week)
);
-- What a course system calls a student, and in Moodle the student's work on one assignment.
create table if not exists known_as (
    student text not null, system text not null, number text not null, primary key (student, system)
);
create table if not exists participant (
    student text not null, week text not null, number text not null, primary key (student, week)
);
"""
ADDED = {
    "rubric": "text not null default ''",
    "again": "integer not null default 0",
    "secret_of": "text",
}
# Earlier code left these tables empty; other tables hold what belongs in them.
REMEMBERED = """
insert or ignore into arrival select student, week, digest, null from attempt order by rowid;
insert or ignore into arrival select student, week, digest, null from handed;
insert or ignore into handed select student, week, digest from arrival
    where student not in (select former from renamed) order by rowid desc;
insert or ignore into student select distinct student from arrival
    where student not in (select former from renamed);
"""
OLD_NUMBERS = """
insert or ignore into known_as
    select student, substr(number, 1, instr(number, ' ') - 1),
        substr(number, instr(number, ' ') + 1)
    from number where student in (select name from student)
"""


def prepare(base: sqlite3.Connection) -> None:
    """Creates missing tables, and fills them from the existing ones."""
    base.executescript(TABLES)
    columns = {row[1] for row in base.execute("pragma table_info(attempt)")}
    for name in ADDED.keys() - columns:
        base.execute(f"alter table attempt add column {name} {ADDED[name]}")
    base.executescript(f"begin immediate; {REMEMBERED} commit;")
    if base.execute("select 1 from sqlite_master where name = 'number'").fetchone():
        base.execute(OLD_NUMBERS)
