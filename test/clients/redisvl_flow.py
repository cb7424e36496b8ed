"""redisvl at work: `redisvl_flow.py PORT ALGORITHM` with `flat` or `hnsw`."""

import sys

import numpy as np
from redisvl.index import SearchIndex
from redisvl.query import CountQuery, FilterQuery, RangeQuery, VectorQuery
from redisvl.query.filter import Num, Tag

PORT, ALGORITHM = int(sys.argv[1]), sys.argv[2]
DIMENSIONS, COUNT = 16, 300
SCHEMA = {
    "index": {"name": f"shelf-{ALGORITHM}", "prefix": f"book-{ALGORITHM}", "storage_type": "hash"},
    "fields": [
        {"name": "isbn", "type": "tag"},
        {"name": "genre", "type": "tag"},
        {"name": "title", "type": "text"},
        {"name": "year", "type": "numeric", "attrs": {"sortable": True}},
        {
            "name": "embedding",
            "type": "vector",
            "attrs": {
                "dims": DIMENSIONS,
                "algorithm": ALGORITHM,
                "distance_metric": "cosine",
                "datatype": "float32",
            },
        },
    ],
}
GENRES = ["crime", "poetry", "science"]

vectors = np.random.default_rng(11).standard_normal((COUNT, DIMENSIONS)).astype(np.float32)
unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
question = vectors[17] + np.float32(0.05)
distances = 1 - unit @ (question / np.linalg.norm(question))
nearest = [int(number) for number in np.argsort(distances)]


def books():
    for number in range(COUNT):
        yield {
            "isbn": f"isbn-{number}",
            "genre": GENRES[number % 3],
            "title": f"Volume {number}",
            "year": 1900 + number,
            "embedding": vectors[number].tobytes(),
        }


index = SearchIndex.from_dict(SCHEMA, redis_url=f"redis://127.0.0.1:{PORT}")
assert not index.exists()
index.create(overwrite=True)
assert index.exists()
index.create(overwrite=True, drop=True)
keys = index.load(list(books()), id_field="isbn")
assert len(keys) == COUNT, len(keys)
assert index.fetch("isbn-17")["title"] == "Volume 17"

found = index.query(
    VectorQuery(question.tolist(), "embedding", return_fields=["isbn", "year"], num_results=10)
)
assert [book["isbn"] for book in found] == [f"isbn-{n}" for n in nearest[:10]], found
assert abs(float(found[0]["vector_distance"]) - distances[17]) < 1e-5, found[0]

wanted = (Tag("genre") == "poetry") & (Num("year") >= 2000)
found = index.query(
    VectorQuery(
        question.tolist(),
        "embedding",
        return_fields=["isbn", "genre", "year"],
        filter_expression=wanted,
        num_results=5,
    )
)
exact = [n for n in nearest if n % 3 == 1 and n >= 100][:5]
assert [book["isbn"] for book in found] == [f"isbn-{n}" for n in exact], (found, exact)

radius = float((distances[nearest[20]] + distances[nearest[21]]) / 2)
found = index.query(
    RangeQuery(
        question.tolist(),
        "embedding",
        return_fields=["isbn"],
        distance_threshold=radius,
        num_results=100,
    )
)
assert {book["isbn"] for book in found} == {f"isbn-{n}" for n in nearest[:21]}, len(found)

query = FilterQuery(return_fields=["isbn", "year"], filter_expression=wanted, num_results=3)
found = index.query(query.sort_by("year", asc=False))
newest = [n for n in range(COUNT - 1, 99, -1) if n % 3 == 1][:3]
assert [book["isbn"] for book in found] == [f"isbn-{n}" for n in newest], found

not_crime = Tag("genre") != "crime"
assert index.query(CountQuery(not_crime)) == 200
assert index.query(CountQuery(wanted)) == len([n for n in range(100, COUNT) if n % 3 == 1])

info = index.info()
assert info["num_docs"] == COUNT, info["num_docs"]
assert float(info["percent_indexed"]) == 1, info
again = SearchIndex.from_existing(index.name, redis_url=f"redis://127.0.0.1:{PORT}")
assert set(again.schema.fields) == {"isbn", "genre", "title", "year", "embedding"}
assert again.schema.fields["embedding"].attrs.dims == DIMENSIONS

assert index.drop_keys(keys[0]) == 1
assert index.query(CountQuery(Tag("isbn") == "isbn-0")) == 0
assert index.clear() == COUNT - 1
assert index.query(CountQuery(Tag("genre") == "crime")) == 0
index.delete(drop=True)
assert not index.exists()
print("everything held")
