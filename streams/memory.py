"""Memory that is free again, handed back to the system."""

import ctypes
import gc

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
"glibc's; other C libraries have none, and keep less for themselves."


def give_back() -> None:
    """To be called when much has been dropped; takes some milliseconds.

    Much of it hangs in cycles, which are hardly ever looked for while events are taken. And glibc keeps what
    is free between blocks in use, and up to 64 MiB after the last one, for the next time. Then other sizes
    are wanted, and it takes more: over dozens of rebalances that was 50 MiB beside 20 in use.
    """
    gc.collect()
    if _trim is not None:
        _trim(0)
