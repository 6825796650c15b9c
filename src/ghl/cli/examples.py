"""What people type most, shown at the end of a command's help."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "contacts add": (
        "ghl contacts add --first-name Ann --email ann@example.com --tag lead --field size=40",
        "ghl contacts add --email address=ann@work.example,label=work,primary --email ann@home.example",
        "echo '{\"first_name\": \"Ann\"}' | ghl contacts add --input -",
    ),
    "contacts list": (
        "ghl contacts list --where '\"vip\" in tags && city == \"Lisbon\"' --sort -created_at --limit 50",
        "ghl contacts list --search 'ann les' --format csv --fields name,email,custom.size",
        "ghl contacts list --where '!has(phone)' --format ids --all",
    ),
    "contacts show": ("ghl contacts show ann@example.com", "ghl contacts show 7c41d9 --json"),
    "contacts edit": (
        "ghl contacts edit ann@example.com --city Rome --add-tag vip --clear birthday",
        "ghl contacts edit --where 'city == \"Roma\"' --city Rome --dry-run",
    ),
    "contacts delete": ("ghl contacts delete ann@example.com", "ghl contacts delete --where 'lead_score < 5' --dry-run"),
    "contacts tag": (
        "ghl contacts tag ann@example.com +vip",
        "ghl contacts tag --where 'city == \"Porto\"' --tag vip --yes",
    ),
    "contacts untag": ("ghl contacts untag ann@example.com +vip",),
    "contacts merge": ("ghl contacts merge KEPT OTHER --dry-run", "ghl contacts merge KEPT OTHER --take phone=OTHER"),
    "deals add": ("ghl deals add Website --amount '4200 EUR' --contact ann@example.com --stage Qualified",),
    "deals list": ("ghl deals list --where 'stage == \"Proposal\" && days_in_stage > 14' --sort -amount",),
    "deals move": ("ghl deals move Website Proposal", "ghl deals move 7c41d9 'Closed Won'"),
    "deals lose": ("ghl deals lose Website --reason 'too dear'",),
    "pipelines add": ("ghl pipelines add Hiring --stage Applied --stage name=Interview,probability=50 --stage Offer",),
    "pipelines board": ("ghl pipelines board Sales", "ghl pipelines board Sales --owner ines --cards 10"),
    "tasks add": ("ghl tasks add 'Call Ann' --due 'tomorrow 10:00' --contact ann@example.com",),
    "tasks list": ("ghl tasks list --where 'status == \"open\" && due_at < now()'",),
    "activities add": ("ghl activities add call --contact ann@example.com --outcome reached",),
    "notes add": ("ghl notes add 'Likes *tea*' --contact ann@example.com",),
    "fields add": ("ghl fields add size --type number --noun contact --indexed",),
    "settings set": ("ghl settings set --zone Europe/Lisbon --postal-address 'Rua 1, Lisboa'",),
    "senders add": ("ghl senders add office --url smtp://me@smtp.example.com:587 --from 'Me <me@example.com>' --default",),
    "workflows apply": ("ghl workflows apply welcome.yaml --dry-run", "ghl workflows apply welcome.yaml --activate"),
    "workflows enroll": ("ghl workflows enroll welcome --contact ann@example.com",),
    "messages list": ("ghl messages list --state skipped --json --fields address,state,reason",),
    "worker": ("ghl worker --once", "ghl worker --until 2026-12-31"),
    "undo": ("ghl undo --dry-run", "ghl undo 118"),
    "batch": ("echo '{\"contacts.create\": {\"first_name\": \"Ann\"}}' | ghl batch -",),
    "explain": ("ghl explain message --contact ann@example.com",),
    "db sql": ("ghl db sql 'select city, count(*) as people from contacts group by city'",),
    "init": ("ghl init work.db --zone Europe/Lisbon --currency EUR --country PT",),
}  # fmt: skip


def epilog(name: str) -> str:
    """The end of a command's help: examples, and where the global options are."""
    lines = [f"  {line}" for line in EXAMPLES.get(name, ())]
    shown = "\b\nExamples:\n" + "\n".join(lines) + "\n\n" if lines else ""
    return f"{shown}\b\n--json, --format, --fields, --dry-run, --yes and the other global options: ghl --help"
