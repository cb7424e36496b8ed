// What the runtime does in native code, for JavaScript (`native-addon.ts`), over Node-API: the set
// of sockets, processes that are started without a fork, an exit that waits for nobody. Arguments
// are checked, memory that is not there is an error, and no exception crosses.
//
// The set's arrays are referenced for as long as the set lives, which is until the environment ends: its
// handles are closed before the loop is.
#include <errno.h>
#include <node_api.h>
#include <unistd.h>
#include <uv.h>

#include <new>
#include <string>
#include <vector>

#include "child-process.h"
#include "socket-set.h"

namespace lodestone {

namespace {

struct Binding {
  Binding(napi_env environment, const Memory& memory)
      : env(environment), set(memory, onChunks, this) {}
  static void onChunks(void* target, size_t count);

  napi_env env;
  SocketSet set;
  napi_ref arrays = nullptr;
  napi_ref onInput = nullptr;
  napi_ref resource = nullptr;
  napi_async_context context = nullptr;
  napi_async_cleanup_hook_handle cleanup = nullptr;
};

napi_value refuse(napi_env env, const char* what) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", what);
  return nullptr;
}

napi_value numberValue(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

void Binding::onChunks(void* target, size_t count) {
  const auto* binding = static_cast<Binding*>(target);
  napi_env env = binding->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value function = nullptr;
  napi_value receiver = nullptr;
  napi_get_reference_value(env, binding->onInput, &function);
  napi_get_reference_value(env, binding->resource, &receiver);
  napi_value argument = numberValue(env, static_cast<double>(count));
  const napi_status called =
      napi_make_callback(env, binding->context, receiver, function, 1, &argument, nullptr);
  napi_value reason = nullptr;
  if (called == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &reason) == napi_ok) {
    napi_fatal_exception(env, reason);
  }
  napi_close_handle_scope(env, scope);
}

void onEnvironmentEnd(napi_async_cleanup_hook_handle, void* data) {
  static_cast<Binding*>(data)->set.close([](void* target) {
    auto* binding = static_cast<Binding*>(target);
    napi_remove_async_cleanup_hook(binding->cleanup);
    delete binding;
  });
}

template <typename Element>
bool arrayOf(napi_env env, napi_value value, napi_typedarray_type wanted, Element*& data,
             size_t& length) {
  bool isTyped = false;
  napi_typedarray_type type;
  void* start = nullptr;
  if (napi_is_typedarray(env, value, &isTyped) != napi_ok || !isTyped ||
      napi_get_typedarray_info(env, value, &type, &length, &start, nullptr, nullptr) != napi_ok) {
    return false;
  }
  data = static_cast<Element*>(start);
  return type == wanted && start != nullptr;
}

bool isFunction(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_function;
}

/// What JavaScript must keep, and who it is told to when it calls.
bool keep(Binding& binding, const napi_value* arguments) {
  napi_env env = binding.env;
  napi_value arrays, resource, name;
  if (napi_create_array_with_length(env, 4, &arrays) != napi_ok) return false;
  for (uint32_t index = 0; index < 4; index += 1) {
    if (napi_set_element(env, arrays, index, arguments[index]) != napi_ok) return false;
  }
  return napi_create_object(env, &resource) == napi_ok &&
         napi_create_string_utf8(env, "lodestone:sockets", NAPI_AUTO_LENGTH, &name) == napi_ok &&
         napi_create_reference(env, arrays, 1, &binding.arrays) == napi_ok &&
         napi_create_reference(env, resource, 1, &binding.resource) == napi_ok &&
         napi_create_reference(env, arguments[4], 1, &binding.onInput) == napi_ok &&
         napi_async_init(env, resource, name, &binding.context) == napi_ok &&
         napi_add_async_cleanup_hook(env, onEnvironmentEnd, &binding, &binding.cleanup) == napi_ok;
}

/// As many integers as a call names, and what the function was made with.
struct Call {
  Call(napi_env env, napi_callback_info info, size_t integerCount) {
    size_t count = argumentsMax;
    void* data = nullptr;
    isWhole = napi_get_cb_info(env, info, &count, arguments, nullptr, &data) == napi_ok &&
              count >= integerCount;
    for (size_t index = 0; isWhole && index < integerCount; index += 1) {
      isWhole = napi_get_value_uint32(env, arguments[index], &integers[index]) == napi_ok;
    }
    if (isWhole) set = &static_cast<Binding*>(data)->set;
    if (!isWhole) refuse(env, "a number is missing");
  }
  SocketName name() const { return {integers[0], integers[1]}; }

