"""A province's list, 600,000 rows: every cell looked at, against libphonenumber asked once a row, in CPU-seconds.

`gateway roster check`'s own path (bytes, letters, columns, every verdict), in a process of its own for its memory.
The file is invented: one row in fifty has a clerk's slip, one in five records a dose already given.
"""

from __future__ import annotations

import csv
import io
import random
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from datetime import time as hour
from pathlib import Path

import phonenumbers

from benchmarks import workload
from benchmarks.harness import Result, against, below, cpu, cpu_seconds, engine, peak_mb
from benchmarks.workload import FIRST_DAY, GROUPS, LANGUAGES, NAMES, SURNAMES
from gateway.care.regimens import load_regimens
from gateway.kit.clock import at_bangkok
from gateway.kit.identity import check_digit
from gateway.languages.table import load_languages
from gateway.roster.check import check_roster
from gateway.roster.load import load_roster
from gateway.roster.prepare import LoadRequest, prepare
from gateway.roster.readers.csv import read_csv_file
from gateway.roster.rows import CheckResult, CheckRules

ROWS, QUICK = 600_000, 30_000
SITES = [f"S{n:02d}" for n in range(1, 61)]
HOURS = ("08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "13:00", "13:30", "14:00", "14:30")
HEADER = (
    "HN,เลขบัตรประชาชน,คำนำหน้า,ชื่อ,นามสกุล,วันเกิด,เบอร์โทรศัพท์,เบอร์คนในบ้าน,ภาษา,ช่องทาง,หมู่บ้าน,ตำบล,อำเภอ,จังหวัด,"
    "กลุ่มเป้าหมาย,รหัสหน่วยบริการ,วัคซีน,เข็มที่,วันนัด,เวลานัด,วัคซีนล่าสุด,เข็มล่าสุด,วันที่ฉีดเข็มล่าสุด"
)
SLIPS = ("081234567", "1669", "ไม่ทราบ", "", "0-7112-3456")
NOW = at_bangkok(FIRST_DAY - timedelta(days=10), hour(8))


def run(quick: bool) -> Result:
    """Measure the check; comparing and loading are in the notes, with their own rows a second."""
    rows = QUICK if quick else ROWS
    with tempfile.TemporaryDirectory(prefix="tamnat-bench-") as folder:
        file = Path(folder, "roster.csv")
        write_roster(file, rows)
        checked, megabytes = _beside("check", file)
        alone = cpu_seconds(lambda: _read_alone(file))
        per_row = cpu_seconds(lambda: _phonenumbers(file))
        loaded = _loaded(folder, 3_000 if quick else 30_000)
    figures = [
        against("rows checked against phonenumbers on each", rows / checked, rows / per_row, 10.0, "rows/s"),
        against("rows checked against the csv module alone", rows / checked, rows / alone, 0.0, "rows/s"),
        below("memory of the check", megabytes, 500.0, "MB"),
    ]
    notes = [f"{rows:,} rows, {checked:.1f} s; phonenumbers {per_row:.1f} s, csv {alone:.1f} s.", loaded]
    return Result("roster", figures, notes)


def write_roster(file: Path, rows: int, *, seed: int = 1) -> None:
    """Write a list of `rows` people, each with one appointment, as a hospital would."""
    dice = random.Random(seed)
    with file.open("w", encoding="utf-8-sig") as out:
        out.write(HEADER + "\n")
        out.writelines(_row(n, dice) for n in range(rows))


def _row(n: int, dice: random.Random) -> str:
    number = f"080-0{n // 10000 % 100:02d}-{n % 10000:04d}"
    phone = SLIPS[n // 50 % 5] if n % 50 == 49 else number if n % 3 else number.replace("-", "")
    day = FIRST_DAY + timedelta(days=n % 50 // 5 * 7 + n % 5)
    given = day - timedelta(days=190 + n % 60)
    last = f"hepatitis_b,1,{_thai(given)}" if n % 5 == 0 else ",,"
    vaccine = "hepatitis_b,2" if n % 5 == 0 else "influenza,1"
    born = date(1935, 1, 1) + timedelta(days=dice.randrange(25_000))
    twelve = f"3{n:06d}{dice.randrange(10**5):05d}"
    return (
        f"{60 + n % 9}-{n:06d},{twelve}{check_digit(twelve)},{('นาย', 'นาง', 'น.ส.')[n % 3]},{dice.choice(NAMES)},"
        f"{dice.choice(SURNAMES)}{dice.choice(SURNAMES)},{_thai(born)},{phone},,{dice.choice(LANGUAGES)},,"
        f"บ้านหนอง {n % 900},ตำบล {n % 90},เมือง,ลำปาง,{dice.choice(GROUPS)},{SITES[n % 60]},{vaccine},{_thai(day)},"
        f"{HOURS[n // 60 % 10]},{last}\n"
    )


def _thai(day: date) -> str:
    return f"{day:%d/%m}/{day.year + 543}"


def check(file: Path) -> CheckResult:
    """What `gateway roster check` does with a file, short of printing."""
    rules = CheckRules(
        now=NOW,
        recognise_language=load_languages().recognise,
        regimens=load_regimens(),
        sites=frozenset(SITES),
        opening=dict.fromkeys(SITES, (hour(8), hour(16, 30))),
        countries=("TH",),
    )
    return check_roster(read_csv_file(file), rules)


def _beside(what: str, file: Path) -> tuple[float, float]:
    """The seconds and the MB of a check in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.roster", what, str(file)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    taken, megabytes = done.stdout.split()
    return float(taken), float(megabytes)


def _read_alone(file: Path) -> None:
    for _ in csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"))):
        pass


def _phonenumbers(file: Path) -> None:
    """What a loop asks libphonenumber of each row: what it is, whether it is one, of which kind, and its E.164."""
    with file.open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows):
            try:
                number = phonenumbers.parse(row["เบอร์โทรศัพท์"], "TH")
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_valid_number(number):
                phonenumbers.number_type(number)
                phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _loaded(folder: str, rows: int) -> str:
    """What comparing and loading cost; they have no limit to be measured against."""
    file = Path(folder, "load.csv")
    write_roster(file, rows)
    with workload.fresh() as database:
        workload.places(database, workload.Size(a_day=rows // 10 + 60, sites=60))
        result, request = check(file), LoadRequest(now=NOW, regimens=load_regimens())
        with database.reading() as db, cpu() as compared:
            prepare(db, result, request)
        with cpu() as loaded:
            report = load_roster(database, result, request)
    if not report.created:
        raise RuntimeError("nothing was loaded")
    return (
        f"{rows:,} rows into an empty {engine()}, in one go: compared in {compared['cpu']:.1f} CPU-s, compared "
        f"and written in {loaded['cpu']:.1f} CPU-s ({loaded['real']:.1f} s), {rows / loaded['cpu']:,.0f} rows/s."
    )


if __name__ == "__main__":
    path = Path(sys.argv[2])
    began = time.process_time()
    result = check(path)
    took = time.process_time() - began
    assert result.rows > 0
    print(took, peak_mb())
    print(result.accepted, result.rejected, result.warnings, result.issues[:3], file=sys.stderr)
