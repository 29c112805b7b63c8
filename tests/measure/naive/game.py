"""The adversaries A0 to A3 and what they win, from the rows of flows.csv."""
# SPDX-License-Identifier: GPL-2.0-or-later
import math

import stats
from truth import nanoseconds

BITS = {"tuple": 32, "port": 16, "label": 20, "ticket": 32, "token": 32}
CIDS = ("cid-up", "cid-down")
GUESS_LEAST = 4  # bytes
LN2 = math.log(2)
TAUS = [10 ** (k / 10) for k in range(51)]  # ms
WEIGHTS = [2.0**k for k in range(-3, 4)]
UNDECIDED = 0.1  # nats: less is the order in which links serve packets
ADVERSARIES = ("A0", "A1", "A2", "A3")


class Flow:
    """A row of flows.csv, without its truth."""

    def __init__(self, row):
        self.identifiers = [i.split(":") for i in row["identifiers"].split()]
        self.up, self.down = _ends(row, "up"), _ends(row, "down")
        self.bytes = int(row["bytes_up"]) + int(row["bytes_down"])
        self.features = [
            _rate(row, "down"),
            _rate(row, "up"),
            _size(row, "up"),
            _size(row, "down"),
            float(row["max_up_bytes"]),
            float(row["max_down_bytes"]),
            float(row["spin_up"] or 0),
            float(row["spin_down"] or 0),
        ]

    def begins(self):
        return (self.up or self.down)[0]

    def ends(self):
        return (self.up or self.down)[1]

    def first(self):
        return min(end[0] for end in (self.up, self.down) if end)


def _ends(row, way):
    first = row["t_first_%s_s" % way]
    if not first:
        return None
    return nanoseconds(first), nanoseconds(row["t_last_%s_s" % way])


def _rate(row, way):
    ends = _ends(row, way)
    if not ends:
        return 0.0
    seconds = max((ends[1] - ends[0]) / 1e9, 1e-3)
    return math.log(1 + int(row["bytes_" + way]) / seconds)


def _size(row, way):
    packets = int(row["packets_" + way])
    return int(row["bytes_" + way]) / packets if packets else 0.0


# ---- A0 ----


def cid_bits(a, b):
    """Of two entries of one direction: kind (~: guessed) and hexadecimal."""
    (kind_a, x), (kind_b, y) = a, b
    if not (kind_a.endswith("~") or kind_b.endswith("~")):
        return min(32, 4 * len(x)) if x == y else 0
    shorter, longer = sorted((x, y), key=len)
    if len(shorter) < 2 * GUESS_LEAST or not longer.startswith(shorter):
        return 0
    return min(32, 4 * len(shorter))


def shared_bits(old, new, direction=None):
    """Of the strongest identifier that both have."""
    best = 0
    for a in old.identifiers:
        for b in new.identifiers:
            kind = a[0].rstrip("~")
            if kind != b[0].rstrip("~") or direction not in (None, kind):
                continue
            if kind in CIDS:
                best = max(best, cid_bits(a, b))
            elif a == b and kind != "lb":
                best = max(best, BITS[kind])
    return best


def identity(old, new, servers):
    """A0's score in nats; |servers|: how many a load balancer is seen to have."""
    bits = shared_bits(old, new)
    a = {i[1] for i in old.identifiers if i[0] == "lb"}
    b = {i[1] for i in new.identifiers if i[0] == "lb"}
    if a and b:
        bits = min(32, bits + math.log2(servers)) if a & b else bits - 32
    return bits * LN2


# ---- A1 and A2 ----


def gap_ms(old, new):
    """A flow that goes on has none."""
    return 0.0 if old is new else (new.begins() - old.ends()) / 1e6


def differences(old, new):
    return [b - a for a, b in zip(old.features, new.features)]


def log_sum(logarithms):
    """ln of the sum of what |logarithms| are of."""
    top = max(logarithms)
    return top + math.log(sum(math.exp(v - top) for v in logarithms))


def gaps_likelihood(rows, tau):
    """|rows|: of each old flow, its pairs.  One gap of each is Laplace's."""
    return sum(
        log_sum([-abs(gap_ms(o, c)) / tau - math.log(tau) for o, c in row])
        for row in rows
    )


def shapes_likelihood(rows, weight):
    """|rows|: of each old flow, A1's score and the unlikeness of each pair.  True
    pairs are distributed as all are, times exp(-weight x unlikeness)."""
    every = [-weight * d for row in rows for _, d in row]
    mean = log_sum(every) - math.log(len(every)) if every else 0.0
    return sum(log_sum([a1 - weight * d for a1, d in row]) - mean for row in rows)


def likeliest(values, likelihood):
    """The first of those that are within 1e-9 of the best."""
    found = [likelihood(v) for v in values]
    return next(v for v, f in zip(values, found) if f > max(found) - 1e-9)


