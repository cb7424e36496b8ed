# The sockets of all clients read and written together, and processes started without a fork, as a
# Node-API addon that `npm install` builds. Elsewhere than on Linux nothing is built, and node's own
# sockets and processes are used.
{
  "targets": [
    {
      "target_name": "runtime",
      "conditions": [
        ["OS=='linux'", {
          "sources": ["addon.cpp", "child-process.cpp", "socket-set.cpp"],
          "defines": ["NAPI_VERSION=8"],
          "cflags!": ["-fno-exceptions"],
          "cflags_cc!": ["-fno-exceptions", "-std=gnu++14", "-std=gnu++17", "-std=gnu++20"],
          "cflags_cc": ["-std=c++17", "-O2", "-fvisibility=hidden", "-Wall", "-Wextra"]
        }, {
          "type": "none"
        }]
      ]
    }
  ]
}
