// What `oriel bench loopback` measures besides bytes that flow: looking at many sockets, making and
// ending connections, hearing of a death, memory, and what an idle connection costs.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace oriel::cli {

struct LoopbackMark {
  std::string name;
  std::string what;  ///< a sentence
  std::string unit;
  std::vector<double> fast;
  std::vector<double> rival;  ///< kernel TCP's; empty: there is none
  double goal = 0;            ///< at most: of the ratio to the rival or, without one, of the value
  bool is_ratio = false;
  std::string failure;
};

std::vector<LoopbackMark> measure_marks(int repetitions,
                                        const std::function<void(const std::string&)>& on_progress);

double median_of(std::vector<double> values);

}  // namespace oriel::cli
