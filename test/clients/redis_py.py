"""redis-py at work, with RESP2 and RESP3: `redis_py.py PORT PROTOCOL`."""

import sys

import numpy as np
import redis
from redis.commands.search.field import NumericField, TagField, VectorField
from redis.commands.search.index_definition import IndexDefinition, IndexType
from redis.commands.search.query import Query

PORT, PROTOCOL = int(sys.argv[1]), int(sys.argv[2])
# Without the old reply shapes, the client reads each protocol's own.
r = redis.Redis(host="127.0.0.1", port=PORT, protocol=PROTOCOL, legacy_responses=False)
EVERY_BYTE = bytes(range(256))


def check(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def check_raises(call, *words):
    try:
        reply = call()
    except redis.RedisError as error:
        for word in words:
            assert word.lower() in str(error).lower(), str(error)
    else:
        raise AssertionError(f"accepted, with {reply!r}")


def values():
    check(r.set("key", "value", ex=100, nx=True), True)
    check(r.set("key", "value", nx=True), None)
    check(r.set("key", "other", get=True), b"value")
    check(r.getex("key", persist=True), b"other")
    check(r.ttl("key"), -1)
    check(r.incrbyfloat("float", 1.5), 1.5)
    check(r.mget(["key", "missing"]), [b"other", None])
    check(r.hset("hash", mapping={"a": 1, "b": EVERY_BYTE}), 2)
    check(r.hgetall("hash"), {b"a": b"1", b"b": EVERY_BYTE})
    check(sorted(r.hkeys("hash")), [b"a", b"b"])
    check(r.hmget("hash", ["a", "c"]), [b"1", None])
    check(r.rpush("list", "a", "b", "c"), 3)
    check(r.lpos("list", "b"), 1)
    check(r.lrange("list", 0, -1), [b"a", b"b", b"c"])
    check(r.lmpop(2, "nothing", "list", direction="LEFT", count=2), [b"list", [b"a", b"b"]])
    check(r.set(EVERY_BYTE, EVERY_BYTE), True)
    check(r.get(EVERY_BYTE), EVERY_BYTE)
    check_raises(lambda: r.lpush("hash", "x"), "wrong kind of value")


def transactions():
    with r.pipeline(transaction=True) as pipeline:
        check(pipeline.set("n", 1).incr("n").hset("h", "f", "v").execute(), [True, 2, 1])
    with r.pipeline() as pipeline:
        pipeline.watch("n")
        r.set("n", 7)
        pipeline.multi()
        pipeline.set("n", "lost")
        check_raises(pipeline.execute, "watched")
    check(r.get("n"), b"7")

    def increase(pipeline):
        current = int(pipeline.get("n"))
        pipeline.multi()
        pipeline.set("n", current + 1)

    check(r.transaction(increase, "n"), [True])
    check(r.get("n"), b"8")


def walks():
    with r.pipeline(transaction=False) as pipeline:
        for number in range(500):
            pipeline.set(f"walk:{number}", number)
        check(pipeline.execute(), [True] * 500)
    check(len(set(r.scan_iter("walk:*", count=50))), 500)
    check(len(list(r.scan_iter("walk:*", _type="hash"))), 0)
    r.hset("wide", mapping={f"f{number}": number for number in range(600)})
    check(len(dict(r.hscan_iter("wide", count=50))), 600)


def server():
    check(r.ping(), True)
    info = r.info()
    assert info["redis_version"].startswith("7.2"), info["redis_version"]
    assert int(info["loading"]) == 0
    modules = {module["name"]: module for module in r.info("modules")["modules"]}
    assert modules["search"]["ver"] >= 20600, modules
    assert "save" in r.config_get("*")
    check(r.client_setname("me"), True)
    assert any(client["name"] == "me" for client in r.client_list())
    assert r.memory_usage("key") > 0
    assert r.command_count() > 100
    assert b"get" in {name if isinstance(name, bytes) else name.encode() for name in r.command()}


def search():
    index = r.ft("idx")
    attributes = {"TYPE": "FLOAT32", "DIM": 8, "DISTANCE_METRIC": "L2"}
    index.create_index(
        [TagField("kind"), NumericField("n"), VectorField("v", "FLAT", attributes)],
        definition=IndexDefinition(prefix=["d:"], index_type=IndexType.HASH),
    )
    vectors = np.random.default_rng(7).standard_normal((200, 8)).astype(np.float32)
    with r.pipeline(transaction=False) as pipeline:
        for number, row in enumerate(vectors):
            kind = "even" if number % 2 == 0 else "odd"
            pipeline.hset(f"d:{number}", mapping={"kind": kind, "n": number, "v": row.tobytes()})
        pipeline.execute()
    question = vectors[42] + np.float32(0.01)
    distances = ((vectors - question) ** 2).sum(axis=1)
    exact = [f"d:{n}" for n in np.argsort(distances) if n % 2 == 0 and 20 <= n <= 150][:5]
    query = (
        Query("(@kind:{even} @n:[20 150])=>[KNN 5 @v $q AS distance]")
        .sort_by("distance")
        .return_fields("distance", "n")
        .dialect(2)
    )
    found = index.search(query, query_params={"q": question.tobytes()})
    check([document.id for document in found.docs], exact)
    check(found.total, 5)
    profiled, profile = index.profile(query, query_params={"q": question.tobytes()})
    check([document.id for document in profiled.docs], exact)
    check("Iterators profile" in str(profile.info), True)
    info = index.info()
    check(int(info["num_docs"]), 200)
    check_raises(lambda: index.search("@kind:{even"), "syntax")
    check_raises(lambda: r.ft("none").info(), "unknown index name", "not found")
    check_raises(lambda: r.ft("none").search("*"), "no such index")
    check_raises(lambda: r.ft("none").dropindex(), "unknown index name")
    check(index.dropindex(delete_documents=True) in (True, b"OK", "OK"), True)
    check(r.exists("d:1"), 0)


r.flushall()
for part in (values, transactions, walks, server, search):
    part()
    print(part.__name__, "holds")
