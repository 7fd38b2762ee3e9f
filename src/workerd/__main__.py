"""`python -m workerd` is the `workerd` command."""

import sys

from workerd.cli.main import main

sys.exit(main())
