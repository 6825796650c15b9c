"""`ghl completion`: the script that lets a shell complete words."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ghl.cli.context import UsageError

SCRIPTS = {
    "bash": r"""_ghl() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$(printf '%q' "${line%%$'\t'*}")")
    done < <(ghl __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _ghl ghl
""",
    "zsh": r"""#compdef ghl
_ghl() {
    local -a found
    local line
    for line in "${(@f)$(ghl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        [[ -n $line ]] && found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    if (( ${#found} )); then _describe 'ghl' found; else _files; fi
}
compdef _ghl ghl
""",
    "fish": r"""function __ghl_complete
    set -l words (commandline -opc)
    ghl __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c ghl -a '(__ghl_complete)'
""",
}


def completion(shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish", help="The shell", show_default=False)]) -> None:
    """Print the script that completes nouns, verbs, options and names: add its output to the shell's start-up file."""
    if shell not in SCRIPTS:
        raise UsageError(f'there is no completion for "{shell}"', hint="bash, zsh or fish")
    sys.stdout.write(SCRIPTS[shell])
