"""What a definition refuses."""


class ProgramError(ValueError):
    """Parameters, shapes or numbers that the operation refuses; the message names the key."""
