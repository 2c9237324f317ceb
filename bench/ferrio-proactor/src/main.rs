//! A server on Ferrio's completion, by a ring or by readiness, and one on readiness in a loop
//! that could complete.

mod beside;
mod server;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;

use crate::beside::Beside;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The variant with readiness, and one operation under way.
const BESIDE: &str = "beside";
/// The variant with readiness that submits nothing.
const IDLE: &str = "idle";

fn main() -> io::Result<()> {
    let options = Options::of_process()?;
    match options.variant.as_str() {
        BESIDE => bench_kit::server::main::<Beside<true>, Beside<true>>(&options),
        IDLE => bench_kit::server::main::<Beside<false>, Beside<false>>(&options),
        _ => server::main(&options),
    }
}
