"""`ghl NOUN import` and `export`, and copies of everything, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

pytestmark = pytest.mark.integration

LEADS = "First Name;Correo;City;Etiquetas\nAna;ana@example.com;Faro;vip\nRui;leo@example.com;Braga;\nEva;eva@@example.com;;\n"


def write(name: str, text: str) -> str:
    Path(name).write_text(text, "utf-8")
    return name


def test_a_plan_is_shown_and_then_done(people: Shell) -> None:
    file = write("leads.csv", LEADS)
    plan = people("contacts", "import", file, "--dry-run", "--format", "table")
    assert plan.code == 0
    assert "leads.csv  utf-8, ';', 3 rows, 4 columns  mapping guessed (kept as leads)" in plan.err
    assert "Correo     → email" in plan.err
    digest, told = plan.out.split()[1], plan.out.splitlines()
    assert told[0] == f"plan {digest}  created 1 · changed 1 · rejected 1"
    assert 'city "Porto" → "Braga"' in told[1]
    assert told[2].startswith('  rejected   1 → leads.rejected.csv   line 4 email: "eva@@example.com" has two @')
    assert told[-1] == f"nothing was changed; do exactly this with: ghl contacts import leads.csv --plan {digest}"
    shown = people("contacts", "import", file, "--show", "changed")
    assert shown.out.startswith('line 3  Leo  first_name "Leo" → "Rui"; city "Porto" → "Braga"')
    as_data = people("contacts", "import", file, "--show", "rejected", "--format", "ndjson")
    assert json.loads(as_data.out)["line"] == 4
    done = people("contacts", "import", file, "--plan", digest, "--json")
    assert (done.code, done.json["counts"]) == (7, {"created": 1, "changed": 1, "rejected": 1})
    assert people("contacts", "show", "leo@example.com", "--json").json["city"] == "Braga"
    number = str(done.json["change_set"])
    assert people("undo", number, "--yes").code == 0
    assert people("contacts", "show", "leo@example.com", "--json").json["city"] == "Porto"
    again = people("contacts", "import", file, "--plan", digest)
    assert (again.code, "applied already" in again.err) == (5, True)


def test_an_import_says_how_to_take_it_back(shell: Shell) -> None:
    done = shell("contacts", "import", write("a.csv", "email\nana@example.com\n"))
    assert (done.code, done.out.splitlines()[0]) == (0, "created 1")
    assert "Undo with: ghl undo" in done.out


def test_columns_are_mapped_by_hand_and_kept(shell: Shell) -> None:
    file = write("orte.csv", "Wo,Mail,Weg\nPorto,ana@example.com,x\n")
    line = ("contacts", "import", file, "--map", "Wo=city", "--map", "Mail=email", "--policy", "city=fill")
    assert shell(*line).code == 0
    other = write("mehr.csv", "Mail,Wo\nana@example.com,Faro\n")
    told = shell("contacts", "import", other, "--mapping", "orte")
    assert "mapping orte" in told.err
    assert told.out == "unchanged 1\n"
    assert "orte" in shell("imports", "profiles").out


def test_what_is_typed_wrongly_is_told(shell: Shell) -> None:
    file, dated = write("a.csv", "email\nana@example.com\n"), write("b.csv", "email,x\nana@example.com,03/04/1990\n")
    for words, code, why in [
        (("contacts", "import", "nope.csv"), 3, "there is no file nope.csv"),
        (("contacts", "import", file, "--map", "email"), 2, 'has no "="'),
        (("contacts", "import", file, "--map", "nope=email"), 5, 'has no column "nope"'),
        (("contacts", "import", file, "--map", "email=emial"), 5, 'has no field "emial"'),
        (("contacts", "import", file, "--mode", "merge"), 2, 'no mode "merge"'),
        (("contacts", "import", file, "--dates", "xyz"), 2, "--dates cannot be"),
        (("contacts", "import", dated, "--map", "x=birthday"), 5, "--dates dmy"),
        (("contacts", "import", file, "--mapping", "nope"), 3, 'no mapping "nope"'),
        (("contacts", "import", file, "--plan", "abcdef"), 3, "no plan abcdef"),
        (("contacts", "import", file, "--show", "nothing"), 2, 'no verdict "nothing"'),
        (("contacts", "import", file, "--match", "city"), 5, 'not matched by "city"'),
        (("contacts", "export", "--fields", "emial"), 5, 'no field "emial"'),
        (("contacts", "export", "x.csv", "--where", "citty == 1"), 5, "citty"),
        (("deals", "export", "x.vcf"), 5, "vCards"),
        (("import", "nope"), 3, "there is no nope"),
        (("import", file), 5, "is not one record of a copy"),
        (("export", "x.csv"), 5, "JSON Lines"),
    ]:  # fmt: skip
        told = shell(*words)
        assert (told.code, why in told.err) == (code, True), (words, told.err)


def test_dates_are_asked_for_on_a_terminal(shell: Shell) -> None:
    file = write("a.csv", "email,birthday\nana@example.com,03/04/1990\n")
    done = shell("contacts", "import", file, stdin="what\ndmy\n", terminal=True)
    assert (done.code, "3 Apr 1990 or" in done.err or "4 Mar" in done.err) == (0, True)
    assert shell("contacts", "show", "ana@example.com", "--json").json["birthday"] == "1990-04-03"
    assert "█" in done.err
    other = write("b.csv", "email,birthday\nana@example.com,05/04/1990\n")
    assert shell("contacts", "import", other, stdin="", terminal=True).code == 2


def test_exports_go_to_files_and_to_stdout(people: Shell) -> None:
    out = people("contacts", "export", "--fields", "email,city", "--where", 'city == "Porto"')
    assert out.out.splitlines() == ["email,city", "leo@example.com,Porto"]
    told = people("contacts", "export", "all.jsonl")
    assert told.err == "all.jsonl: 3 contacts\n"
    assert len(Path("all.jsonl").read_text().splitlines()) == 3
    cards = people("contacts", "export", "all.vcf", "--vcard-version", "3.0")
    assert cards.code == 0
    assert "VERSION:3.0" in Path("all.vcf").read_text()
    lines = people("contacts", "export", "--format", "ndjson")
    assert {json.loads(line)["city"] for line in lines.out.splitlines()} == {"Lisbon", "Porto", None}


def test_a_copy_of_everything_is_read_into_a_new_file(people: Shell) -> None:
    assert people("export", "copy.jsonl").code == 0
    assert people("--db", "new.db", "init", "new.db").code == 0
    read = people("--db", "new.db", "import", "copy.jsonl")
    assert (read.code, "3 contacts" in read.err) == (0, True)
    assert people("--db", "new.db", "contacts", "list", "--json").json["total"] == 3
    assert people("--db", "new.db", "import", "copy.jsonl").code == 5
    assert people("--db", "new.db", "import", "copy.jsonl", "--dry-run").code == 2


def test_the_verbs_are_listed_with_the_noun(shell: Shell) -> None:
    told = shell("contacts", "--help").out
    assert "  import" in told
    assert "  export" in told
    assert "--map COLUMN=FIELD" in shell("contacts", "import", "--help").out
    assert "import" not in [line.split()[0] for line in shell("pipelines", "--help").out.splitlines() if line.startswith("  ")]
