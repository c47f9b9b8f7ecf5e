"""Whole networks on real images: built, run once forward and backward, and verified layer by layer.

README.md in this folder says how. `suites.networks.verify` judges any model. This folder imports
the framework; what is true it asks of `oracle`, and what it recomputes it does in numpy.
"""
