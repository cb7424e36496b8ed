"""A session and vectors in one store, as an application writes it with redis-py and numpy.

    seed_example.py PORT WIRE write     everything, on an empty server
    seed_example.py PORT WIRE again     on the same data, after the server was killed

WIRE is `default` (the client as it stands, which speaks RESP3 from version 8 on) or `resp2`.
Prints what it saw, and ends with an assertion where that is wrong.
"""

import json
import sys
import time

import numpy as np
import redis
from redis.commands.search.field import TagField, TextField, VectorField
from redis.commands.search.index_definition import IndexDefinition, IndexType
from redis.commands.search.query import Query

PORT, WIRE, STEP = int(sys.argv[1]), sys.argv[2], sys.argv[3]
DIMENSIONS = 1536
DOCUMENT_COUNT = 2100
SESSION = "session:sess_user123_abc"
SESSION_SECONDS = 1800
HISTORY = [
    {"role": "user", "content": "How do I pay less for what I run?"},
    {"role": "assistant", "content": "Begin with what stands idle."},
]
SOURCES = ["aws_docs", "blog", "forum"]

r = redis.Redis(host="127.0.0.1", port=PORT, **({"protocol": 2} if WIRE == "resp2" else {}))


def get_embedding(text):
    """A fixed function in the place of a model: the same text always gets the same list."""
    seed = int.from_bytes(text.encode()[-8:], "big") % 2**32
    return np.random.default_rng(seed).standard_normal(DIMENSIONS).tolist()


def blob(vector):
    return np.array(vector, dtype=np.float32).tobytes()


def text_of(number):
    return f"Passage number {number:05d}"


def source_of(number):
    return SOURCES[number % len(SOURCES)]


def create_index_with_command(name):
    command = (
        f"FT.CREATE {name} ON HASH PREFIX 1 doc: SCHEMA content TEXT source TAG "
        f"embedding VECTOR HNSW 10 TYPE FLOAT32 DIM {DIMENSIONS} DISTANCE_METRIC COSINE "
        "M 16 EF_CONSTRUCTION 200"
    )
    assert r.execute_command(*command.split()) in (b"OK", "OK", True)


def create_index_with_fields(name):
    hnsw = {
        "TYPE": "FLOAT32",
        "DIM": DIMENSIONS,
        "DISTANCE_METRIC": "COSINE",
        "M": 16,
        "EF_CONSTRUCTION": 200,
    }
    fields = [TextField("content"), TagField("source"), VectorField("embedding", "HNSW", hnsw)]
    definition = IndexDefinition(prefix=["doc:"], index_type=IndexType.HASH)
    r.ft(name).create_index(fields, definition=definition)


def write_session():
    session = {
        "user_id": "user123",
        "history": json.dumps(HISTORY),
        "context": "aws_infrastructure",
        "created_at": "2026-07-14T10:30:00Z",
    }
    assert r.hset(SESSION, mapping=session) == 4
    assert r.expire(SESSION, SESSION_SECONDS)


def check_session():
    kept = r.hgetall(SESSION)
    assert kept[b"user_id"] == b"user123", kept
    assert kept[b"context"] == b"aws_infrastructure", kept
    assert kept[b"created_at"] == b"2026-07-14T10:30:00Z", kept
    assert json.loads(kept[b"history"]) == HISTORY, kept
    remaining = r.ttl(SESSION)
    assert 0 < remaining <= SESSION_SECONDS, remaining


def write_preferences():
    preferences = {
        "company_size": "startup",
        "primary_interest": "cost_optimization",
        "embedding": blob(get_embedding("cost optimization")),
    }
    assert r.hset("user:user123", mapping=preferences) == 3


def check_preferences():
    kept = r.hgetall("user:user123")
    assert kept[b"company_size"] == b"startup", kept
    assert kept[b"embedding"] == blob(get_embedding("cost optimization"))


def write_documents():
    pipeline = r.pipeline(transaction=False)
    for number in range(DOCUMENT_COUNT):
        text = text_of(number)
        document = {
            "content": text,
            "source": source_of(number),
            "embedding": blob(get_embedding(text)),
        }
        pipeline.hset(f"doc:{number}", mapping=document)
        if len(pipeline) == 200:
            assert pipeline.execute() == [3] * 200
    pipeline.execute()


