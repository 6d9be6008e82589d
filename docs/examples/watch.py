"""Print what happens on a market, from its first event on.

It connects again by itself, and goes on after the last event that it saw: none is missed, none comes twice.
"""

import argparse
import json
import sys
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("server", nargs="?", default="http://127.0.0.1:8000")
parser.add_argument("market", nargs="?", default="USDT-USD")
options = parser.parse_args()
address = f"{options.server.replace('http', 'ws', 1)}/ws/v1"

subscription = {"op": "subscribe", "channel": "market_updates", "market": options.market, "since": 0}
while True:
    try:
        with connect(address, proxy=None) as socket:
            socket.send(json.dumps(subscription))
            while True:
                text = socket.recv(decode=True)
                message = json.loads(text)
                if "op" not in message:  # an event, and no answer or heartbeat
                    subscription["since"] = message["seq"]
                sys.stdout.write(f"{text}\n")
                sys.stdout.flush()
    except (OSError, ConnectionClosed):
        time.sleep(1)
