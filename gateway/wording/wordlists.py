"""Words that no text of ours may hold, by language. Every text is held to the words of every language.

Nobody fluent has read the lists of my, km, lo, vi, shn and mnw yet: a word too many only makes somebody write
another, a missing one is for a reviewer to add. Latin ones count as whole words, the others wherever they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Words = Mapping[str, tuple[str, ...]]

MONEY_WORDS: Final[Words] = {
    "th": ("เงิน", "บาท", "โอน", "บัญชี", "รหัส", "ธนาคาร", "ชำระ", "ค่าธรรมเนียม", "บัตรเครดิต", "พาสเวิร์ด", "จ่าย",
           "พร้อมเพย์", "ตังค์", "สตางค์", "เบี้ย", "โอทีพี", "วอลเล็ต"),
    "en": ("money", "baht", "thb", "pay", "payment", "fee", "bank", "account", "password", "passcode", "code", "pin",
           "card", "transfer", "credit", "otp", "cash", "cost", "wallet"),
    "my": ("ငွေ", "ဘဏ်", "စကားဝှက်", "ကုဒ်", "ဘတ်", "ပိုက်ဆံ", "လျှို့ဝှက်နံပါတ်"),
    "km": ("លុយ", "ប្រាក់", "ធនាគារ", "កូដ", "ពាក្យសម្ងាត់", "បាត", "គណនី", "លេខសម្ងាត់"),
    "lo": ("ເງິນ", "ທະນາຄານ", "ບັນຊີ", "ລະຫັດ", "ບາດ", "ໂອນ", "ຈ່າຍ", "ຊຳລະ"),
    "vi": ("tiền", "ngân hàng", "mật khẩu", "tài khoản", "chuyển khoản", "mã", "phí", "thanh toán", "baht", "thẻ"),
    "shn": ("ငိုၼ်း",),
    "mnw": ("သြန်",),
}  # fmt: skip
"""Money, and the secrets that lead to it."""

IDENTITY_WORDS: Final[Words] = {
    "th": ("บัตรประชาชน", "เลขบัตร", "เลขที่บัตร", "เลขประจำตัว", "หมายเลขบัตร", "สำเนาบัตร", "13หลัก", "สิบสามหลัก",
           "หนังสือเดินทาง", "พาสปอร์ต", "เลเซอร์โค้ด"),
    "en": ("passport", "id card", "id number", "id no", "national id", "citizen id", "identity card", "identification"),
    "my": ("မှတ်ပုံတင်", "ပတ်စ်ပို့", "နိုင်ငံကူးလက်မှတ်"),
    "km": ("អត្តសញ្ញាណប័ណ្ណ", "លិខិតឆ្លងដែន"),
    "lo": ("ບັດປະຈຳຕົວ", "ໜັງສືຜ່ານແດນ", "ພາສປອດ"),
    "vi": ("căn cước", "chứng minh nhân dân", "cccd", "cmnd", "hộ chiếu"),
}  # fmt: skip
"""Papers and numbers of a citizen: neither asked for nor shown."""

LOUD_WORDS: Final[Words] = {
    "th": ("ด่วน", "ทันที", "ภายในวันนี้", "ระงับ", "หมดสิทธิ", "ตัดสิทธิ", "ดำเนินคดี", "ตำรวจ", "หมายศาล", "จับกุม", "ค่าปรับ", "อายัด",
           "คลิก", "ลิงก์", "ลิงค์", "รางวัล", "ฟรี", "ยืนยันตัวตน", "โอกาสสุดท้าย", "เตือนครั้งสุดท้าย"),
    "en": ("urgent", "urgently", "immediately", "asap", "suspended", "blocked", "expire", "expired", "police", "arrest",
           "court", "fine", "penalty", "warning", "last chance", "final notice", "act now", "hurry", "winner", "prize",
           "free", "click", "link", "tap", "verify", "legal action", "or else"),
    "my": ("အရေးပေါ်", "ချက်ချင်း", "ရဲစခန်း", "ဖမ်းဆီး", "ဒဏ်", "ဆုမဲ", "လင့်ခ်"),
    "km": ("បន្ទាន់", "ភ្លាម", "ប៉ូលិស", "ចាប់ខ្លួន", "ពិន័យ", "រង្វាន់", "លីង"),
    "lo": ("ດ່ວນ", "ທັນທີ", "ຕຳຫຼວດ", "ຈັບກຸມ", "ປັບໃໝ", "ລາງວັນ", "ລິ້ງ", "ຟຣີ"),
    "vi": ("khẩn cấp", "khẩn", "ngay lập tức", "công an", "bắt giữ", "phạt", "trúng thưởng", "phần thưởng", "nhấp",
           "bấm vào", "liên kết", "xác minh", "miễn phí", "cảnh báo"),
}  # fmt: skip
"""Haste, threat and bait: sober wording does without (facts/evidence.md: surprising and casual texts do worst)."""

HEALTH_WORDS: Final[Words] = {
    "th": ("วัคซีน", "ฉีด", "เข็ม", "สักยา", "ภูมิคุ้มกัน"),
    "en": ("vaccine", "vaccines", "vaccination", "vaccinate", "vaccinated", "dose", "doses", "jab", "shot", "injection",
           "immunisation", "immunization", "booster"),
    "my": ("ကာကွယ်ဆေး", "ဆေးထိုး"),
    "km": ("វ៉ាក់សាំង", "ចាក់ថ្នាំ", "ដូស"),
    "lo": ("ວັກຊີນ", "ສັກຢາ", "ເຂັມ"),
    "vi": ("vắc xin", "vắc-xin", "vacxin", "tiêm", "mũi", "chủng ngừa"),
}  # fmt: skip
"""What a neutral text does not say."""

SWINDLERS_WORDS: Final[Words] = {
    "th": ("โอนเงิน", "เลขบัญชี", "รหัสผ่าน", "พร้อมเพย์", "บัตรเครดิต", "คลิกลิงก์", "กดลิงก์"),
    "en": ("password", "passcode", "otp", "bank account", "transfer money", "pin code"),
    "my": ("စကားဝှက်", "ငွေလွှဲ"),
    "km": ("ពាក្យសម្ងាត់", "ផ្ទេរប្រាក់"),
    "lo": ("ລະຫັດຜ່ານ", "ໂອນເງິນ"),
    "vi": ("mật khẩu", "chuyển khoản"),
}  # fmt: skip
"""What no name of a person or place holds. Single words of money may: Bank and Pin are names, บ้านเงิน a village."""
