"""The one command: builds, checks and serves the site. `python build.py --help` lists what it can do."""

import sys

if __name__ == "__main__":
    from builder.command import main

    sys.exit(main(sys.argv[1:]))
