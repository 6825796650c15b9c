"""A folder of definitions: workflows, templates, pipelines, views, fields, tags and senders, with their places."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ghl.engine.render.files import SUFFIXES, TemplateFile, read_template
from ghl.engine.workflows.document import Document
from ghl.engine.workflows.files import Checked, WorkflowFile, file_bytes, read_workflow
from ghl.engine.workflows.settings_files import (
    FieldFile,
    PipelineFile,
    SenderFile,
    TagFile,
    ViewFile,
    read_fields,
    read_pipeline,
    read_senders,
    read_tags,
    read_view,
)
from ghl.errors import DefinitionError, GhlError
from ghl.sdk.workflows.catalogue import Catalogue, Place

T = TypeVar("T")
_YAML = (".yaml", ".yml")
_SINGLE = ("fields", "tags", "senders")


@dataclass
class Folder:
    """What a folder defines, by kind and name. `files` says which file each came from."""

    workflows: dict[str, WorkflowFile] = field(default_factory=dict)
    templates: dict[str, TemplateFile] = field(default_factory=dict)
    pipelines: dict[str, PipelineFile] = field(default_factory=dict)
    views: dict[str, ViewFile] = field(default_factory=dict)
    fields: dict[str, FieldFile] = field(default_factory=dict)
    tags: dict[str, TagFile] = field(default_factory=dict)
    senders: dict[str, SenderFile] = field(default_factory=dict)
    files: dict[tuple[str, str], str] = field(default_factory=dict)


class Together:
    """A catalogue of an account with what a folder adds to it."""

    def __init__(self, account: Catalogue, folder: Folder) -> None:
        self.account = account
        self.folder = folder

    def names(self, kind: str, within: str | None = None) -> Collection[str] | None:
        known = self.account.names(kind, within)
        return None if known is None else [*known, *(n for n in self._added(kind, within) if n not in known)]

    def operation_names(self) -> Collection[str] | None:
        return self.account.operation_names()

    def operation(self, name: str) -> type[Any] | None:
        return self.account.operation(name)

    def expression_error(self, text: str, place: Place) -> GhlError | None:
        return self.account.expression_error(text, place)

    def template_error(self, text: str, place: Place) -> GhlError | None:
        return self.account.template_error(text, place)

    def cron_error(self, rule: str) -> GhlError | None:
        return self.account.cron_error(rule)

    def url_error(self, url: str) -> GhlError | None:
        return self.account.url_error(url)

    def message_error(self, template: str, place: Place) -> GhlError | None:
        return self.account.message_error(template, place)

    def _added(self, kind: str, within: str | None) -> list[str]:
        folder = self.folder
        if kind == "stage":
            chosen = [p for name, p in folder.pipelines.items() if within in (None, name)]
            return [stage.name for pipeline in chosen for stage in pipeline.stages]
        if kind == "field":
            return [item.key for item in folder.fields.values() if item.noun == within]
        plain: dict[str, Collection[str]] = {
            "template": folder.templates,
            "pipeline": folder.pipelines,
            "tag": folder.tags,
            "sender": folder.senders,
            "workflow": folder.workflows,
        }
        return list(plain.get(kind, ()))


def read_folder(root: Path, account: Catalogue | None = None) -> Folder:
    """Read a folder laid out as

        workflows/*.yaml  templates/*.html|md|txt  pipelines/*.yaml  views/*.yaml  fields.yaml  tags.yaml  senders.yaml

    Workflows are checked last, so that they may use what the folder itself defines. Raises
    DefinitionError for the first file that is wrong; file names in errors are relative to the folder.
    """
    if not root.is_dir():
        raise DefinitionError(f"there is no folder {root}", hint="a folder with workflows/*.yaml, templates/*.html and the like")
    folder = Folder()
    for name in _SINGLE:
        path = next(
            (root / f"{name}{suffix}" for suffix in _YAML if (root / f"{name}{suffix}").is_file()), None
        )
        if path is not None:
            _read_single(folder, name, Document(file_bytes(path), path.name))
    for path in _files(root / "pipelines", _YAML):
        pipeline = read_pipeline(Document(file_bytes(path), _shown(path, root)))
        _add(folder, "pipeline", folder.pipelines, pipeline.pipeline, pipeline, _shown(path, root))
    for path in _files(root / "views", _YAML):
        view = read_view(Document(file_bytes(path), _shown(path, root)))
        _add(folder, "view", folder.views, f"{view.noun}.{view.view}", view, _shown(path, root))
    for path in _files(root / "templates", tuple(SUFFIXES)):
        template = read_template(file_bytes(path), _shown(path, root))
        _add(folder, "template", folder.templates, template.name, template, _shown(path, root))
    catalogue = Together(account or Checked(), folder)
    for path in _files(root / "workflows", _YAML):
        if path.stem.endswith(".test"):
            continue
        workflow = read_workflow(file_bytes(path), _shown(path, root), catalogue)
        _add(folder, "workflow", folder.workflows, workflow.definition.name, workflow, _shown(path, root))
    return folder


def _read_single(folder: Folder, name: str, document: Document) -> None:
    if name == "fields":
        for custom in read_fields(document):
            _add(folder, "field", folder.fields, f"{custom.noun}.{custom.key}", custom, document.file)
    elif name == "tags":
        for tag in read_tags(document):
            _add(folder, "tag", folder.tags, tag.name, tag, document.file)
    else:
        for sender in read_senders(document):
            _add(folder, "sender", folder.senders, sender.name, sender, document.file)


def _add(folder: Folder, kind: str, into: dict[str, T], name: str, item: T, file: str) -> None:
    taken = folder.files.get((kind, name))
    if taken is not None:
        where = f"{taken} has it too" if taken != file else "it is there twice"
        raise DefinitionError(
            f'{file}:1:1  the {kind} "{name}" is already defined: {where}', file=file, line=1, column=1
        )
    folder.files[kind, name] = file
    into[name] = item


def _files(folder: Path, suffixes: Collection[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return sorted(path for path in found if path.suffix.lower() in suffixes)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
