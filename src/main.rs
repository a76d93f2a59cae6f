//! The `magicpixels` program: forbids telemetry, lets freed memory go, then hands over to the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    magicpixels::engine::runtime::forbid_telemetry();
    magicpixels::engine::runtime::keep_no_freed_blocks();
    magicpixels::cli::main()
}
