// `oriel lab`: the experiments, one file each.
#include "verb_lab.h"

namespace oriel::cli {

void add_lab(CLI::App& app, Run& run) {
  CLI::App* lab =
      app.add_subcommand("lab", "Experiments on virtual time: the same figures on every machine.");
  lab->require_subcommand(1);
  add_lab_longfat(*lab, run);
  add_lab_compat(*lab, run);
  add_lab_backlog(*lab, run);
}

}  // namespace oriel::cli
