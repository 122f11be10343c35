#include "cli/process.h"

int main(int argc, char** argv) {
  slipway::cli::Process process = slipway::cli::process_of(argc, argv);
  return slipway::cli::run(process);
}
