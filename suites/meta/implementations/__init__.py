"""Max pooling, right and wrong in known ways: what the suite itself is tested with.

Each `right_*.py` and `wrong_*.py` is a file for `pytest suites --implementation FILE.py`. All share
the pooling of `_pooling`, and each overrides the one stage that its name says. `catalogue.toml`
says what the suite must find in each. Nothing here knows the oracle.
"""
