"""A record of a topic in, the rows it lands as out."""
