"""A roster to begin with: every column that is understood, its Thai name, and one invented person."""

from __future__ import annotations

import csv
import io
from typing import Final

from gateway.roster.columns import load_columns

# Canonical column -> its Thai name, and the cell of somebody who does not exist. The telephone is an invented one.
_COLUMNS: Final = {
    "hospital_number": ("เลข HN", "HN000001"),
    "id_number": ("เลขประจำตัวประชาชน", ""),
    "title": ("คำนำหน้า", "นาง"),
    "name": ("ชื่อ", "ตัวอย่าง"),
    "surname": ("นามสกุล", "ทดสอบ"),
    "birth_date": ("วันเกิด", "01/02/2500"),
    "phone": ("เบอร์โทรศัพท์", "080-000-0001"),
    "household_phone": ("เบอร์ญาติ", ""),
    "language": ("ภาษา", "th"),
    "channel": ("ช่องทาง", "sms"),
    "village": ("หมู่บ้าน", "หมู่ 1"),
    "tambon": ("ตำบล", "เวียงวัง"),
    "district": ("อำเภอ", "เมืองลำปาง"),
    "province": ("จังหวัด", "ลำปาง"),
    "target_group": ("กลุ่มเป้าหมาย", ""),
    "site_code": ("รหัสหน่วยบริการ", "11111"),
    "vaccine": ("วัคซีน", "influenza"),
    "dose": ("เข็มที่", "1"),
    "appointment_date": ("วันนัด", "03/08/2569"),
    "appointment_time": ("เวลานัด", "09:00"),
    "last_vaccine": ("วัคซีนล่าสุด", ""),
    "last_dose": ("เข็มล่าสุด", ""),
    "last_dose_date": ("วันที่ฉีดล่าสุด", ""),
}


def roster_template() -> str:
    """Return the template as CSV: headers such as `name (ชื่อ)`, which are read as they are, and one row."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    names = load_columns("roster").names
    writer.writerow(f"{name} ({_COLUMNS[name][0]})" for name in names)
    writer.writerow(_COLUMNS[name][1] for name in names)
    return file.getvalue()
