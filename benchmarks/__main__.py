"""Run a benchmark by its name: ``python -m benchmarks NAME [OPTIONS...]``."""

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent
#: Name of each command, and its script; ``... NAME --help`` tells more.
COMMANDS = {
    "peers": "peers.py",
    "membership": "membership_peers.py",
    "engines": "shadow_engines.py",
    "metrics": "metric_speed.py",
    "scale": "scale.py",
}


def main():
    """Run the script of a command as if it had been started itself."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: python -m benchmarks {{{','.join(COMMANDS)}}} [OPTIONS...]")
    script = HERE / COMMANDS[sys.argv[1]]
    sys.argv = [str(script), *sys.argv[2:]]
    sys.path.insert(0, str(HERE))
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    main()
