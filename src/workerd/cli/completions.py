"""Completion scripts for shells, made from the table."""

from __future__ import annotations

from workerd.cli.parser import UsageError
from workerd.cli.table import COMMANDS, COMPLETIONS, GLOBAL, Command


def completions(shell: str) -> str:
    makers = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    if shell not in makers:
        raise UsageError(f"invalid value '{shell}' for '<shell>': Expected bash, zsh or fish", COMPLETIONS)
    return makers[shell]()


def _known() -> list[Command]:
    return [command for command in COMMANDS if not command.unsupported]


def _bash() -> str:
    names = " ".join(command.name for command in _known())
    cases = []
    for command in _known():
        options = (*command.options, *GLOBAL)
        flags = " ".join(flag for option in options for flag in option.flags)
        valued = [option for option in options if option.metavar and "=" not in option.metavar]
        files = "|".join(flag for option in valued if option.completes == "file" for flag in option.flags)
        directories = "|".join(flag for option in valued if option.completes == "directory" for flag in option.flags)
        others = "|".join(
            flag for option in options if option.metavar and not option.completes for flag in option.flags
        )
        arms = []
        if files:
            arms.append(f'      {files}) COMPREPLY=($(compgen -f -- "$word")); return ;;')
        if directories:
            arms.append(f'      {directories}) COMPREPLY=($(compgen -d -- "$word")); return ;;')
        if others:
            arms.append(f"      {others}) COMPREPLY=(); return ;;")
        choices = next((argument.completes for argument in command.arguments if " " in argument.completes), "")
        words = (
            f'COMPREPLY=($(compgen -W "{choices}" -- "$word"))' if choices else 'COMPREPLY=($(compgen -f -- "$word"))'
        )
        cases.append(
            f"""  {command.name})
    case $before in
{chr(10).join(arms) or '      "") ;;'}
    esac
    case $word in
      -*) COMPREPLY=($(compgen -W "{flags}" -- "$word")) ;;
      *) {words} ;;
    esac ;;"""
        )
    return f"""_workerd() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "{names} help --help --version --verbose" -- "$word"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
  help) COMPREPLY=($(compgen -W "{names}" -- "$word")) ;;
{chr(10).join(cases)}
  esac
}}
complete -o filenames -F _workerd workerd
"""


def _zsh() -> str:
    summaries = "\n".join(f"    '{command.name}:{_plain(command.summary)}'" for command in _known())
    cases = []
    for command in _known():
        specs = []
        for option in (*command.options, *GLOBAL):
            action = {"file": ":file:_files", "directory": ":directory:_files -/", "": ":value:"}[option.completes]
            value = action if option.metavar else ""
            star = "*" if option.repeat else ""
            specs += [f"'{star}{flag}[{_plain(option.help)}]{value}'" for flag in option.flags]
        for number, argument in enumerate(command.arguments, 1):
            action = f"({argument.completes})" if " " in argument.completes else "_files" if argument.completes else ""
            specs.append(f"'{number}:{argument.dest}:{action}'")
        joined = " \\\n      ".join(specs)
        cases.append(f"  {command.name}) _arguments \\\n      {joined} ;;")
    return f"""#compdef workerd
_workerd() {{
  local -a commands
  commands=(
{summaries}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
{chr(10).join(cases)}
  esac
}}
compdef _workerd workerd
"""


def _fish() -> str:
    lines = ["complete -c workerd -f"]
    for command in _known():
        lines.append(f"complete -c workerd -n __fish_use_subcommand -a {command.name} -d '{_plain(command.summary)}'")
        seen = f"-n '__fish_seen_subcommand_from {command.name}'"
        for argument in command.arguments:
            if " " in argument.completes:
                lines.append(f"complete -c workerd {seen} -a '{argument.completes}'")
            elif argument.completes == "file":
                lines.append(f"complete -c workerd {seen} -F")
        for option in (*command.options, *GLOBAL):
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            takes = ("-r -F" if option.completes else "-x") if option.metavar else ""
            lines.append(f"complete -c workerd {seen} {flags} {takes} -d '{_plain(option.help)}'")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """`text` fit for a place between single quotes in zsh's and fish's descriptions."""
    first = text.split(". ")[0].rstrip(".")
    return first.replace("'", "").replace("[", "(").replace("]", ")").replace(":", " -").replace("`", "")
