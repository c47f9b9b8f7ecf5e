"""The search: proposes a certificate for a case. Nothing here is trusted; `oracle.check` decides."""

from oracle.search.propose import Proposal as Proposal, propose as propose
