"""Workflow files: YAML in, a checked definition with line numbers out, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ghl.engine.workflows import cron
from ghl.engine.workflows.document import Document, dump
from ghl.errors import GhlError, Invalid, NotFound
from ghl.sdk.workflows.catalogue import Catalogue, Known
from ghl.sdk.workflows.definition import KEYS, Definition, check
from ghl.sdk.workflows.problems import Problem


@dataclass(frozen=True)
class Checked(Known):
    """A catalogue from plain collections that also reads cron rules."""

    def cron_error(self, rule: str) -> GhlError | None:
        return cron_error(rule)


def cron_error(rule: str) -> GhlError | None:
    """What is wrong with a cron rule; for every catalogue of the engine."""
    try:
        cron.canonical(rule)
    except Invalid as error:
        return error
    return None


@dataclass(frozen=True)
class WorkflowFile:
    """A definition and the text that it was read from; `warnings` have their line in front."""

    definition: Definition
    document: Document
    warnings: list[Problem] = field(default_factory=list)

    @property
    def warning_lines(self) -> list[str]:
        """The warnings as `file:line:column  sentence`."""
        told = []
        for problem in self.warnings:
            line, column = self.document.place(problem)
            hint = f" ({problem.hint})" if problem.hint else ""
            told.append(f"{self.document.file}:{line}:{column}  {problem.message}{hint}")
        return told


def read_workflow(text: str | bytes, file: str, catalogue: Catalogue | None = None) -> WorkflowFile:
    """Read the text of a workflow file; raises DefinitionError with file, line and column."""
    document = Document(text, file)
    definition, problems = check(document.data, catalogue or Checked(), line_of=document.line_of)
    if problems.errors or definition is None:
        raise document.error(problems.errors)
    return WorkflowFile(definition, document, problems.warnings)


def read_workflow_file(path: FilePath, catalogue: Catalogue | None = None) -> WorkflowFile:
    """As `read_workflow`, from a file."""
    return read_workflow(file_bytes(path), str(path), catalogue)


def file_bytes(path: FilePath) -> bytes:
    """The content of a definition file, or one clear error."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}") from None
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None


def dump_workflow(data: Mapping[str, Any]) -> str:
    """A definition's data as canonical YAML: the keys in the order of the documentation."""
    return dump({key: data[key] for key in KEYS if key in data})
