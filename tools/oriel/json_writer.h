// JSON output, just enough for flat records: objects, arrays, numbers, strings; names in the order
// written.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

namespace oriel::cli {

class JsonWriter {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array(std::string_view name) {
    key(name);
    open('[');
  }
  void end_array() { close(']'); }
  void begin_object(std::string_view name) {
    key(name);
    open('{');
  }
  void field(std::string_view name, std::string_view value) {
    key(name);
    string(value);
    needs_comma_ = true;
  }
  /// Not a number and infinities have no JSON form: null.
  void field(std::string_view name, double value) {
    key(name);
    text_ += std::isfinite(value) ? fmt::format("{}", value) : std::string("null");
    needs_comma_ = true;
  }
  void null_field(std::string_view name) { field(name, std::numeric_limits<double>::quiet_NaN()); }
  void field(std::string_view name, bool value) {
    key(name);
    text_ += value ? "true" : "false";
    needs_comma_ = true;
  }
  /// Without this a literal would become a truth value.
  void field(std::string_view name, const char* value) { field(name, std::string_view(value)); }
  void field(std::string_view name, std::int64_t value) { integer(name, value); }
  void field(std::string_view name, std::uint64_t value) { integer(name, value); }
  /// An element of an array; not a number: null.
  void value(double value) {
    separate();
    text_ += std::isfinite(value) ? fmt::format("{}", value) : std::string("null");
    needs_comma_ = true;
  }
  const std::string& text() const { return text_; }

 private:
  template <class T>
  void integer(std::string_view name, T value) {
    key(name);
    text_ += fmt::format("{}", value);
    needs_comma_ = true;
  }
  void separate() {
    if (needs_comma_) text_ += ',';
    needs_comma_ = false;
  }
  void open(char c) {
    separate();
    text_ += c;
  }
  void close(char c) {
    text_ += c;
    needs_comma_ = true;
  }
  void key(std::string_view name) {
    separate();
    string(name);
    text_ += ':';
  }
  void string(std::string_view s) {
    text_ += '"';
    for (char c : s) {
      if (c == '"' || c == '\\') text_ += '\\';
      if (static_cast<unsigned char>(c) < 0x20)
        text_ += fmt::format("\\u{:04x}", static_cast<int>(c));
      else
        text_ += c;
    }
    text_ += '"';
  }

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace oriel::cli
