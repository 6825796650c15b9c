"""Ready mappings of the exports of other systems, recognised by their column names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Preset:
    """How the export of another system maps: each column to a target, or to None where it is of no use here.

    A target may have a label behind a colon: `phones:mobile`, `dnd:email`, `opened_at:Engaging` (the stage of that day).
    """

    name: str
    noun: str
    signature: frozenset[str]
    """Column names that only this export has together."""
    columns: dict[str, str | None] = field(default_factory=dict)


def _preset(name: str, noun: str, signature: str, columns: str, unused: str = "") -> Preset:
    pairs = (pair.strip().split(" > ") for pair in columns.split("\n") if pair.strip())
    return Preset(
        name,
        noun,
        frozenset(one.strip().lower() for one in signature.split(",")),
        {column.lower(): target for column, target in pairs}
        | {one.strip().lower(): None for one in unused.split(",") if one.strip()},
    )


HUBSPOT = _preset(
    "hubspot",
    "contacts",
    "record id, first name, last name, email",
    """
    Record ID > external_id
    First Name > first_name
    Last Name > last_name
    Email > email
    Additional email addresses > emails
    Work email > emails:work
    Phone Number > phone
    Mobile Phone Number > phones:mobile
    Company Name > company
    Associated Company > company
    Job Title > job_title
    Street Address > street
    City > city
    State/Region > state
    Postal Code > postal_code
    Country/Region > country
    Website URL > website
    Time Zone > zone
    Preferred language > locale
    Date of birth > birthday
    Lifecycle Stage > lifecycle_stage
    Original Source > source
    HubSpot Score > lead_score
    Contact owner > owner
    Create Date > created_at
    Associated Note > notes
    Message > notes
    Unsubscribed from all email > dnd:email
    """,
    "Lead Status, Last Activity Date, Last Modified Date, Marketing contact status, Associated Company IDs, "
    "Primary Associated Company ID, Associated Deal, Associated Deal IDs, Associated Note IDs, "
    "Original Source Drill-Down 1, Original Source Drill-Down 2, Recent Conversion, Number of Form Submissions",
)
MAILCHIMP = _preset(
    "mailchimp",
    "contacts",
    "email address, leid, euid",
    """
    Email Address > email
    First Name > first_name
    Last Name > last_name
    Address > street
    Phone Number > phone
    Company > company
    TIMEZONE > zone
    CC > country
    REGION > state
    MEMBER_RATING > lead_score
    OPTIN_TIME > created_at
    EUID > external_id
    NOTES > notes
    TAGS > tags
    UNSUB_TIME > dnd:email
    CLEAN_TIME > dnd:email
    """,
    # Mailchimp's birthdays have no year.
    "Birthday, OPTIN_IP, CONFIRM_TIME, CONFIRM_IP, LATITUDE, LONGITUDE, GMTOFF, DSTOFF, LAST_CHANGED, LEID, "
    "UNSUB_CAMPAIGN_TITLE, UNSUB_CAMPAIGN_ID, UNSUB_REASON, UNSUB_REASON_OTHER, CLEAN_CAMPAIGN_TITLE, CLEAN_CAMPAIGN_ID",
)
GOHIGHLEVEL = _preset(
    "gohighlevel",
    "contacts",
    "contact id, first name, last name, phone, email, tags",
    """
    Contact Id > external_id
    First Name > first_name
    Last Name > last_name
    Name > name
    Full Name > name
    Phone > phone
    Additional Phones > phones
    Email > email
    Additional Emails > emails
    Business Name > company
    Company Name > company
    Tags > tags
    Created > created_at
    Source > source
    Contact Source > source
    Contact Type > lifecycle_stage
    Assigned To > owner
    Assigned > owner
    Street Address > street
    Address > street
    City > city
    State > state
    Postal Code > postal_code
    Country > country
    Website > website
    Date Of Birth > birthday
    Time Zone > zone
    Timezone > zone
    Notes > notes
    DND > dnd:all
    """,
    "Last Activity, Updated, Opportunities",
)
ACCOUNTS = _preset(
    "maven",
    "companies",
    "account, sector, year_established, revenue, employees, office_location, subsidiary_of",
    """
    account > name
    sector > industry
    year_established > founded
    revenue > revenue
    employees > employees
    office_location > country
    subsidiary_of > parent
    """,
)
PIPELINE = _preset(
    "maven",
    "deals",
    "opportunity_id, sales_agent, product, account, deal_stage, engage_date, close_date, close_value",
    """
    opportunity_id > external_id
    sales_agent > owner
    product > product
    account > company
    deal_stage > stage
    engage_date > opened_at:Engaging
    close_date > close_date
    close_value > amount
    """,
)
PRODUCTS = _preset(
    "maven",
    "products",
    "product, series, sales_price",
    """
    product > name
    series > family
    sales_price > price
    """,
)
PRESETS = (MAILCHIMP, GOHIGHLEVEL, HUBSPOT, ACCOUNTS, PIPELINE, PRODUCTS)


def recognised(columns: Collection[str], noun: str) -> Preset | None:
    """The preset whose export has these columns."""
    present = {column.strip().lower() for column in columns}
    return next((one for one in PRESETS if one.noun == noun and one.signature <= present), None)


def named(name: str, noun: str) -> Preset:
    """The preset of a name for a noun; there being none raises Invalid."""
    from ghl.errors import Invalid  # only when something went wrong

    for preset in PRESETS:
        if (preset.name, preset.noun) == (name, noun):
            return preset
    known = ", ".join(preset.name for preset in PRESETS if preset.noun == noun) or "none"
    raise Invalid(f'there is no ready mapping "{name}" for {noun}', hint=f"ready mappings: {known}")
