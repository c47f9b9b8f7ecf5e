"""`python -m suites.networks verify --network NAME ...`; `--help` has the options.

Exit status: 0 every layer conforms; 1 a layer deviates; 2 an option, the data or the memory is not
what it should be; 3 too little could be judged.
"""

import sys

from oracle.commands import quiet_on_closed_pipe
from suites.networks.command import main

if __name__ == "__main__":
    sys.exit(quiet_on_closed_pipe(lambda: main(sys.argv[1:])))
