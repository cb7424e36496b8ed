/**
 * Bugs that a test plants to see that a harness finds them: put around parts of the node at its
 * start, so that nothing asks about them while commands run. Without failpoints the parts stay as
 * they are.
 */
import type { ChangeListener } from "../keyspace/change.ts";
import { aroundSink, type EffectSink } from "../log/effect-sink.ts";
import { isInstalled, isPlanted } from "../runtime/failpoint.ts";

/** Loses the last effect of a unit that has several. */
export function forgetfulSink(sink: EffectSink): EffectSink {
  if (!isInstalled("planted.lose-effect")) return sink;
  return aroundSink(sink, (effects) => {
    const isLost = effects.length > 1 && isPlanted("planted.lose-effect");
    return sink.appendUnit(isLost ? effects.slice(0, -1) : effects);
  });
}

/** Misses one change in so many. */
export function forgetfulListener(listener: ChangeListener): ChangeListener {
  if (!isInstalled("planted.lose-search-change")) return listener;
  let changeCount = 0;
  return {
    keyChanged: (database, key, fields) => {
      changeCount += 1;
      const isMissed = changeCount % 50 === 0 && isPlanted("planted.lose-search-change");
      if (!isMissed) listener.keyChanged(database, key, fields);
    },
    databaseFlushed: (database) => listener.databaseFlushed(database),
    databasesSwapped: (database, other) => listener.databasesSwapped(database, other),
    indexCreated: (name, definition) => listener.indexCreated(name, definition),
    indexDropped: (name) => listener.indexDropped(name),
    indexSealed: (name) => listener.indexSealed(name),
    indexBackfilled: (name, keys, left) => listener.indexBackfilled(name, keys, left),
  };
}