  static constexpr size_t argumentsMax = 2;
  napi_value arguments[argumentsMax] = {nullptr, nullptr};
  uint32_t integers[argumentsMax] = {0, 0};
  bool isWhole = false;
  SocketSet* set = nullptr;
};

/// add(descriptor, name): the slot and the generation are left in the array.
napi_value add(napi_env env, napi_callback_info info) {
  const Call call(env, info, 1);
  if (!call.isWhole) return nullptr;
  uint32_t* words = nullptr;
  size_t wordCount = 0;
  if (!arrayOf(env, call.arguments[1], napi_uint32_array, words, wordCount) || wordCount < 2) {
    return refuse(env, "two words for the name");
  }
  SocketName name;
  int failure = UV_ENOMEM;
  try {
    failure = call.set->add(static_cast<int>(call.integers[0]), name);
  } catch (const std::bad_alloc&) {
  }
  words[0] = name.slot;
  words[1] = name.generation;
  return numberValue(env, failure);
}

/// startReading(slot, generation): zero, or an error.
napi_value startReading(napi_env env, napi_callback_info info) {
  const Call call(env, info, 2);
  return call.isWhole ? numberValue(env, call.set->startReading(call.name())) : nullptr;
}

/// stopReading(slot, generation)
napi_value stopReading(napi_env env, napi_callback_info info) {
  const Call call(env, info, 2);
  if (call.isWhole) call.set->stopReading(call.name());
  return nullptr;
}

/// remove(slot, generation)
napi_value remove(napi_env env, napi_callback_info info) {
  const Call call(env, info, 2);
  if (call.isWhole) call.set->remove(call.name());
  return nullptr;
}

/// send(count): how many rows were not taken whole.
napi_value send(napi_env env, napi_callback_info info) {
  const Call call(env, info, 1);
  if (!call.isWhole) return nullptr;
  const int64_t partCount = call.set->send(call.integers[0]);
  if (partCount < 0) return refuse(env, "sends that are within the output");
  return numberValue(env, static_cast<double>(partCount));
}

bool define(napi_env env, napi_value object, const char* name, napi_callback call, void* data) {
  napi_value value = nullptr;
  return napi_create_function(env, name, NAPI_AUTO_LENGTH, call, data, &value) == napi_ok &&
         napi_set_named_property(env, object, name, value) == napi_ok;
}

/// exitAtOnce(code): node's own exit waits for calls that its threads have under way.
napi_value exitAtOnce(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument = nullptr;
  int32_t code = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (count < 1 || napi_get_value_int32(env, argument, &code) != napi_ok) {
    return refuse(env, "an exit code");
  }
  _exit(code);
}

/// createSet(input, chunks, output, sends, onInput)
napi_value createSet(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value arguments[5];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  Memory memory;
  uint8_t* output = nullptr;
  if (count < 5 ||
      !arrayOf(env, arguments[0], napi_uint8_array, memory.input, memory.inputBytes) ||
      !arrayOf(env, arguments[1], napi_uint32_array, memory.chunks, memory.chunksMax) ||
      !arrayOf(env, arguments[2], napi_uint8_array, output, memory.outputBytes) ||
      !arrayOf(env, arguments[3], napi_uint32_array, memory.sends, memory.sendsMax) ||
      !isFunction(env, arguments[4])) {
    return refuse(env, "input and output bytes with a table for each, and a function");
  }
  memory.output = output;
  memory.chunksMax /= rowWords;
  memory.sendsMax /= rowWords;
  if (memory.inputBytes < readBytesMax || memory.inputBytes > UINT32_MAX ||
      memory.outputBytes > UINT32_MAX || memory.chunksMax == 0) {
    return refuse(env, "the input holds at least one read, and offsets are 32 bits");
  }
  uv_loop_t* loop = nullptr;
  auto* binding = new (std::nothrow) Binding(env, memory);
  napi_value methods = nullptr;
  // The environment's end frees it, so what fails after `keep` only leaves it unused.
  if (binding == nullptr || napi_get_uv_event_loop(env, &loop) != napi_ok ||
      binding->set.open(loop) != 0 || !keep(*binding, arguments) ||
      napi_create_object(env, &methods) != napi_ok ||
      !define(env, methods, "add", add, binding) ||
      !define(env, methods, "startReading", startReading, binding) ||
      !define(env, methods, "stopReading", stopReading, binding) ||
      !define(env, methods, "remove", remove, binding) ||
      !define(env, methods, "send", send, binding)) {
    napi_throw_error(env, nullptr, "the set of sockets could not be made");
    return nullptr;
  }
  return methods;
}

bool textOf(napi_env env, napi_value value, std::string& text) {
  size_t bytes = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &bytes) != napi_ok) return false;
  text.resize(bytes + 1);
  if (napi_get_value_string_utf8(env, value, &text[0], bytes + 1, &bytes) != napi_ok) return false;
  text.resize(bytes);
  return true;
}

