"""The zone of this machine by its IANA name, on Linux, macOS and Windows."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ghl.sdk.times import is_zone

# The names Windows uses, for the zones most people live in (the Unicode CLDR has the full list).
_WINDOWS = {
    "UTC": "UTC", "GMT Standard Time": "Europe/London", "Greenwich Standard Time": "Atlantic/Reykjavik",
    "W. Europe Standard Time": "Europe/Berlin", "Central Europe Standard Time": "Europe/Budapest",
    "Central European Standard Time": "Europe/Warsaw", "Romance Standard Time": "Europe/Paris",
    "GTB Standard Time": "Europe/Bucharest", "FLE Standard Time": "Europe/Kiev", "E. Europe Standard Time": "Europe/Chisinau",
    "Turkey Standard Time": "Europe/Istanbul", "Russian Standard Time": "Europe/Moscow", "Morocco Standard Time": "Africa/Casablanca",
    "W. Central Africa Standard Time": "Africa/Lagos", "South Africa Standard Time": "Africa/Johannesburg",
    "Egypt Standard Time": "Africa/Cairo", "E. Africa Standard Time": "Africa/Nairobi", "Israel Standard Time": "Asia/Jerusalem",
    "Arab Standard Time": "Asia/Riyadh", "Arabian Standard Time": "Asia/Dubai", "Iran Standard Time": "Asia/Tehran",
    "Pakistan Standard Time": "Asia/Karachi", "India Standard Time": "Asia/Kolkata", "Bangladesh Standard Time": "Asia/Dhaka",
    "SE Asia Standard Time": "Asia/Bangkok", "China Standard Time": "Asia/Shanghai", "Taipei Standard Time": "Asia/Taipei",
    "Singapore Standard Time": "Asia/Singapore", "Tokyo Standard Time": "Asia/Tokyo", "Korea Standard Time": "Asia/Seoul",
    "W. Australia Standard Time": "Australia/Perth", "E. Australia Standard Time": "Australia/Brisbane",
    "AUS Eastern Standard Time": "Australia/Sydney", "Cen. Australia Standard Time": "Australia/Adelaide",
    "New Zealand Standard Time": "Pacific/Auckland", "Hawaiian Standard Time": "Pacific/Honolulu",
    "Alaskan Standard Time": "America/Anchorage", "Pacific Standard Time": "America/Los_Angeles",
    "US Mountain Standard Time": "America/Phoenix", "Mountain Standard Time": "America/Denver",
    "Central Standard Time": "America/Chicago", "Central America Standard Time": "America/Guatemala",
    "Central Standard Time (Mexico)": "America/Mexico_City", "Eastern Standard Time": "America/New_York",
    "SA Pacific Standard Time": "America/Bogota", "Venezuela Standard Time": "America/Caracas",
    "Atlantic Standard Time": "America/Halifax", "SA Western Standard Time": "America/La_Paz",
    "Pacific SA Standard Time": "America/Santiago", "Newfoundland Standard Time": "America/St_Johns",
    "E. South America Standard Time": "America/Sao_Paulo", "Argentina Standard Time": "America/Buenos_Aires",
    "Montevideo Standard Time": "America/Montevideo", "Azores Standard Time": "Atlantic/Azores",
}  # fmt: skip


def find_local_zone() -> str | None:
    """The zone's name from the TZ variable, Windows' registry, or the files of a Unix system."""
    named = os.environ.get("TZ", "").lstrip(":")
    if named:
        return named if is_zone(named) else None
    if sys.platform == "win32":  # pragma: no cover
        return _WINDOWS.get(_registry_name())
    return _from_link(Path("/etc/localtime")) or _from_text(Path("/etc/timezone"))


def _from_link(path: Path) -> str | None:
    """The name in the target of `/etc/localtime`, such as `…/zoneinfo/Europe/Lisbon`."""
    try:
        parts = path.resolve().parts
    except (OSError, RuntimeError):
        return None
    for start in range(1, len(parts)):
        name = "/".join(parts[start:])
        if parts[start - 1].startswith("zoneinfo") and is_zone(name):
            return name
    return None


def _from_text(path: Path) -> str | None:
    try:
        name = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return name if is_zone(name) else None


def _registry_name() -> str:  # pragma: no cover - there is a registry on Windows only
    if sys.platform != "win32":
        return ""
    import winreg  # exists on Windows only

    where = r"SYSTEM\CurrentControlSet\Control\TimeZoneInformation"
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, where) as key:
            return str(winreg.QueryValueEx(key, "TimeZoneKeyName")[0]).split("\0")[0]
    except OSError:
        return ""
