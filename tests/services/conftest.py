from __future__ import annotations

import sys
from types import ModuleType

import workerd

try:
    import workerd._native
except ImportError:
    # Without the extension, services run on stand-ins for its classes.
    from tests.services import standins

    _stand_in = ModuleType("workerd._native")
    _stand_in.__dict__.update(Pipe=standins.Pipe, channel_pair=standins.channel_pair)
    sys.modules["workerd._native"] = _stand_in
    workerd.__dict__["_native"] = _stand_in
