from datetime import datetime
from zoneinfo import ZoneInfo


def text() -> str:
    now = datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    return f"hello from {now.tzname()}"
