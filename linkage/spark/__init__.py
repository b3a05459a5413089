"""The engine for lists that no single machine holds: the same linkage on Apache Spark, and the same people.

Nothing here is imported unless ``headcount link --engine spark`` asks for it; ``pip install 'headcount[spark]'``
brings what it needs. What decides who is one person (which tokens count, the levels of a pair, Splink's weights, how
groups are joined) are the very functions of the other engine, called on arrays; Spark brings the right rows together.
"""
