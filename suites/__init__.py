"""What frameworks do, held against what is true.

The suites plan cells from the corpus, have the framework run them in child processes, judge what
comes back by the oracle and write it all down. What is right is never decided here.
"""
