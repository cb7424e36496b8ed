// Reads the arrays of a dataset folder: NumPy's format 1.0, float32 or int32, in C order.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

template <typename Value>
struct Matrix {
  size_t rows = 0;
  size_t columns = 0;
  std::vector<Value> values;
  const Value* row(size_t index) const { return values.data() + index * columns; }
  Value* row(size_t index) { return values.data() + index * columns; }
};

template <typename Value>
Matrix<Value> readNpy(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    std::fprintf(stderr, "cannot open %s\n", path.c_str());
    std::exit(2);
  }
  unsigned char head[10];
  Matrix<Value> matrix;
  bool isRight = std::fread(head, 1, 10, file) == 10 && std::memcmp(head, "\x93NUMPY", 6) == 0;
  std::string text(isRight ? head[8] + head[9] * 256u : 0, ' ');
  isRight = isRight && std::fread(&text[0], 1, text.size(), file) == text.size();
  const size_t shape = text.find("'shape': (");
  isRight = isRight && shape != std::string::npos &&
            std::sscanf(text.c_str() + shape + 10, "%zu, %zu", &matrix.rows, &matrix.columns) == 2;
  if (isRight) {
    matrix.values.resize(matrix.rows * matrix.columns);
    isRight = std::fread(matrix.values.data(), sizeof(Value), matrix.values.size(), file) ==
              matrix.values.size();
  }
  std::fclose(file);
  if (!isRight) {
    std::fprintf(stderr, "%s is not a two-dimensional array of NumPy's format 1.0\n", path.c_str());
    std::exit(2);
  }
  return matrix;
}
