"""Runs framework calls in child processes and returns raw bits.

Numbers go in and come out as the bit patterns of their format; a child that dies or hangs costs
its call and nothing else. What the right answer would be is never known here.
"""
