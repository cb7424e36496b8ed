// Reading and writing NumPy's files; see matrix.h.
#include "matrix.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr size_t headBytes = 128;

const char* typeName(float) { return "<f4"; }
const char* typeName(uint32_t) { return "<i4"; }

}  // namespace

void fail(const std::string& sentence) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s\n", sentence.c_str());
  std::exit(2);
}

template <typename Value>
Matrix<Value> readNpy(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) fail("cannot open " + path);
  unsigned char head[10];
  size_t rows = 0;
  size_t columns = 0;
  bool isRight = std::fread(head, 1, 10, file) == 10 && std::memcmp(head, "\x93NUMPY", 6) == 0;
  std::string text(isRight ? head[8] + head[9] * 256u : 0, ' ');
  isRight = isRight && std::fread(&text[0], 1, text.size(), file) == text.size();
  const size_t shape = text.find("'shape': (");
  isRight = isRight && text.find(typeName(Value())) != std::string::npos &&
            shape != std::string::npos &&
            std::sscanf(text.c_str() + shape + 10, "%zu, %zu", &rows, &columns) == 2;
  Matrix<Value> matrix(isRight ? rows : 0, isRight ? columns : 0);
  const size_t count = matrix.values.size();
  isRight = isRight && std::fread(matrix.values.data(), sizeof(Value), count, file) == count;
  std::fclose(file);
  if (!isRight) fail(path + " is not a two-dimensional array of NumPy's format 1.0, as expected");
  return matrix;
}

template <typename Value>
void writeNpy(const std::string& path, const Matrix<Value>& matrix) {
  std::string head("\x93NUMPY\x01\x00\x76\x00", 10);
  head += "{'descr': '" + std::string(typeName(Value())) +
          "', 'fortran_order': False, 'shape': (" + std::to_string(matrix.rows) + ", " +
          std::to_string(matrix.columns) + "), }";
  head.resize(headBytes - 1, ' ');
  head += '\n';
  FILE* file = std::fopen(path.c_str(), "wb");
  const size_t count = matrix.values.size();
  const bool isWritten = file != nullptr &&
                         std::fwrite(head.data(), 1, head.size(), file) == head.size() &&
                         std::fwrite(matrix.values.data(), sizeof(Value), count, file) == count;
  const bool isClosed = file != nullptr && std::fclose(file) == 0;
  if (!isWritten || !isClosed) fail("cannot write " + path);
}

template Matrix<float> readNpy<float>(const std::string&);
template Matrix<uint32_t> readNpy<uint32_t>(const std::string&);
template void writeNpy<float>(const std::string&, const Matrix<float>&);
template void writeNpy<uint32_t>(const std::string&, const Matrix<uint32_t>&);
