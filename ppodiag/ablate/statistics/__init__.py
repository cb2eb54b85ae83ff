"""What scores of many seeds say: intervals, tests and a verdict, in numpy alone.

`comparison.compare` judges arms against their reference; the other modules hold one method each. No files, no clock,
and no random number but from the generator that the caller hands over.
"""
