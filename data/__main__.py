"""``python -m data fetch|list|check|export``."""

import sys

from data.cli import main

if __name__ == "__main__":
    sys.exit(main())
