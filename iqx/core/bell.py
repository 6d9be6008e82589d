"""The bell: tells the feed processes, after a commit, which streams have news. At-most-once, and that is enough.

`ring` costs the calling thread next to nothing: it leaves the news with an event loop that sends it on.
"""
