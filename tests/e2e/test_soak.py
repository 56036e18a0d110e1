"""Many WebSocket connections that open, talk, are pushed to and close at random.

`SOAK_SECONDS` says for how long (15), `SOAK_CONNECTIONS` how many at once (300), `SOAK_SEED` which way; `SOAK=full` is
2,000 for a minute. What it did is printed with its seed.
"""

import asyncio
import collections
import json
import os
import random
import re
import time
from pathlib import Path

import websockets.asyncio.client

import aws
import harness
import sockets

FULL = os.environ.get("SOAK") == "full"
SECONDS = float(os.environ.get("SOAK_SECONDS", 60 if FULL else 15))
CONNECTIONS = int(os.environ.get("SOAK_CONNECTIONS", 2000 if FULL else 300))
SEED = int(os.environ.get("SOAK_SEED", time.time_ns() % 1_000_000))
# How many callers of the Management API there are.
PUSHERS = 32
# Never needed by a run that passes.
PATIENCE = float(os.environ.get("SOAK_PATIENCE", 60))
# How much more memory the second half may need than the first: what is left over of each connection would add up.
MOST_GROWTH = 8 * 1024 * 1024
# How much may stay in all: what the allocator keeps of the time when most was under way.
MOST_KEPT = 32 * 1024 * 1024 + CONNECTIONS * 24 * 1024

# Counts in a file, and answers with the message and who sent it.
COUNTER = """
const fs = require('node:fs');
exports.handler = async (event) => {
  const { eventType, connectionId, disconnectStatusCode } = event.requestContext;
  if (eventType !== 'MESSAGE') {
    fs.appendFileSync(process.env.RECORD, `${eventType} ${connectionId} ${disconnectStatusCode ?? ''}\\n`);
    return { statusCode: 200 };
  }
  return { statusCode: 200, body: JSON.stringify({ me: connectionId, text: JSON.parse(event.body).text }) };
};
"""


class Life:
    """A connection from its opening to its end, as its client sees it."""

    def __init__(self, client):
        self.client = client
        self.id = None
        # What must arrive, and what has.
        self.expected, self.arrived = collections.Counter(), collections.Counter()
        # Pushes whose answer is not there yet.
        self.pushes = 0
        self.wrong = []

    async def take(self):
        """One message that arrives."""
        answer = json.loads(await asyncio.wait_for(self.client.recv(), PATIENCE))
        self.arrived[answer["text"]] += 1
        self.id = self.id or answer["me"]
        if answer["me"] != self.id:
            self.wrong.append(f"a message to {answer['me']} came to {self.id}: {answer['text'][:40]}")

    async def rest(self):
        """All that is under way."""
        while True:
            if self.arrived.total() < self.expected.total():
                await self.take()
            elif self.pushes:
                # It has arrived before its caller was told.
                await asyncio.sleep(0.01)
            else:
                return


