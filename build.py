"""The one command: builds, checks and serves the site. `python build.py --help` lists what it can do."""

import gc
import os
import sys
import time

if __name__ == "__main__":
    begun = time.perf_counter()
    gc.disable()  # what is loaded at the start stays: looking through it for waste costs a tenth of the loading
    from builder import cache

    here = os.path.dirname(os.path.abspath(__file__))
    line = cache.nothing_to_do(sys.argv[1:], here, begun)
    if line is None:
        from builder.command import main

        code = main(sys.argv[1:])
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # taking apart what a site was made of takes longer than reading it
    print(line)
