"""Implementations of all piecewise operations at once: right ones, and ones wrong at kinks alone.

A kink is found as a reader would find it, without the oracle: the framework's own gradients at two
inputs on either side of it differ. Both sides are taken in binary64, so that the move is far below
the distance of two numbers of the formats with fewer bits, in which alone these are run.
"""
