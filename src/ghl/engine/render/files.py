"""Template files: front matter with subject and kind between two `---` lines, then HTML or Markdown."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ghl.engine.workflows.document import Document, dump
from ghl.errors import DefinitionError
from ghl.sdk.workflows.problems import Problem, Problems
from ghl.sdk.workflows.values import Text

SUFFIXES = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown", ".txt": "text"}


class _Front(BaseModel):
    """What stands between the two lines."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    subject: Text
    kind: Literal["marketing", "transactional"] = "marketing"
    name: Text | None = None
    description: str | None = None


class TemplateFile(BaseModel):
    """A template as a file holds it, with the places of its subject and its body in the file, from 1."""

    model_config = ConfigDict(frozen=True)

    name: str
    subject: str
    kind: Literal["marketing", "transactional"]
    format: Literal["html", "markdown", "text"]
    body: str
    description: str | None = None
    file: str = ""
    subject_line: int = 1
    subject_column: int = 1
    body_line: int = 1

    @property
    def origin(self) -> dict[str, Any]:
        """Where its parts stand, so that what is wrong with them later is told by its line of the file."""
        names = ("file", "subject_line", "subject_column", "body_line")
        return {name: getattr(self, name) for name in names}


def read_template(text: str | bytes, file: str) -> TemplateFile:
    """Read the text of a template file; the name is the file's own unless the front matter has one."""
    path = PurePath(file)
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise DefinitionError(
            f"{file} is not a template file", hint=f"endings: {', '.join(SUFFIXES)}", file=file
        )
    try:
        source = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise DefinitionError(
            f"{file}:1:1  the file is not UTF-8", hint="save it as UTF-8", file=file
        ) from None
    lines = source.replace("\r\n", "\n").splitlines(keepends=True)
    end = _end_of_front_matter(lines, file)
    document = Document("".join(lines[1:end]), file, first_line=2)
    problems = Problems()
    data = document.data if document.data is not None else {}
    try:
        front = _Front.model_validate(data)
    except ValidationError as error:
        problems.of_validation(error, _Front, lambda where: where)
        raise document.error(problems.errors) from None
    body = "".join(lines[end + 1 :]).lstrip("\n")
    subject_line, subject_column = document.place(Problem(("subject",), "", column=1))
    skipped = len("".join(lines[end + 1 :])) - len(body)
    return TemplateFile(
        name=front.name or path.stem,
        subject=front.subject,
        kind=front.kind,
        format=form,  # type: ignore[arg-type]
        body=body.rstrip() + "\n" if body.strip() else "",
        description=front.description,
        file=file,
        subject_line=subject_line,
        subject_column=subject_column,
        body_line=end + 2 + skipped,
    )


def dump_template(template: TemplateFile) -> str:
    """The file of a template; reading it gives an equal template."""
    front = {"subject": template.subject, "kind": template.kind}
    stem = PurePath(template.file).stem
    if template.name != stem:
        front["name"] = template.name
    if template.description:
        front["description"] = template.description
    return f"---\n{dump(front)}---\n{template.body}"


def _end_of_front_matter(lines: list[str], file: str) -> int:
    if not lines or lines[0].strip() != "---":
        raise DefinitionError(
            f"{file}:1:1  a template begins with its subject between two lines of ---",
            hint='---\nsubject: "Welcome"\nkind: marketing\n---',
            file=file, line=1, column=1,
        )  # fmt: skip
    for number, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            return number
    raise DefinitionError(
        f"{file}:1:1  the line --- that ends the front matter is missing",
        hint="put --- between the settings and the body",
        file=file, line=1, column=1,
    )  # fmt: skip
