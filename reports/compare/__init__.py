"""What changed from one run to another: case by case, on ids, for who decides on a release.

Two run files in, or a compact baseline in the place of either; Markdown, a page and JSON out.
Times never count, nor do cells of which a known deviation says that it shows `sometimes`.
"""

from reports.compare.baseline import (
    BASELINES as BASELINES,
    SUFFIX as SUFFIX,
    baseline_name as baseline_name,
    pack as pack,
    unpack as unpack,
    write_baseline as write_baseline,
)
from reports.compare.build import build as build
from reports.compare.compare import (
    DEFAULT as DEFAULT,
    FAIL_ON as FAIL_ON,
    Comparison as Comparison,
    compare as compare,
)
from reports.compare.document import document as document
from reports.compare.forms import (
    markdown as markdown,
    page as page,
)
from reports.compare.sides import (
    Side as Side,
    read_side as read_side,
    side_of as side_of,
)
from reports.compare.summary import summary as summary
