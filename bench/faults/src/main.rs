//! Loops without a client, for `cargo xtask faults`: each does its job on the backend
//! that `FERRIO_BACKEND` names, and ends with its account in a line that begins with
//! `final: `. The program that started it judges; it fails only if it cannot go on. A storm
//! starts its clients itself, as a process of their own; a server on completion serves those of
//! the program that started it.

mod beat;
mod children;
mod completion;
mod connects;
mod crowd;
mod datagrams;
mod passing;
mod proc;
mod setups;
mod signals;
mod splices;
mod storm;
mod timers;
mod turns;
mod wall;

use std::env;
use std::io;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["timers"] => timers::run(),
        ["signals"] => signals::run(),
        ["children"] => children::run(),
        ["wall"] => wall::run(),
        ["storm"] => storm::storm(),
        ["refuse"] => storm::refuse(),
        ["flood"] => storm::flood(),
        ["datagrams"] => datagrams::run(),
        ["passing"] => passing::run(),
        ["connects"] => connects::internet(),
        ["queues"] => connects::unix(),
        ["splices"] => splices::splice(),
        ["files"] => splices::send_file(),
        ["setups"] => setups::run(),
        ["openings"] => completion::openings::run(),
        ["serve", ref arguments @ ..] => completion::serve(arguments),
        // The clients of a storm.
        ["crowd", address, count] => {
            crowd::run(address.parse().map_err(io::Error::other)?, count.parse().map_err(io::Error::other)?)
        }
        _ => {
            let text = "the command line wants a job, such as timers or storm; its `main` lists them";
            Err(io::Error::new(io::ErrorKind::InvalidInput, text))
        }
    }
}
