"""Real images, each set from a folder that the user names, or from the packages that ship some.

A set has the name of a known one only where its checksum is the published one. A file that is
missing, cut short or corrupt is a `DataError` of one line, which says where to get what.
"""

from suites.networks.data.images import DataError as DataError, Images as Images
from suites.networks.data.loading import load as load, shipped as shipped
