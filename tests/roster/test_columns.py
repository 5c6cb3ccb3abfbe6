"""Headers of real files onto canonical columns."""

from __future__ import annotations

import pytest

from gateway.roster.columns import load_columns, map_columns
from gateway.roster.readers.csv import read_csv

CANONICAL = [
    "hospital_number",
    "id_number",
    "title",
    "name",
    "surname",
    "birth_date",
    "phone",
    "household_phone",
    "language",
    "channel",
    "village",
    "tambon",
    "district",
    "province",
    "target_group",
    "site_code",
    "vaccine",
    "dose",
    "appointment_date",
    "appointment_time",
    "last_vaccine",
    "last_dose",
    "last_dose_date",
]


def test_the_canonical_names_are_those_of_the_design() -> None:
    assert list(load_columns("roster").names) == CANONICAL


@pytest.mark.parametrize(
    ("header", "canonical"),
    [
        ("HN", "hospital_number"),
        ("เลขบัตรประชาชน (13 หลัก)", "id_number"),
        ("CID", "id_number"),
        ("ชื่อ", "name"),
        ("นามสกุล", "surname"),
        ("เบอร์โทร.", "phone"),
        ("Mobile Phone", "phone"),
        ("วันนัด", "appointment_date"),
        ("APPOINTMENT_DATE", "appointment_date"),
        ("\ufeffappointment date", "appointment_date"),
        ("เวลานัด", "appointment_time"),
        ("เข็มที่", "dose"),
        ("วัคซีน", "vaccine"),
        ("หมู่บ้าน", "village"),
        ("ตำบล/แขวง", "tambon"),
        ("อำเภอ", "district"),
        ("จังหวัด", "province"),
        ("ภาษา", "language"),
        ("ช่องทาง", "channel"),
        ("กลุ่มเป้าหมาย", "target_group"),
        ("รหัสหน่วยบริการ", "site_code"),
        ("hospital_code", "site_code"),
        ("วันเดือนปีเกิด", "birth_date"),
    ],
)
def test_a_header_of_a_real_file_is_recognised(header: str, canonical: str) -> None:
    assert load_columns("roster").canonical(header) == canonical


def test_an_unknown_column_is_a_warning() -> None:
    found = map_columns(read_csv("name,หมายเหตุ\nสม,x\n".encode()), load_columns("roster"))
    assert [(one.code, one.column, one.severity.value) for one in found.issues] == [
        ("column_unknown", "หม•••", "warning")
    ]
    assert "column 2 from the left" in found.issues[0].message
    assert found.usable


def test_two_columns_of_one_meaning_are_refused() -> None:
    found = map_columns(read_csv("phone,เบอร์โทร\n1,2\n".encode()), load_columns("roster"))
    assert [(one.code, one.column) for one in found.issues] == [("column_twice", "phone")]
    assert not found.usable


def test_a_file_without_a_header_is_refused() -> None:
    found = map_columns(read_csv("สมชาย,0812345678\n".encode()), load_columns("roster"))
    assert [one.code for one in found.issues] == ["header_missing"]
