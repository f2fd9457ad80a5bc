"""What may follow the words typed so far: asked by the shell at each press of the completion key.

A shell's script (`perpdesk completion bash`) only passes the words on to `perpdesk __complete`: every shell completes
alike, and a new command is completed without a further word.
"""

from __future__ import annotations

from argparse import Action
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .typed.declared import Argument, Command, Group
from .typed.parser import Parser

__all__ = ["candidates"]

Candidate = tuple[str, str]
"""A word, and what it means."""


def candidates(commands: Mapping[str, Command | Group], words: Sequence[str]) -> list[Candidate]:
    """The words that may stand where the last of `words` begins; none where a file or anything may stand."""
    *before, now = words or [""]
    known: Mapping[str, Command | Group] = commands
    for place, word in enumerate(before):
        entry = known.get(word)
        if entry is None:
            return []
        if isinstance(entry, Command):
            return _begin(now, _in_command(entry, before[place + 1 :], now))
        known = {each.name: each for each in entry.commands}
    return _begin(now, ((name, entry.summary) for name, entry in known.items()))


def _begin(now: str, offered: Iterable[Candidate]) -> list[Candidate]:
    """Those that begin as the word does that is being typed, in any case."""
    return [(word, meaning) for word, meaning in offered if word.lower().startswith(now.lower())]


def _in_command(command: Command, before: Sequence[str], now: str) -> Iterator[Candidate]:
    actions = Parser(command, command.name).actions()
    if before and _takes_a_value(actions.get(before[-1])):
        yield from _words(next(each for each in command.arguments if before[-1] in each.names))
    elif now.startswith("-"):
        yield from ((option, (action.help or "").replace("%%", "%")) for option, action in actions.items())
    else:
        yield from _words(_word_at(command, actions, before))


def _takes_a_value(action: Action | None) -> bool:
    return action is not None and action.nargs != 0


def _word_at(command: Command, actions: Mapping[str, Action], before: Sequence[str]) -> Argument | None:
    """The argument without a name that stands after these words."""
    taken = sum(
        not word.startswith("-") and not (place and _takes_a_value(actions.get(before[place - 1])))
        for place, word in enumerate(before)
    )
    named = [each for each in command.arguments if not each.names[0].startswith("-")]
    return named[taken] if taken < len(named) else None


def _words(argument: Argument | None) -> Iterator[Candidate]:
    if argument is not None and argument.completes is not None:
        yield from ((word, "") for word in argument.completes())
