"""How a command ends: exit codes, and errors as sentences instead of traces."""

import sys
from collections.abc import Callable

from bot.cli.sentences import sentence, system_sentence
from bot.errors import KlingbotError, PlatformRefused, SettingsInvalid

OK, FAILED, BAD_SETTINGS = 0, 1, 78
"""Exit codes; 78 is EX_CONFIG of sysexits.h: restarting won't help."""


def ended(command: Callable[[], int]) -> int:
    """Run a command; what goes wrong on purpose is said in words on stderr."""
    try:
        return command()
    except KeyboardInterrupt:
        return OK
    except SettingsInvalid as error:
        print("These settings need a look:", *error.problems, sep="\n  ", file=sys.stderr)
        return BAD_SETTINGS
    except PlatformRefused as error:
        print(sentence(error), file=sys.stderr)
        return BAD_SETTINGS
    except KlingbotError as error:
        print(sentence(error), file=sys.stderr)
        return FAILED
    except OSError as error:
        print(system_sentence(error), file=sys.stderr)
        return FAILED
