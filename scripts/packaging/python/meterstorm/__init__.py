"""Meterstorm from Python: runs, campaigns and capacity studies, with records as dictionaries and tables as lists of dictionaries or as data
frames.

>>> import meterstorm
>>> record = meterstorm.run("month-end-throttle", seed=42)
>>> record.verdict
'pass'
>>> [row["entity"] for row in record.table("erps")]
['us', 'de']

Everything is done by the program inside of this package, in a process of its own: the same version, scenario and seed give the same record.
"""

from ._api import (
    BadInput,
    BadUsage,
    Campaign,
    Capacity,
    InternalError,
    Interrupted,
    MeterstormError,
    Outcome,
    Progress,
    Record,
    campaign,
    capacity,
    compare,
    explain,
    gate,
    run,
)
from ._program import executable, scenarios, version

#: The version of the program, such as `0.1.0`.
__version__: str = version()

__all__ = [
    "BadInput", "BadUsage", "Campaign", "Capacity", "InternalError", "Interrupted", "MeterstormError", "Outcome", "Progress", "Record",
    "__version__", "campaign", "capacity", "compare", "executable", "explain", "gate", "run", "scenarios",
]
