"""Record sets: Faust handed one event per fetched partition record set instead of one per record.

Faust keeps doing what it is good at: group membership, assignment, recovery, lifecycle. This package
owns the path of the data: ``consumer`` cuts record sets, ``inbox`` keeps them contiguous,
``pipeline`` applies them one transaction after the other, ``table`` recovers what was committed.
"""
