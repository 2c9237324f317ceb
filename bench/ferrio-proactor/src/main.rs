//! A server and files on Ferrio's completion, by a ring or by readiness, and one on readiness in a loop
//! that could complete.

mod beside;
mod files;
mod server;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;
use ferrio_proactor::Choice;

use crate::beside::Beside;
use crate::files::Operations;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The variant with readiness, and one operation under way.
const BESIDE: &str = "beside";
/// The variant without a ring.
const EMULATED: &str = "emulated";
/// The variant with readiness that submits nothing.
const IDLE: &str = "idle";

fn main() -> io::Result<()> {
    let options = Options::of_process()?;
    match options.variant.as_str() {
        BESIDE => bench_kit::server::main::<Beside<true>, Beside<true>>(&options),
        IDLE => bench_kit::server::main::<Beside<false>, Beside<false>>(&options),
        variant => {
            let driver = if variant == EMULATED { Choice::Readiness } else { Choice::Ring };
            if bench_kit::files::run(&options, || Operations::new(driver))? {
                return Ok(());
            }
            server::main(&options, driver)
        }
    }
}
