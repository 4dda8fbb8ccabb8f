"""`python -m khedmat.config.cli` is the same as `khedmat`."""

import sys

from khedmat.config.cli import main

sys.exit(main())
