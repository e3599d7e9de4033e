"""Runs small processes under the product's launcher, in a process of its own for the tests to kill.

Arguments: the checkout, and a JSON object of name → argv. The process `web` counts as serving when
it has made the file `pronto` in the checkout; then the supervisor's line says so.
"""

import json
import sys
from functools import partial
from pathlib import Path

from porfse import local
from porfse.local.child import Command
from porfse.local.product import run


def main() -> None:
    base = Path(sys.argv[1])
    say = partial(print, flush=True)

    def serves() -> bool:
        if (base / "pronto").exists():
            say("pronto")
            return True
        return False

    commands = [
        Command(name, argv, ready=serves if name == "web" else None)
        for name, argv in json.loads(sys.argv[2]).items()
    ]
    try:
        run(
            base,
            0,  # any free port: the small processes open none
            prepare=[sys.executable, "-c", "print('preparato', flush=True)"],
            commands=commands,
            grace=0.3,
            say=say,
        )
    except local.LocalError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
