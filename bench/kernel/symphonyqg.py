"""SymphonyQG as the bench's peer: reads commands, answers with seconds that it measured itself.

Started by symphony-engine.cpp with a folder: `load` reads vectors.npy and queries.npy there,
`build EF THREADS` builds, `search EF K` searches with one thread and writes rows.npy. All queries
cross into the library in one call, so that none of the time is Python's.
"""

import sys
import time

try:
    import numpy
    import rabitqlib
except ImportError:
    print("missing", flush=True)
    sys.exit(0)

folder = sys.argv[1]
print("ready", flush=True)
vectors = queries = index = None
for line in sys.stdin:
    command, first, second = line.split()
    start = time.perf_counter()
    if command == "load":
        vectors = numpy.load(folder + "/vectors.npy")
        queries = numpy.load(folder + "/queries.npy")
    elif command == "build":
        index = None
        index = rabitqlib.SymqgIndex(vectors.shape[1], 32)
        index.build(vectors, int(first), int(second))
    else:
        rows, _ = index.search(queries, int(second), int(first), 1)
    seconds = time.perf_counter() - start
    if command == "search":
        numpy.save(folder + "/rows.npy", rows.astype(numpy.int32))
    print(seconds, flush=True)
