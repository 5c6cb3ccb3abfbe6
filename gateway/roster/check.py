"""Every cell of a roster looked at, every fault named; nothing is written and nothing stops at the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.care.particulars import Particulars
from gateway.roster.cells import Cells
from gateway.roster.columns import ColumnMap, below_titles, load_columns, map_columns
from gateway.roster.issues import Issue, Severity, make_issue
from gateway.roster.lines import Lines, Originals
from gateway.roster.person_cells import read_person
from gateway.roster.plain_rows import Key, PlainRows, key_of
from gateway.roster.rows import AcceptedRows, CheckedRow, CheckResult, CheckRules, Mention
from gateway.roster.table import Row, Table
from gateway.roster.visit_cells import known_site, read_given, read_site, read_wish

_WHO: Final = ("id_number", "hospital_number", "name")
_WHEN: Final = ("appointment_date", "last_dose_date")

PersonKey = tuple[str, ...]


def check_roster(table: Table, rules: CheckRules, on_row: Callable[[], None] = lambda: None) -> CheckResult:
    """Return every row of `table`, accepted or rejected, with all issues in the order of lines.

    A header that cannot be used rejects every row with one issue, not one a row. `on_row` is called once a row.
    """
    table, above = below_titles(table, load_columns("roster"))
    columns = map_columns(table, load_columns("roster"))
    issues = [*above, *_file_issues(table, rules), *columns.issues, *_missing_columns(table, columns)]
    lines = table.rows if isinstance(table.rows, Lines) else None
    originals = Originals(lines) if lines is not None else {row.line: row for row in table.rows}
    accepted = AcceptedRows(lambda line: _read_again(originals[line], columns, rules))
    result = CheckResult(table.header, accepted, [], issues, originals=originals)
    if any(issue.is_error for issue in issues):
        result.rejected_rows.extend(table.rows)
        return result
    seen: dict[Key, int] = {}
    if lines is not None and PlainRows.may_be_in(columns, rules):
        _check_lines(lines, columns, rules, result, seen, on_row)
        return result
    for row in table.rows:
        _check_row(row, columns, rules, result, seen)
        on_row()
    return result


def _check_lines(
    lines: Lines,
    columns: ColumnMap,
    rules: CheckRules,
    result: CheckResult,
    seen: dict[Key, int],
    on_row: Callable[[], None],
) -> None:
    """Check rows where they stand in their text: the plain ones by the short way, all others as ever."""
    plain, accept, within = PlainRows(columns, rules, lines.delimiter), result.accepted_rows.add_line, 0
    for line, key in enumerate(plain.lines(lines.text, lines.start), lines.first):
        if within:  # a record that began on an earlier line
            within -= 1
            continue
        if key is not None and seen.setdefault(key, line) == line:
            accept(line)
            on_row()
            continue
        row, used = lines.record_at(line)
        within = used - 1
        if any(cell.strip() for cell in row.cells):
            _check_row(row, columns, rules, result, seen)
            on_row()


def _read_again(row: Row, columns: ColumnMap, rules: CheckRules) -> CheckedRow:
    """A row that was seen to be plain, cell by cell."""
    checked = _read(Cells(row.line, columns.cells(row)), rules)
    assert checked is not None  # noqa: S101  plain means that nothing is wrong with it
    return checked


def person_key(person: Particulars) -> PersonKey:
    """Return what a file knows a person by: the identity, else the hospital number, else name, birth and telephone."""
    if person.identity is not None:
        return ("id", person.identity.kind, person.identity.value)
    if person.hn is not None:
        return ("hn", person.hcode or "", person.hn)
    name = "".join(f"{person.name}{person.surname}".casefold().split())
    birth = person.birth_date.isoformat() if person.birth_date else ""
    phones = sorted(said.number.e164 for said in person.phones)
    return ("name", name, birth, phones[0] if phones else "", "" if phones or birth else person.village)


def _check_row(
    row: Row,
    columns: ColumnMap,
    rules: CheckRules,
    result: CheckResult,
    seen: dict[Key, int],
) -> None:
    cells = Cells(row.line, columns.cells(row))
    problem = columns.shape_problem(row)
    checked = None
    if problem is not None:
        cells.error("", problem)
    else:
        checked = _read(cells, rules)
        if checked is not None:
            _check_twice(cells, checked, seen)
    result.issues.extend(cells.issues)
    if checked is not None and not cells.failed:
        result.accepted_rows.add(checked)
        return
    result.rejected_rows.append(row)
    mention = None if problem else _mention(row.line, columns.cells(row), rules)
    if mention is not None:
        result.mentions.append(mention)


def _read(cells: Cells, rules: CheckRules) -> CheckedRow | None:
    site = read_site(cells, rules)
    person = read_person(cells, site, rules)
    given = read_given(cells, rules)
    wish = read_wish(cells, site, given, rules)
    if given is None and wish is None:
        if not cells.failed:
            cells.error("appointment_date", "row_says_nothing")
        return None
    return CheckedRow(cells.line, person, given, wish)


def _check_twice(cells: Cells, row: CheckedRow, seen: dict[Key, int]) -> None:
    key = _key(row)
    earlier = seen.get(key)
    if earlier is not None:
        cells.error("", "duplicate_row", line=earlier)
    elif not cells.failed:
        seen[key] = cells.line


def _key(row: CheckedRow) -> Key:
    identity = row.person.identity
    if identity is not None and identity.check_digit_ok:
        return key_of(identity.value, *row.subject)
    vaccine, dose = row.subject
    return "\x1f".join(("", *person_key(row.person), vaccine, str(dose)))


def _mention(line: int, cells: dict[str, str], rules: CheckRules) -> Mention | None:
    """Return what a rejected row is about, as far as it says: who, which vaccine, which dose."""
    again = Cells(line, cells)
    raw_site = again.text("site_code")
    person = read_person(again, known_site(raw_site, rules.sites) if raw_site else rules.site, rules)
    vaccine = rules.regimens.recognise(again.raw("vaccine"))
    dose = again.whole("dose")
    named = person.name or person.surname or person.identity or person.hn
    return Mention(line, person, vaccine, dose) if named and vaccine and dose else None


def _file_issues(table: Table, rules: CheckRules) -> list[Issue]:
    issues = []
    if table.repaired:
        issues.append(make_issue(0, "", "encoding_repaired", severity=Severity.WARNING))
    if rules.sites is None:
        issues.append(make_issue(0, "site_code", "sites_not_loaded", severity=Severity.WARNING))
    if not table.rows:
        issues.append(make_issue(table.header_line, "", "rows_missing"))
    return issues


def _missing_columns(table: Table, columns: ColumnMap) -> list[Issue]:
    if not columns.index:
        return []
    found = []
    for needed, severity in (
        (_WHO, Severity.ERROR),
        (_WHEN, Severity.ERROR),
        (("vaccine", "last_vaccine"), Severity.ERROR),
        (("phone", "household_phone"), Severity.WARNING),
    ):
        if not any(name in columns.index for name in needed):
            found.append(make_issue(table.header_line, needed[0], "column_missing", severity=severity))
    return found + _empty_columns(table, columns)


def _empty_columns(table: Table, columns: ColumnMap) -> list[Issue]:
    """Warn of a date column empty throughout: some exports fill another one, and nobody would be reminded."""
    at = columns.index.get("appointment_date")
    if at is None or not table.rows or any(at < len(row.cells) and row.cells[at].strip() for row in table.rows):
        return []
    return [make_issue(table.header_line, "appointment_date", "column_empty", severity=Severity.WARNING)]