def search(name, text, question):
    query = (
        Query(text)
        .sort_by("score")
        .return_fields("content", "source", "score")
        .dialect(2)
    )
    return r.ft(name).search(query, query_params={"vec": blob(question)}).docs


def as_text(value):
    return value.decode() if isinstance(value, bytes) else value


def check_retrieval(name):
    near = text_of(1234)
    question = (np.array(get_embedding(near)) + 0.1).tolist()
    docs = search(name, "*=>[KNN 5 @embedding $vec AS score]", question)
    assert len(docs) == 5, docs
    assert docs[0].id == "doc:1234" and docs[0].content == near, docs
    assert docs[0].source == source_of(1234), docs
    scores = [as_text(doc.score) for doc in docs]
    assert all(isinstance(score, str) for score in scores), scores
    assert [float(score) for score in scores] == sorted(float(score) for score in scores), scores
    print("nearest:", [(doc.id, as_text(doc.score)) for doc in docs])

    question = (np.array(get_embedding(text_of(1233))) + 0.1).tolist()
    text = "(@source:{aws_docs})=>[KNN 5 @embedding $vec EF_RUNTIME 64 AS score]"
    docs = search(name, text, question)
    assert len(docs) == 5 and docs[0].id == "doc:1233", docs
    assert all(doc.source == "aws_docs" for doc in docs), docs


def check_plain_filter(name):
    command = ["FT.SEARCH", name, "@source:{aws_docs}", "RETURN", "2", "content", "source"]
    reply = r.execute_command(*command, "LIMIT", "0", "5", "DIALECT", "2")
    total = DOCUMENT_COUNT // len(SOURCES)
    if isinstance(reply, dict):
        assert reply[b"total_results"] == total, reply
        sources = [result[b"extra_attributes"][b"source"] for result in reply[b"results"]]
    else:
        assert reply[0] == total and len(reply) == 11, reply
        sources = [fields[fields.index(b"source") + 1] for fields in reply[2::2]]
    assert sources == [b"aws_docs"] * 5, reply


def check_invalid_search(name):
    """Nothing yields `__vector_score` here, so there is nothing to sort by."""
    parameters = ["PARAMS", "6", "vec", blob(get_embedding("x")), "K", "5", "EF_RUNTIME", "64"]
    command = ["FT.SEARCH", name, "@source:{aws_docs}", *parameters]
    assert r.execute_command(*command, "DIALECT", "2"), "unused parameters are allowed"
    try:
        r.execute_command(*command, "SORTBY", "__vector_score", "DIALECT", "2")
    except redis.ResponseError as error:
        print("sorting by what nothing yields:", str(error))
        assert "__vector_score" in str(error), str(error)
    else:
        raise AssertionError("sorting by a field that no clause yields was accepted")


def check_index(name):
    """Searches are complete before this; the figures are once the index has caught up."""
    deadline = time.monotonic() + 100
    info = r.ft(name).info()
    while float(info["percent_indexed"]) < 1:
        assert time.monotonic() < deadline, info
        info = r.ft(name).info()
    assert int(info["num_docs"]) == DOCUMENT_COUNT, info["num_docs"]
    assert int(info["hash_indexing_failures"]) == 0, info


def check_searches():
    for name in ("idx:embeddings", "idx:fields"):
        check_retrieval(name)
        check_plain_filter(name)
        check_invalid_search(name)
        check_index(name)


def check_countdown():
    first = r.pttl(SESSION)
    deadline = time.monotonic() + 30
    while r.pttl(SESSION) >= first:
        assert time.monotonic() < deadline, "the time to live does not count down"


if STEP == "write":
    create_index_with_command("idx:embeddings")
    write_session()
    write_preferences()
    write_documents()
    create_index_with_fields("idx:fields")
    check_countdown()
check_session()
check_preferences()
check_searches()
print("expires:", r.execute_command("PEXPIRETIME", SESSION))
