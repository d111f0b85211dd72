"""For all tests: no property depends on how fast the machine is, and Ctrl-C is heard.

A shell that starts a job in the background has it ignore SIGINT, and with it all that the job starts.
"""

import signal

from hypothesis import settings

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
