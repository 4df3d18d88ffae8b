"""Checkout: importing this makes `reactor` importable from a checkout, where nothing is installed.

Every example does so first. Leave that line out of what you copy into a program of your own.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))
