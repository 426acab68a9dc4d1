"""Run one benchmark by name: `python -m bench startup`."""

import importlib
import json
import pkgutil
import sys

import bench


def main(arguments: list[str]) -> int:
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__))
    names = [name for name in names if not name.startswith("_")]
    if len(arguments) != 1 or arguments[0] not in names:
        print(f"bench: name one of {', '.join(names)}; got {arguments!r}", file=sys.stderr)
        return 2
    figures = importlib.import_module(f"bench.{arguments[0]}").measure()
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
