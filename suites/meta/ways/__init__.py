"""Implementations of `relu` that are right in every way to a derivative but the one they name.

A way is told apart as a kernel could tell it: by what the framework says of itself meanwhile.
"""
