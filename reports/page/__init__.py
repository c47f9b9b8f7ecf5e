"""The report as one HTML page that needs nothing else: no network, no other file.

Whatever stands in a run file is text in it, never markup; only this project's own style sheet,
script and plots are let through as they are.
"""

from reports.page.render import (
    environment as environment,
    frame as frame,
    page as page,
)
