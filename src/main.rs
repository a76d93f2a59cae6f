//! The `magicpixels` program: forbids telemetry, then hands over to the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    magicpixels::engine::runtime::forbid_telemetry();
    magicpixels::cli::main()
}
