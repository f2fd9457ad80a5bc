"""The doors: each lets a person reach the desk and its functions from where they work.

A process that is started for one of them computes with one thread, unless its environment says otherwise: what a desk
asks is too small to be shared out among processors (see `core.numeric.one_thread`), and numpy is there sooner.
"""

import os
import sys

from core.numeric.one_thread import SETTINGS, alone

if "numpy" not in sys.modules and not any(name in os.environ for name in SETTINGS):
    os.environ.update(dict.fromkeys(SETTINGS, "1"))
    alone()
