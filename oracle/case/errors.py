"""What is no case."""


class CaseError(ValueError):
    """A document that is no case."""
