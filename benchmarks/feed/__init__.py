"""How far the feed goes: many sockets, bursts, slow and resuming clients, kills: `python -m benchmarks.feed`."""
