//! The mode of a socket file where Linux has no /proc.

use std::{fs, io};

use mio::net::{UnixDatagram, UnixListener};
use rustix::fs::{Mode, OFlags};

use crate::harness::in_own_process;
use crate::harness::unix::SocketPath;

#[test]
fn without_proc_a_mode_that_the_umask_cuts_is_an_error_that_says_so_and_leaves_no_file() {
    in_own_process(
        "linux::socket_files::without_proc_a_mode_that_the_umask_cuts_is_an_error_that_says_so_and_leaves_no_file",
        || {
            let folder = SocketPath::new();
            fs::create_dir(&folder).unwrap();
            let outside = rustix::fs::open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
            if rustix::process::chroot(folder.as_ref()).is_err() {
                fs::remove_dir(&folder).unwrap();
                println!("SKIPPED: only root can leave /proc out of its sight");
                return;
            }
            rustix::process::umask(Mode::from_raw_mode(0o077));
            for error in [
                UnixListener::bind_with_mode("/socket", 0o660).err().unwrap(),
                UnixDatagram::bind_with_mode("/socket", 0o660).err().unwrap(),
            ] {
                assert_eq!(error.kind(), io::ErrorKind::Unsupported, "{error}");
                let text = error.to_string();
                assert!(
                    ["/socket", "0o660", "/proc", "umask"].iter().all(|word| text.contains(word)),
                    "{text}"
                );
                assert!(!fs::exists("/socket").unwrap());
            }
            // Nothing has to be given back.
            UnixListener::bind_with_mode("/socket", 0o600).unwrap();
            fs::remove_file("/socket").unwrap();
            // A sanitizer that looks for leaks at the end needs /proc.
            rustix::process::fchdir(&outside).unwrap();
            rustix::process::chroot(".").unwrap();
            fs::remove_dir(&folder).unwrap();
        },
    );
}
