// The addon's functions: arguments are checked, memory that is not there becomes an error, and no
// exception crosses. `kernel-addon.ts` describes them for TypeScript.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>
#include <thread>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "engine-binding.h"
#include "values.h"

namespace lodestone {

namespace {

constexpr double threadCountMax = 1024;
/// One node in so many is on an upper level too, with a copy of its code.
constexpr double upperShare = 32;

double upperBytes(size_t codeBytes) {
  return static_cast<double>(codeBytes + upperLinksMax * upperLevelsMax * sizeof(uint32_t));
}

/// Every engine of an environment; freed, with their threads joined, before it ends.
struct Instance {
  std::vector<std::unique_ptr<EngineBinding>> engines;
};

napi_value undefined(napi_env env) {
  napi_value value = nullptr;
  napi_get_undefined(env, &value);
  return value;
}

napi_value numberValue(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

napi_value outOfMemory(napi_env env) {
  napi_throw_error(env, "ERR_OUT_OF_MEMORY", "the vector index has no memory left");
  return nullptr;
}

napi_value notHeld(const Arguments& arguments) {
  arguments.refuse("nobody holds that slot");
  return nullptr;
}

/// The float store is there as long as its engine's object, open or closed.
template <napi_value (*call)(napi_env, const Arguments&, FloatStore&)>
napi_value onStore(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  EngineBinding* engine = arguments.target<EngineBinding>();
  if (engine == nullptr) return undefined(env);
  try {
    return call(env, arguments, engine->store());
  } catch (const std::bad_alloc&) {
    return outOfMemory(env);
  }
}

/// A call with an engine that is open; others do nothing.
template <napi_value (*call)(napi_env, const Arguments&, EngineBinding&)>
napi_value onEngine(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  EngineBinding* engine = arguments.target<EngineBinding>();
  if (engine == nullptr || !engine->isOpen()) return undefined(env);
  try {
    return call(env, arguments, *engine);
  } catch (const std::bad_alloc&) {
    return outOfMemory(env);
  }
}

/// The number of the new index. The first arguments are type, metric and dimensions.
napi_value createFrom(napi_env env, const Arguments& arguments, EngineBinding& engine,
                      Parameters parameters) {
  uint32_t type, metric;
  if (!arguments.integer(0, type) || !arguments.integer(1, metric) ||
      !arguments.integer(2, parameters.dimensions)) {
    return nullptr;
  }
  if (type >= elementTypeCount || metric > static_cast<uint32_t>(Metric::Cosine)) {
    arguments.refuse("no such element type or metric");
    return nullptr;
  }
  parameters.type = static_cast<ElementType>(type);
  parameters.metric = static_cast<Metric>(metric);
  const char* problem = problemWith(parameters);
  if (problem != nullptr) {
    arguments.refuse(problem);
    return nullptr;
  }
  return numberValue(env, engine.create(parameters));
}

/// type, metric, dimensions, m, efConstruction, bits of neighbor codes
napi_value createIndex(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  Parameters parameters;
  if (!arguments.integer(3, parameters.m) || !arguments.integer(4, parameters.efConstruction) ||
      !arguments.integer(5, parameters.signBits)) {
    return nullptr;
  }
  return createFrom(env, arguments, engine, parameters);
}

/// type, metric, dimensions: an index without a graph.
napi_value createFlatIndex(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  Parameters parameters;
  parameters.hasGraph = false;
  return createFrom(env, arguments, engine, parameters);
}

/// index
napi_value dropIndex(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  uint32_t number;
  if (!arguments.integer(0, number)) return nullptr;
  engine.drop(number);
  return undefined(env);
}

std::shared_ptr<PoolIndex> indexOf(const Arguments& arguments, EngineBinding& engine) {
  uint32_t number;
  if (!arguments.integer(0, number)) return nullptr;
  std::shared_ptr<PoolIndex> index = engine.find(number);
  if (index == nullptr) arguments.refuse("no such index");
  return index;
}

/// index, id, vector
napi_value add(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  uint32_t id;
  ByteView vector;
  if (index == nullptr || !arguments.integer(1, id) ||
      !arguments.bytes(2, napi_uint8_array, vector)) {
    return nullptr;
  }
  if (vector.size != index->vectorBytes()) {
    arguments.refuse("a vector has not the index's size");
    return nullptr;
  }
  if (index->index.add(id, vector.data) == AddResult::OutOfMemory) return outOfMemory(env);
  return undefined(env);
}

/// index, id, slot of the float store
napi_value addStored(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  uint32_t id, slot;
  if (index == nullptr || !arguments.integer(1, id) || !arguments.integer(2, slot)) return nullptr;
  const AddResult result = index->index.addStored(id, slot);
  if (result == AddResult::OutOfMemory) return outOfMemory(env);
  if (result == AddResult::NotHeld) return notHeld(arguments);
  return undefined(env);
}

/// index, id
napi_value remove(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  uint32_t id;
  if (index == nullptr || !arguments.integer(1, id)) return nullptr;
  napi_value wasLive = nullptr;
  napi_get_boolean(env, index->index.remove(id), &wasLive);
  return wasLive;
}

/// index: its changes may be built in.
napi_value build(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  if (index == nullptr) return nullptr;
  engine.pool().changed(*index);
  return undefined(env);
}

/// index: cuts the sequence, so that all of it may be built in.
napi_value seal(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  if (index == nullptr) return nullptr;
  index->index.seal();
  engine.pool().changed(*index);
  return undefined(env);
}

/// index, ticket: answered once everything so far is in the graph.
napi_value watch(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  uint32_t ticket;
  if (index == nullptr || !arguments.integer(1, ticket)) return nullptr;
  engine.pool().watch(*index, index->index.state().changes.published(), ticket);
  return undefined(env);
}

/// index, ticket: answered with the graph's checksums.
napi_value checksum(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  uint32_t ticket;
  if (index == nullptr || !arguments.integer(1, ticket)) return nullptr;
  engine.pool().checksum(*index, ticket);
  return undefined(env);
}

/// index: begins a dump of its graph where it was sealed just now.
napi_value dump(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  if (index == nullptr) return nullptr;
  engine.pool().dump(*index);
  return undefined(env);
}

/// index, ticket: answered with the next piece of the dump; with none where it ends.
napi_value dumpPiece(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  uint32_t ticket;
  if (index == nullptr || !arguments.integer(1, ticket)) return nullptr;
  engine.pool().dumpPiece(*index, ticket);
  return undefined(env);
}

/// index
napi_value endDump(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  if (index == nullptr) return nullptr;
  engine.pool().endDump(*index);
  return undefined(env);
}

/// index: nothing is built before links come, or are given up. The index must be fresh.
napi_value holdForLinks(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  if (index == nullptr) return nullptr;
  if (index->index.parameters().hasGraph) index->links = index->index.holdForLinks();
  if (index->links == nullptr) {
    arguments.refuse("the index has no graph, or is not fresh");
    return nullptr;
  }
  return undefined(env);
}

std::shared_ptr<PoolIndex> heldIndexOf(const Arguments& arguments, EngineBinding& engine) {
  std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  if (index == nullptr || index->links != nullptr) return index;
  arguments.refuse("the index is not held for links");
  return nullptr;
}

/// index, words (Uint32Array): the next piece, copied.
napi_value takeLinks(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = heldIndexOf(arguments, engine);
  ByteView words;
  if (index == nullptr || !arguments.bytes(1, napi_uint32_array, words)) return nullptr;
  index->links->take(reinterpret_cast<const uint32_t*>(words.data), words.size / sizeof(uint32_t));
  return undefined(env);
}

/// index, ticket: the links are about what was added so far; answered once they were checked.
napi_value loadLinks(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = heldIndexOf(arguments, engine);
  uint32_t ticket;
  if (index == nullptr || !arguments.integer(1, ticket)) return nullptr;
  index->index.builder().load(std::move(index->links));
  engine.pool().awaitLoad(*index, ticket);
  engine.pool().changed(*index);
  return undefined(env);
}

/// index: it is built from what was added.
napi_value giveUpLinks(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = heldIndexOf(arguments, engine);
  if (index == nullptr) return nullptr;
  index->links.reset();
  index->index.builder().giveUpLinks("given up");
  engine.pool().changed(*index);
  return undefined(env);
}

/// index: why its links were refused; undefined where they were not.
napi_value linkProblem(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  if (index == nullptr) return nullptr;
  const char* problem = index->index.state().loadProblem.load();
  napi_value text = undefined(env);
  if (problem != nullptr) napi_create_string_utf8(env, problem, NAPI_AUTO_LENGTH, &text);
  return text;
}

/// index, figures (Float64Array): see `KernelFigure` in kernel-addon.ts.
napi_value progress(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  constexpr size_t figureCount = 11;
  const std::shared_ptr<PoolIndex> index = indexOf(arguments, engine);
  ByteView figures;
  if (index == nullptr || !arguments.bytes(1, napi_float64_array, figures)) return nullptr;
  if (figures.size < figureCount * sizeof(double)) {
    arguments.refuse("there is no room for the figures");
    return nullptr;
  }
  // Chunks are mapped long before they are full; what counts is what is in use of them.
  const IndexState& state = index->index.state();
  const Progress progress = index->index.progress();
  const double held = static_cast<double>(state.records.heldCount());
  const double dead = static_cast<double>(progress.tombstoneCount);
  const double nodes = static_cast<double>(progress.graphCount) - dead;
  const double count = static_cast<double>(progress.count);
  const double valueBytes = static_cast<double>(state.records.values().bytesPerVector());
  const double blockBytes = static_cast<double>(state.graph.blockBytes());
  const double linkBytes = static_cast<double>(state.graph.linkBytes());
  const double codeBytes = blockBytes - linkBytes +
                           static_cast<double>(state.graph.sketches().entryBytes()) +
                           upperBytes(state.graph.codeBytes()) / upperShare;
  const double flatCodeBytes =
      static_cast<double>(state.flatCodes.count() * state.flatCodes.entryBytes());
  const double values[figureCount] = {
      count,
      static_cast<double>(progress.graphCount),
      dead,
      static_cast<double>(progress.tailCount),
      count * valueBytes,
      nodes * codeBytes + flatCodeBytes,
      nodes * linkBytes,
      dead * blockBytes + std::max(0.0, held - count) * valueBytes,
      static_cast<double>(progress.tableBytes),
      engine.pool().isBroken(*index) ? 1.0 : 0.0,
      held * valueBytes};
  std::memcpy(figures.data, values, sizeof values);
  return undefined(env);
}

/// searches (Uint32Array), how many words of it
napi_value submit(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  ByteView searches;
  uint32_t count;
  if (!arguments.bytes(0, napi_uint32_array, searches) || !arguments.integer(1, count)) {
    return nullptr;
  }
  if (count > searches.size / sizeof(uint32_t)) {
    arguments.refuse("there are fewer words than that");
    return nullptr;
  }
  const char* problem = engine.submit(reinterpret_cast<const uint32_t*>(searches.data), count);
  if (problem != nullptr) arguments.refuse(problem);
  return problem == nullptr ? undefined(env) : nullptr;
}

/// words (Uint32Array): a filter that searches may name by the number that it gets.
napi_value keepFilter(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  ByteView words;
  if (!arguments.bytes(0, napi_uint32_array, words)) return nullptr;
  const uint32_t* first = reinterpret_cast<const uint32_t*>(words.data);
  return numberValue(env, engine.keepFilter(first, words.size / sizeof(uint32_t)));
}

/// filter
napi_value dropFilter(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  uint32_t number;
  if (!arguments.integer(0, number)) return nullptr;
  engine.dropFilter(number);
  return undefined(env);
}

/// answers (Uint32Array)
napi_value takeAnswers(napi_env env, const Arguments& arguments, EngineBinding& engine) {
  ByteView answers;
  if (!arguments.bytes(0, napi_uint32_array, answers)) return nullptr;
  uint32_t* into = reinterpret_cast<uint32_t*>(answers.data);
  return numberValue(env, engine.takeAnswers(into, answers.size / sizeof(uint32_t)));
}

napi_value close(napi_env env, const Arguments&, EngineBinding& engine) {
  engine.close();
  return undefined(env);
}

napi_value openOwner(napi_env env, const Arguments&, FloatStore& store) {
  return numberValue(env, store.openOwner());
}

/// owner, how many slots to look at: whether all is released.
napi_value releaseOwner(napi_env env, const Arguments& arguments, FloatStore& store) {
  uint32_t owner;
  uint32_t slotCountMax;
  if (!arguments.integer(0, owner) || !arguments.integer(1, slotCountMax)) return nullptr;
  napi_value isDone;
  napi_get_boolean(env, store.releaseOwner(owner, slotCountMax), &isDone);
  return isDone;
}

/// owner, vector: the slot that holds it now.
napi_value hold(napi_env env, const Arguments& arguments, FloatStore& store) {
  uint32_t owner;
  ByteView vector;
  if (!arguments.integer(0, owner) || !arguments.bytes(1, napi_uint8_array, vector)) return nullptr;
  if (vector.size == 0) {
    arguments.refuse("a vector has no bytes");
    return nullptr;
  }
  const uint32_t slot = store.slotsOf(vector.size)->putHeld(vector.data, owner);
  return slot == none ? outOfMemory(env) : numberValue(env, slot);
}

/// slot, where its bytes go: an array of their length.
napi_value readHeld(napi_env env, const Arguments& arguments, FloatStore& store) {
  uint32_t slot;
  ByteView into;
  if (!arguments.integer(0, slot) || !arguments.bytes(1, napi_uint8_array, into)) return nullptr;
  const FloatSlots* slots = store.find(into.size);
  if (slots == nullptr || !slots->isHeld(slot)) return notHeld(arguments);
  std::memcpy(into.data, slots->at(slot), into.size);
  return undefined(env);
}

/// bytes of a vector, slot
template <bool (FloatSlots::*change)(uint32_t)>
napi_value changeHolders(napi_env env, const Arguments& arguments, FloatStore& store) {
  uint32_t vectorBytes, slot;
  if (!arguments.integer(0, vectorBytes) || !arguments.integer(1, slot)) return nullptr;
  FloatSlots* slots = store.find(vectorBytes);
  if (slots == nullptr || !(slots->*change)(slot)) return notHeld(arguments);
  return undefined(env);
}

/// figures (Float64Array): see `StoreFigure` in kernel-addon.ts.
napi_value storeFigures(napi_env env, const Arguments& arguments, FloatStore& store) {
  constexpr size_t figureCount = 4;
  ByteView into;
  if (!arguments.bytes(0, napi_float64_array, into)) return nullptr;
  if (into.size < figureCount * sizeof(double)) {
    arguments.refuse("there is no room for the figures");
    return nullptr;
  }
  const FloatStore::Figures figures = store.figures();
  const double values[figureCount] = {
      static_cast<double>(figures.usedCount), static_cast<double>(figures.heldCount),
      static_cast<double>(figures.usedBytes), static_cast<double>(figures.unheldBytes)};
  std::memcpy(into.data, values, sizeof values);
  return undefined(env);
}

bool isPathKnown() {
  const char* forced = std::getenv("LODESTONE_SIMD");
  return forced == nullptr || *forced == '\0' || operationsNamed(forced) != nullptr;
}

struct Method {
  const char* name;
  napi_callback call;
};

constexpr Method methods[] = {
    {"createIndex", onEngine<createIndex>},
    {"createFlatIndex", onEngine<createFlatIndex>},
    {"dropIndex", onEngine<dropIndex>},
    {"add", onEngine<add>},                 {"remove", onEngine<remove>},
    {"build", onEngine<build>},             {"seal", onEngine<seal>},
    {"watch", onEngine<watch>},             {"checksum", onEngine<checksum>},
    {"progress", onEngine<progress>},       {"submit", onEngine<submit>},
    {"keepFilter", onEngine<keepFilter>},   {"dropFilter", onEngine<dropFilter>},
    {"takeAnswers", onEngine<takeAnswers>}, {"close", onEngine<close>},
    {"dump", onEngine<dump>},               {"dumpPiece", onEngine<dumpPiece>},
    {"endDump", onEngine<endDump>},         {"holdForLinks", onEngine<holdForLinks>},
    {"takeLinks", onEngine<takeLinks>},     {"loadLinks", onEngine<loadLinks>},
    {"giveUpLinks", onEngine<giveUpLinks>}, {"linkProblem", onEngine<linkProblem>},
    {"addStored", onEngine<addStored>},     {"openOwner", onStore<openOwner>},
    {"releaseOwner", onStore<releaseOwner>}, {"hold", onStore<hold>},
    {"readHeld", onStore<readHeld>},
    {"share", onStore<changeHolders<&FloatSlots::share>>},
    {"release", onStore<changeHolders<&FloatSlots::release>>},
    {"storeFigures", onStore<storeFigures>},
};

/// The engine as an object; null, with an exception in JavaScript, where one cannot be made.
napi_value faceOf(napi_env env, EngineBinding* engine) {
  napi_value face = nullptr;
  if (napi_create_object(env, &face) != napi_ok) return nullptr;
  for (const Method& method : methods) {
    napi_value function = nullptr;
    if (napi_create_function(env, method.name, NAPI_AUTO_LENGTH, method.call, engine, &function) !=
            napi_ok ||
        napi_set_named_property(env, face, method.name, function) != napi_ok) {
      return nullptr;
    }
  }
  return face;
}

/// threads, what to call when there are answers
napi_value createEngine(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  double threadCount;
  napi_value onAnswers;
  if (!arguments.number(0, 1, threadCountMax, threadCount) || !arguments.function(1, onAnswers)) {
    return nullptr;
  }
  if (!isPathKnown()) {
    napi_throw_error(env, "ERR_SIMD", "LODESTONE_SIMD names a path that this processor lacks");
    return nullptr;
  }
  try {
    Instance* instance = arguments.target<Instance>();
    auto engine = std::make_unique<EngineBinding>(env, static_cast<uint32_t>(threadCount));
    if (!engine->open(onAnswers)) return nullptr;
    instance->engines.push_back(std::move(engine));
    return faceOf(env, instance->engines.back().get());
  } catch (const std::bad_alloc&) {
    return outOfMemory(env);
  }
}

/// Every query is a buffer of its own, and all that were used go at once, when garbage is collected.
/// glibc then gives their pages back and asks for them again, cleared: a fifth of what a search
/// cost the event loop. So it keeps some, and mapping starts where that no longer matters.
void keepFreedPages() {
#if defined(__GLIBC__)
  mallopt(M_TRIM_THRESHOLD, 32 * 1024 * 1024);
  mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
#endif
}

/// Of all arenas, where nothing else does it: glibc gives back no page that lies below one in use.
/// On a thread of its own, one at a time: it takes half a millisecond for each megabyte, for which
/// the event loop should wait no longer than for a lock, where it needs memory just then.
napi_value giveBackFreedPages(napi_env env, napi_callback_info) {
#if defined(__GLIBC__)
  static std::atomic<bool> isGivingBack{false};
  if (isGivingBack.exchange(true)) return undefined(env);
  try {
    std::thread([] {
      malloc_trim(0);
      isGivingBack = false;
    }).detach();
  } catch (const std::system_error&) {
    // No thread can be had: what is freed stays until the next time.
    isGivingBack = false;
  }
#endif
  return undefined(env);
}

/// Before the environment goes, and with it what threads would call.
void endInstance(void* data) {
  for (const auto& engine : static_cast<Instance*>(data)->engines) engine->close();
}

napi_value initialize(napi_env env, napi_value exports) {
  Instance* instance = new (std::nothrow) Instance();
  if (instance == nullptr) return outOfMemory(env);
  keepFreedPages();
  napi_set_instance_data(
      env, instance, [](napi_env, void* data, void*) { delete static_cast<Instance*>(data); },
      nullptr);
  napi_add_env_cleanup_hook(env, endInstance, instance);
  constexpr Method functions[] = {{"createEngine", createEngine},
                                  {"giveBackFreedPages", giveBackFreedPages}};
  for (const Method& method : functions) {
    napi_value function = nullptr;
    if (napi_create_function(env, method.name, NAPI_AUTO_LENGTH, method.call, instance,
                             &function) == napi_ok) {
      napi_set_named_property(env, exports, method.name, function);
    }
  }
  return exports;
}

}  // namespace

}  // namespace lodestone

NAPI_MODULE_INIT() { return lodestone::initialize(env, exports); }
