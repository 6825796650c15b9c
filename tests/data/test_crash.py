"""An import that is killed again and again ends like one that was never killed."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ghl
from ghl.engine.data.files import Wish, import_file

pytestmark = [pytest.mark.integration, pytest.mark.skipif(os.name != "posix", reason="kills by signal")]

ROWS, PORTION, KILLS = 3000, 200, 20
CHILD = """
import sys
from ghl import connect
from ghl.engine.data.files import Wish, open_import

target, file, portion, trial = sys.argv[1:]
with connect(target) as crm:
    job = open_import(crm, "contacts", file, Wish(portion=int(portion), trial=trial == "trial"))
    with job.source:
        job.run(lambda done, total: print(done, flush=True))
"""


def people(path: Path) -> Path:
    draw = random.Random(4)
    lines = ["first_name,last_name,email,phone,company,city,tags"]
    for n in range(ROWS):
        email = f"p{draw.randrange(ROWS)}@example.com" if n % 50 else f"p{n}@@example.com"
        lines.append(f"N{n},L{n % 97},{email},91{draw.randrange(10**7):07d},Company {n % 211},C{n % 13},t{n % 5};t{n % 7}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def fingerprint(crm: ghl.Client) -> str:
    """A hash of every stored business row, without ids and times."""
    queries = [
        "select first_name, last_name, name_key, city, version, search_text from contact_records order by id",
        "select c.first_name, a.kind, a.key, a.is_primary, a.position from contact_addresses a join contact_records c on c.id = a.contact_id order by c.id, a.kind, a.key",
        "select c.first_name, t.name_key from contact_tags x join contact_records c on c.id = x.contact_id join tags t on t.id = x.tag_id order by c.id, 2",
        "select c.first_name, k.name_key from contact_companies x join contact_records c on c.id = x.contact_id join company_records k on k.id = x.company_id order by c.id",
        "select name_key, version from company_records order by id",
        "select kind, count(*) as n from changes group by kind order by kind",
        "select count(*) as n from change_sets",
        "select noun, kind, record_id, version from changes order by id",
    ]
    found: list[Any] = []
    with crm._transport.reading() as connection:  # type: ignore[attr-defined]
        for query in queries:
            found += connection.tuples(query)
    return hashlib.sha256(repr(found).encode()).hexdigest()


def killed_until_done(target: Path, file: Path, seed: int, *, trial: bool = False) -> int:
    """Run the import, killing it after a random number of portions, until one run ends by itself."""
    draw = random.Random(seed)
    for attempt in range(100):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(target), str(file), str(PORTION), "trial" if trial else ""], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        wanted = draw.randrange(1, 4) if attempt < KILLS else 10**9
        for seen, _ in enumerate(child.stdout, 1):
            if seen == wanted:
                child.send_signal(signal.SIGKILL)
                break
        code = child.wait()
        child.stdout.close()
        # Killed after its last transaction it is done too; the same command would be another import.
        if code == 0 or ended(target):
            return attempt
    raise AssertionError("it never came to its end")


def ended(target: Path) -> bool:
    """Whether the newest import has come to its end."""
    with ghl.connect(str(target)) as crm:
        newest = crm.imports.list().first()
    return newest is not None and newest.state != "running" and newest.line > ROWS - PORTION


def test_a_killed_import_ends_like_one_that_was_not(tmp_path: Path) -> None:
    file = people(tmp_path / "people.csv")
    with ghl.init(str(tmp_path / "calm.db"), zone="UTC", country="PT") as calm:
        done = import_file(calm, "contacts", file, Wish(portion=PORTION))
        wanted = fingerprint(calm)
        rejected = (tmp_path / "people.rejected.csv").read_bytes()
        assert done.counts["rejected"] == ROWS // 50
    (tmp_path / "people.rejected.csv").unlink()
    target = tmp_path / "killed.db"
    ghl.init(str(target), zone="UTC", country="PT").close()
    assert killed_until_done(target, file, 1) > 2
    with ghl.connect(str(target)) as crm:
        assert fingerprint(crm) == wanted
        assert crm.imports.list().items[0].counts == done.counts
        assert (tmp_path / "people.rejected.csv").read_bytes() == rejected
        undone = crm.undo()
        assert (undone.kept, crm.contacts.list().total) == ([], 0)


LAST = """
import os, signal, sys
from ghl import connect
from ghl.engine.data.files import Wish, open_import

target, file, trial = sys.argv[1:]
with connect(target) as crm:
    job = open_import(crm, "contacts", file, Wish(portion=1000, trial=trial == "trial"))
    with job.source:
        job._send(job.begin(), lambda done, total: done < total or os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.mark.parametrize("trial", [False, True])
def test_what_was_killed_before_its_end_is_ended_and_not_begun_again(tmp_path: Path, trial: bool) -> None:
    file = people(tmp_path / "people.csv")
    target = tmp_path / "killed.db"
    ghl.init(str(target), zone="UTC", country="PT").close()
    child = subprocess.run([sys.executable, "-c", LAST, str(target), str(file), "trial" if trial else ""], check=False)
    assert child.returncode == -signal.SIGKILL
    with ghl.connect(str(target)) as crm:
        (left,) = crm.imports.list().items
        assert (left.state, left.done) == ("running", ROWS)
        done = import_file(crm, "contacts", file, Wish(portion=1000, trial=trial))
        assert (done.id, done.done, done.counts) == (left.id, ROWS, left.counts)
        assert done.state == ("planned" if trial else "finished")
        assert crm.imports.list().total == 1
        assert [event.name for event in crm.events.list()].count("import.finished") == (0 if trial else 1)


def test_a_killed_trial_ends_in_the_same_plan(tmp_path: Path) -> None:
    file = people(tmp_path / "people.csv")
    target = tmp_path / "plan.db"
    with ghl.init(str(target), zone="UTC", country="PT") as crm:
        wanted = import_file(crm, "contacts", file, Wish(portion=PORTION, trial=True))
    assert killed_until_done(target, file, 2, trial=True) > 2
    with ghl.connect(str(target)) as crm:
        plan = crm.imports.list().items[0]
        assert (plan.plan, plan.counts) == (wanted.plan, wanted.counts)
        done = import_file(crm, "contacts", file, Wish(plan=plan.plan))
        assert done.counts == plan.counts
