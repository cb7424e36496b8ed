// Arguments as JavaScript gives them: whatever is not exactly what was asked for is a TypeError, so
// that nothing behind this file meets a wrong type, a bad number or a buffer that was detached.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <node_api.h>

namespace lodestone {

constexpr double uint32Max = 4294967295.0;

struct ByteView {
  uint8_t* data = nullptr;
  size_t size = 0;
};

/// The arguments of one call. Every getter says so, and throws in JavaScript, where one is wrong.
class Arguments {
 public:
  static constexpr size_t countMax = 8;

  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    isRead_ = napi_get_cb_info(env, info, &count_, values_, nullptr, &data_) == napi_ok;
  }

  /// What the function was made with.
  template <typename Target>
  Target* target() const {
    return static_cast<Target*>(data_);
  }

  bool number(size_t at, double lowest, double highest, double& into) const {
    if (!isRead_ || at >= count_ || napi_get_value_double(env_, values_[at], &into) != napi_ok ||
        !(into >= lowest && into <= highest)) {
      return refuse("a number is missing, or out of bounds");
    }
    return true;
  }

  bool integer(size_t at, uint32_t& into) const {
    double value = 0;
    if (!number(at, 0, uint32Max, value)) return false;
    if (value != std::floor(value)) return refuse("a number is not an integer");
    into = static_cast<uint32_t>(value);
    return true;
  }

  /// Of a Buffer or another typed array; `typed` is its element type.
  bool bytes(size_t at, napi_typedarray_type typed, ByteView& into) const {
    bool isTyped = false;
    napi_typedarray_type found;
    size_t length = 0;
    void* data = nullptr;
    if (!isRead_ || at >= count_ || napi_is_typedarray(env_, values_[at], &isTyped) != napi_ok ||
        !isTyped ||
        napi_get_typedarray_info(env_, values_[at], &found, &length, &data, nullptr, nullptr) !=
            napi_ok ||
        found != typed) {
      return refuse("a typed array is missing, or of another type");
    }
    into.data = static_cast<uint8_t*>(data);
    into.size = data == nullptr ? 0 : length * elementSize(typed);
    return true;
  }

  bool function(size_t at, napi_value& into) const {
    napi_valuetype type;
    if (!isRead_ || at >= count_ || napi_typeof(env_, values_[at], &type) != napi_ok ||
        type != napi_function) {
      return refuse("a function is missing");
    }
    into = values_[at];
    return true;
  }

  bool refuse(const char* message) const {
    napi_throw_type_error(env_, "ERR_INVALID_ARG_TYPE", message);
    return false;
  }

 private:
  static size_t elementSize(napi_typedarray_type type) {
    if (type == napi_float64_array) return 8;
    return type == napi_uint32_array || type == napi_float32_array ? 4 : 1;
  }

  napi_env env_;
  bool isRead_ = false;
  size_t count_ = countMax;
  napi_value values_[countMax] = {};
  void* data_ = nullptr;
};

}  // namespace lodestone
