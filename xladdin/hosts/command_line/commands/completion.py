"""`perpdesk completion`: the lines that make a shell complete commands, options, functions and settings."""

from __future__ import annotations

from argparse import Namespace

from ..typed.declared import argument, command

__all__ = ["ASKED", "completion"]

ASKED = "__complete"
"""The word by which a shell asks what may follow."""

BASH = """\
_perpdesk() {
    local IFS=$'\\n' found
    found=($(perpdesk __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
    COMPREPLY=("${found[@]%%$'\\t'*}")
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return 0
}
complete -o default -o bashdefault -F _perpdesk perpdesk
"""

ZSH = """\
#compdef perpdesk
_perpdesk() {
    local -a lines found
    local line
    lines=("${(@f)$(perpdesk __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $lines; do found+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}"); done
    if (( $#found )); then _describe 'perpdesk' found; else _files; fi
}
compdef _perpdesk perpdesk
"""

FISH = """\
function __perpdesk_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (perpdesk __complete $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c perpdesk -f -a '(__perpdesk_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@command(argument("shell", metavar="SHELL", choices=tuple(SCRIPTS), completes=SCRIPTS.keys, help="bash, zsh or fish."))
def completion(given: Namespace) -> bool:
    """Print what makes a shell complete the words of perpdesk.

    bash: put eval "$(perpdesk completion bash)" into ~/.bashrc; zsh the same into ~/.zshrc, after compinit; fish:
    perpdesk completion fish > ~/.config/fish/completions/perpdesk.fish.
    """
    from ..told.console import say

    say(SCRIPTS[given.shell], end="")
    return True
