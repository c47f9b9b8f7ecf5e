"""The search proposes a certificate for a case. It is not trusted: `oracle.check` decides."""

from oracle.search.propose import Proposal as Proposal, propose as propose
