# The kernel as a Node-API addon, built at `npm install`. One build serves every processor: each file
# of operations names its own target, and the path is chosen when the process starts.
{
  "targets": [
    {
      "target_name": "vector-kernel",
      "sources": [
        "<!@(ls *.cpp addon/*.cpp)"
      ],
      "defines": ["NAPI_VERSION=8"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++14", "-std=gnu++17", "-std=gnu++20"],
      # No fused operations: a graph has the same bits on every processor.
      "cflags_cc": ["-std=c++17", "-O3", "-ffp-contract=off", "-fvisibility=hidden", "-Wall", "-Wextra"],
      "conditions": [
        ["OS=='mac'", {
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
            "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
            "GCC_OPTIMIZATION_LEVEL": "3",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "OTHER_CPLUSPLUSFLAGS": ["-ffp-contract=off"]
          }
        }]
      ]
    }
  ]
}