bool textsOf(napi_env env, napi_value value, std::vector<std::string>& texts) {
  uint32_t count = 0;
  if (napi_get_array_length(env, value, &count) != napi_ok) return false;
  texts.resize(count);
  for (uint32_t index = 0; index < count; index += 1) {
    napi_value element = nullptr;
    if (napi_get_element(env, value, index, &element) != napi_ok ||
        !textOf(env, element, texts[index])) {
      return false;
    }
  }
  return true;
}

/// startChild(file, arguments, environment, words): zero or an errno; the process and the
/// descriptor of the channel are left in the words.
napi_value startChildProcess(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value values[4];
  int32_t* words = nullptr;
  size_t wordCount = 0;
  ChildProcess child = {0, -1};
  try {
    std::string file;
    std::vector<std::string> arguments, environment;
    if (napi_get_cb_info(env, info, &count, values, nullptr, nullptr) != napi_ok || count < 4 ||
        !textOf(env, values[0], file) || !textsOf(env, values[1], arguments) ||
        !textsOf(env, values[2], environment) ||
        !arrayOf(env, values[3], napi_int32_array, words, wordCount) || wordCount < 2) {
      return refuse(env, "a file, its arguments, its environment, and two words");
    }
    const int failure = startChild(file, arguments, environment, child);
    words[0] = child.id;
    words[1] = child.channel;
    return numberValue(env, failure);
  } catch (const std::bad_alloc&) {
    return numberValue(env, ENOMEM);
  }
}

/// lookAtChild(process, words): zero or an errno; whether it has ended, its exit code and its
/// signal are left in the words.
napi_value lookAtChildProcess(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value values[2];
  int32_t id = 0;
  int32_t* words = nullptr;
  size_t wordCount = 0;
  if (napi_get_cb_info(env, info, &count, values, nullptr, nullptr) != napi_ok || count < 2 ||
      napi_get_value_int32(env, values[0], &id) != napi_ok || id <= 0 ||
      !arrayOf(env, values[1], napi_int32_array, words, wordCount) || wordCount < 3) {
    return refuse(env, "a process and three words");
  }
  ChildEnd end = {false, 0, 0};
  const int failure = lookAtChild(id, end);
  words[0] = end.isEnded ? 1 : 0;
  words[1] = end.code;
  words[2] = end.signal;
  return numberValue(env, failure);
}

/// leaveOneProcessor(threads): zero or an errno.
napi_value leaveProcessor(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value = nullptr;
  int32_t* threads = nullptr;
  size_t threadCount = 0;
  if (napi_get_cb_info(env, info, &count, &value, nullptr, nullptr) != napi_ok || count < 1 ||
      !arrayOf(env, value, napi_int32_array, threads, threadCount)) {
    return refuse(env, "the numbers of threads");
  }
  return numberValue(env, leaveOneProcessor(threads, threadCount));
}

}  // namespace

}  // namespace lodestone

NAPI_MODULE_INIT() {
  const bool isWhole =
      lodestone::define(env, exports, "createSet", lodestone::createSet, nullptr) &&
      lodestone::define(env, exports, "startChild", lodestone::startChildProcess, nullptr) &&
      lodestone::define(env, exports, "lookAtChild", lodestone::lookAtChildProcess, nullptr) &&
      lodestone::define(env, exports, "leaveOneProcessor", lodestone::leaveProcessor, nullptr) &&
      lodestone::define(env, exports, "exitAtOnce", lodestone::exitAtOnce, nullptr);
  return isWhole ? exports : nullptr;
}
