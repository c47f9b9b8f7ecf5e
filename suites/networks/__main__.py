"""`python -m suites.networks verify --network NAME ...`; `--help` has the options.

Exit status: 0 every layer conforms; 1 a layer deviates; 2 an option, the data or the memory is not
what it should be; 3 too little could be judged.
"""

import sys

from suites.networks.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
