"""What was found: a run file in, a report out.

An HTML page, the same as JSON and Markdown, JUnit XML, a script for each failure.

Never runs a test, never judges, imports no framework and nothing of the oracle or the suites:
every number of a report stands in the run file. The suites use `reports.record` alone.
"""
