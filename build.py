"""The one command: builds, checks and serves the site. `python build.py --help` lists what it can do."""

import os
import sys
import time

if __name__ == "__main__":
    begun = time.perf_counter()
    from builder import cache

    here = os.path.dirname(os.path.abspath(__file__))
    line = cache.nothing_to_do(sys.argv[1:], here, begun)
    if line is None:
        from builder.command import main

        sys.exit(main(sys.argv[1:]))
    print(line)
