"""What is true: the exact sets that a gradient may come from, and proofs that it does or does not.

The oracle knows no framework, no clock and no randomness. Floats are decoded to integers (multiples
of the format's smallest subnormal), every decision is made in exact arithmetic, and every verdict
but `undecided` carries a certificate that `oracle.check` accepts without trusting the search.
"""
