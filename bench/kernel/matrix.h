// A table of rows in one piece, and NumPy's files of it: format 1.0, float32 or int32, in C order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

template <typename Value>
struct Matrix {
  size_t rows = 0;
  size_t columns = 0;
  std::vector<Value> values;

  Matrix() = default;
  Matrix(size_t rowCount, size_t columnCount)
      : rows(rowCount), columns(columnCount), values(rowCount * columnCount) {}
  const Value* row(size_t index) const { return values.data() + index * columns; }
  Value* row(size_t index) { return values.data() + index * columns; }
  /// Forgets what comes after the first rows.
  void keepRows(size_t count) {
    if (count >= rows) return;
    rows = count;
    values.resize(rows * columns);
  }
};

/// Ends the process with a sentence if there is no such file, or if it is something else.
template <typename Value>
Matrix<Value> readNpy(const std::string& path);

template <typename Value>
void writeNpy(const std::string& path, const Matrix<Value>& matrix);

[[noreturn]] void fail(const std::string& sentence);