class Soak:
    def __init__(self, api):
        self.api = api
        self.half = 0
        self.counts = collections.Counter()
        self.wrong = []
        # By id: the code that `$disconnect` must say.
        self.ends = {}
        # By id: those who may be pushed to.
        self.open = {}
        self.stop = 0

    async def run(self):
        """Half of it."""
        self.half += 1
        self.stop = time.monotonic() + SECONDS / 2
        # Each part has dice of its own, so that what it does does not depend on when others do.
        parts = [self.client(random.Random(f"{SEED}/{self.half}/{number}")) for number in range(CONNECTIONS)]
        parts += [self.pusher(random.Random(f"{SEED}/{self.half}/push/{number}")) for number in range(PUSHERS)]
        for outcome in await asyncio.gather(*parts, return_exceptions=True):
            if isinstance(outcome, BaseException):
                self.wrong.append(repr(outcome))

    async def client(self, rng):
        """One connection after the other, until the time is up."""
        await asyncio.sleep(rng.random() * SECONDS / 8)
        while time.monotonic() < self.stop:
            await self.live(rng)
            await asyncio.sleep(rng.random())

    async def live(self, rng):
        port, path = rng.choice([
            (self.api.port, ""), (self.api.port, "/dev"),
            (self.api.world.gatelet.port, f"/_aws/execute-api/{self.api.id}/dev")])
        life = Life(await websockets.asyncio.client.connect(
            f"ws://127.0.0.1:{port}{path}", compression=None, ping_interval=None, open_timeout=PATIENCE,
            close_timeout=PATIENCE, proxy=None))
        self.counts["opened"] += 1
        for number in range(rng.randint(1, 10)):
            text = f"{rng.getrandbits(64):x} " + "x" * rng.choice([0, 10, 200, 5000, 30000])
            life.expected[text] += 1
            await life.client.send(json.dumps({"action": "talk", "text": text}))
            if number == 0:
                await life.take()
                self.open[life.id] = life
            elif rng.random() < 0.5:
                await life.take()
            if rng.random() < 0.3:
                await asyncio.sleep(rng.random() * 0.5)
        # From now on nobody begins to push.
        del self.open[life.id]
        how = rng.random()
        if how < 0.15:
            life.client.transport.abort()
            self.ends[life.id] = 1005
            self.counts["vanished"] += 1
        else:
            await life.rest()
            if life.arrived != life.expected:
                lost, more = life.expected - life.arrived, life.arrived - life.expected
                life.wrong.append(f"{life.id}: lost {lost}, repeated {more}"[:400])
            self.counts["messages"] += life.arrived.total()
            if how < 0.3:
                status, _ = await self.manage("DELETE", life.id)
                if status != 204:
                    life.wrong.append(f"DELETE of {life.id}: {status}")
                await life.client.wait_closed()
                if life.client.close_code != 1000:
                    life.wrong.append(f"DELETE of {life.id} closed it with {life.client.close_code}")
                self.ends[life.id] = 1000
                self.counts["deleted"] += 1
            else:
                code = rng.choice([1000, 1001, 3000, 4999])
                await life.client.close(code, "done")
                self.ends[life.id] = code
                self.counts["closed"] += 1
        self.wrong += life.wrong

    async def pusher(self, rng):
        """Pushes to one connection after the other."""
        while time.monotonic() < self.stop:
            if not self.open:
                await asyncio.sleep(0.05)
                continue
            me = rng.choice(list(self.open))
            life = self.open[me]
            text = f"push {rng.getrandbits(64):x}"
            life.expected[text] += 1
            life.pushes += 1
            status, _ = await self.manage("POST", me, json.dumps({"me": me, "text": text}).encode())
            life.pushes -= 1
            # Who vanishes is gone at once.
            vanished = self.ends.get(me) == 1005
            if status == 200:
                self.counts["pushes"] += 1
            elif not (status == 410 and vanished):
                self.wrong.append(f"a push to {me}: {status}")
            await asyncio.sleep(rng.random() * 0.02)

    async def manage(self, method, me, body=b""):
        """A call of the Management API: (status, body)."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.api.world.gatelet.port)
        head = (f"{method} /@connections/{me} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                f"Content-Length: {len(body)}\r\n\r\n")
        writer.write(head.encode() + body)
        answer = await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body


def metric(gatelet, name):
    text = gatelet.request("GET", "/_gatelet/metrics").text
    return int(re.search(rf"^{name} (\d+)$", text, re.MULTILINE)[1])


def settled(gatelet):
    """How many connections there are, once that stays so."""
    seen = metric(gatelet, "gatelet_connections")
    time.sleep(0.3)
    return seen if metric(gatelet, "gatelet_connections") == seen else None


def test_soak(capsys):
    with harness.Gatelet() as gatelet:
        world = aws.World(gatelet)
        record = Path(gatelet.folder.name) / "counted"
        record.touch()
        arn = world.function(COUNTER, Timeout=60, Environment={"Variables": {"RECORD": str(record)}})
        api = sockets.Api(world)
        integration = api.integration(arn)
        for key in ["$connect", "$disconnect"]:
            api.route(key, integration)
        api.route("talk", integration, replies=True)
        api.stage()
        with api.connect() as client:
            sockets.ask(client, {"action": "talk", "text": "warm"})
            first = json.loads(sockets.ask(client, {"action": "talk", "text": "warm"}))["me"]
        # Those that boto3 keeps open, and the one that asks.
        idle = harness.wait_until(lambda: settled(gatelet), "no connection of ours")
        before = gatelet.resident_bytes()
        soak = Soak(api)
        after = []
        for _ in range(2):
            asyncio.run(soak.run())
            ends = {**soak.ends, first: 1000}
            try:
                harness.wait_until(lambda: record.read_text().count("DISCONNECT") >= len(ends), "each $disconnect", 120)
            except AssertionError as error:
                soak.wrong.append(str(error))
            after.append(gatelet.resident_bytes())
        time.sleep(0.3)
        seen = collections.defaultdict(list)
        for line in record.read_text().splitlines():
            kind, me, *code = line.split()
            seen[me].append((kind, *map(int, code)))
        for me in sorted(seen.keys() | ends.keys()):
            expected = [("CONNECT",), ("DISCONNECT", ends.get(me))]
            if seen[me] != expected:
                soak.wrong.append(f"{me}: {seen[me]}, not {expected}")
        try:
            harness.wait_until(lambda: metric(gatelet, "gatelet_connections") <= idle, "no connection of ours")
        except AssertionError:
            soak.wrong.append(f"{metric(gatelet, 'gatelet_connections')} connections at the end, not {idle}")
        kept, growth = after[1] - before, after[1] - after[0]
        with capsys.disabled():
            print(f"\nsoak: SOAK_SEED={SEED} SOAK_SECONDS={SECONDS:g} SOAK_CONNECTIONS={CONNECTIONS}: {dict(soak.counts)}; "
                  f"{kept / 2**20:.1f} MB kept, {growth / 2**20:.1f} MB of them in the second half")
        assert soak.wrong == [], f"{len(soak.wrong)} wrong: {soak.wrong[:5]}"
        assert metric(gatelet, "gatelet_exchanges_in_flight") == 0
        assert growth < MOST_GROWTH and kept < MOST_KEPT