class Round:
    """The old and the new flows of one seed's round; None where the vantage
    point does not show one."""

    def __init__(self, seed, queries, decoys, servers):
        self.seed, self.queries, self.servers = seed, queries, servers
        self.candidates = [q.new for q in queries] + decoys
        visible = [c for c in self.candidates if c]
        olds = [q.old for q in queries if q.old]
        rows = [[(o, c) for c in visible] for o in olds if visible]
        self.tau = likeliest(TAUS, lambda tau: gaps_likelihood(rows, tau))
        every = [differences(o, c) for o in olds for c in visible]
        self.spread = [stats.deviation(column) for column in zip(*every)]
        known = [[(self.timely(o, c), self.unlikeness(o, c)) for o, c in r] for r in rows]
        self.weight = likeliest(WEIGHTS, lambda w: shapes_likelihood(known, w))

    def timely(self, old, new):
        """A1's score."""
        late = min(abs(gap_ms(old, new)) / self.tau, 20)
        return identity(old, new, self.servers) - late

    def unlikeness(self, old, new):
        return sum(
            min((d / s) ** 2 / 2, 10)
            for d, s in zip(differences(old, new), self.spread)
            if s > 1e-12
        )

    def score(self, adversary, old, new, model):
        if adversary == "A3":
            return model.score(self.features(old, new))
        if adversary == "A0":
            return identity(old, new, self.servers)
        if adversary == "A1":
            return self.timely(old, new)
        return self.timely(old, new) - self.weight * self.unlikeness(old, new)

    def features(self, old, new):
        gap = gap_ms(old, new)
        return (
            [
                identity(old, new, self.servers),
                min(abs(gap) / self.tau, 20),
                math.log(1 + abs(gap)),
                float((gap > 0) - (gap < 0)),
            ]
            + [abs(d) for d in differences(old, new)]
            + [math.log(1 + old.bytes + new.bytes)]
        )

    def scores(self, adversary, old, model):
        """Of each candidate; rounded, so that what is equal ties."""
        if old is None:
            return [0.0] * len(self.candidates)
        known = [
            self.score(adversary, old, c, model) if c else None
            for c in self.candidates
        ]
        visible = [s for s in known if s is not None]
        rest = stats.mean(visible) if visible else 0.0
        return [round(rest if s is None else s, 9) for s in known]

    def pairs(self):
        """What A3 learns from: features, and whether it is the true one."""
        found = []
        for i, q in enumerate(self.queries):
            for k, c in enumerate(self.candidates):
                if q.old and c:
                    found.append((self.features(q.old, c), i == k))
        return found


# ---- A3 ----


class Model:
    def __init__(self, pairs):
        positives = [x for x, true in pairs if true]
        self.bytes_mean = stats.mean([x[-1] for x in positives])
        wide = [self.widen(x) for x, _ in pairs]
        self.means = [stats.mean(c) for c in zip(*wide)]
        self.deviations = [stats.deviation(c) for c in zip(*wide)]
        labels = [1 if true else -1 for _, true in pairs]
        self.w = stats.logistic([self.standard(x) for x in wide], labels)
        self.prior = math.log(len(positives) / (len(pairs) - len(positives)))

    def widen(self, x):
        return x + [abs(x[-1] - self.bytes_mean)]

    def standard(self, x):
        z = [
            (v - m) / d
            for v, m, d in zip(x, self.means, self.deviations)
            if d > 1e-12
        ]
        return z + [1.0]

    def score(self, x):
        z = self.standard(self.widen(x))
        return sum(a * b for a, b in zip(self.w, z)) - self.prior


def train(rounds):
    """None where there is nothing to learn from."""
    pairs = sum((r.pairs() for r in rounds), [])
    if not any(t for _, t in pairs) or all(t for _, t in pairs):
        return None
    return Model(pairs)


# ---- what a query brings ----


class Query:
    def __init__(self, client, old, new, window):
        self.client, self.old, self.new, self.window = client, old, new, window


class Answer:
    """How well one adversary did on one query: candidate |true| is right."""

    def __init__(self, query, seed, scores, true):
        self.query, self.seed, self.scores, self.true = query, seed, scores, true
        best = max(scores)
        self.n = len(scores)
        self.credit = 1 / scores.count(best) if scores[true] == best else 0.0
        weights = [math.exp(s - best) for s in scores]
        p = [w / sum(weights) for w in weights]
        self.entropy = -sum(v * math.log2(v) for v in p if v > 0)
        self.effective = 2**self.entropy
        self.min_entropy = -math.log2(max(p))
        total = math.log(sum(weights))
        self.leak = math.log2(self.n) + (scores[true] - best - total) / LN2
        self.advantage = None
        if self.n > 1:
            self.advantage = (self.credit - 1 / self.n) / (1 - 1 / self.n)


def play(round_, adversary, model):
    """The answers to a round's queries, and its swap games: +1 right, -1 wrong,
    0 abstained."""
    scored = [round_.scores(adversary, q.old, model) for q in round_.queries]
    answers = [
        Answer(q, round_.seed, s, i)
        for i, (q, s) in enumerate(zip(round_.queries, scored))
    ]
    return answers, scored


def swap_games(round_, scored, movers):
    """Movers play in pairs, in their order."""
    at = {q.client: i for i, q in enumerate(round_.queries)}
    games = []
    for one, other in zip(movers[::2], movers[1::2]):
        if one in at and other in at:
            a, b = at[one], at[other]
            kept = scored[a][a] + scored[b][b]
            swapped = scored[a][b] + scored[b][a]
            same = abs(kept - swapped) < UNDECIDED
            games.append(0 if same else 1 if kept > swapped else -1)
    return games
