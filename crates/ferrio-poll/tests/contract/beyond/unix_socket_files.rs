//! The files of Unix sockets: their mode, stale ones, and those that are something else.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use mio::net::{SocketBuilder, SocketFile, UnixDatagram, UnixListener, UnixSeqpacketListener};
use rustix::fs::Mode;

use crate::fork::fork_and_run;
use crate::harness::unix::SocketPath;
use crate::harness::{assert_kind, in_own_process};

/// The permissions of the file at `path`.
fn mode(path: &SocketPath) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

/// Fails unless `result` is an error of `kind` that names `path`.
fn assert_names<T>(result: io::Result<T>, kind: io::ErrorKind, path: &SocketPath) {
    let error = result.err().expect("an error");
    assert_eq!(error.kind(), kind, "{error}");
    let path: &Path = path.as_ref();
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
}

/// One way to bind a socket to a path with a mode.
type Bind = fn(&Path, u32) -> io::Result<Box<dyn Send>>;

const BINDS: [Bind; 6] = [
    |path, mode| Ok(Box::new(UnixListener::bind_with_mode(path, mode)?)),
    |path, mode| Ok(Box::new(UnixSeqpacketListener::bind_with_mode(path, mode)?)),
    |path, mode| Ok(Box::new(UnixDatagram::bind_with_mode(path, mode)?)),
    |path, mode| Ok(Box::new(builder(mode).unix_listener(&SocketAddr::from_pathname(path)?)?)),
    |path, mode| Ok(Box::new(builder(mode).unix_seqpacket_listener(&SocketAddr::from_pathname(path)?)?)),
    |path, mode| Ok(Box::new(builder(mode).unix_datagram(&SocketAddr::from_pathname(path)?)?)),
];

/// A builder of sockets with a mode and with an option.
fn builder(mode: u32) -> SocketBuilder {
    SocketBuilder::new().file_mode(mode).send_buffer(50_000)
}

#[test]
fn a_socket_file_has_exactly_its_mode_whatever_the_umask_is() {
    in_own_process(
        "beyond::unix_socket_files::a_socket_file_has_exactly_its_mode_whatever_the_umask_is",
        || {
            for umask in [0, 0o022, 0o077, 0o777] {
                rustix::process::umask(Mode::from_raw_mode(umask));
                for bind in BINDS {
                    for expected in [0o600, 0o660, 0o666, 0o000, 0o777] {
                        let path = SocketPath::new();
                        let _socket = bind(path.as_ref(), expected).unwrap();
                        assert_eq!(mode(&path), expected, "{expected:o} with umask {umask:o}");
                    }
                }
            }
        },
    );
}

#[test]
fn at_no_moment_has_a_socket_file_a_wider_mode() {
    in_own_process("beyond::unix_socket_files::at_no_moment_has_a_socket_file_a_wider_mode", || {
        rustix::process::umask(Mode::empty());
        let (path, is_over) = (SocketPath::new(), AtomicBool::new(false));
        let seen = thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let mut seen = 0;
                while !is_over.load(Ordering::Relaxed) {
                    if let Ok(file) = fs::symlink_metadata(&path) {
                        seen |= file.mode() & 0o7777;
                    }
                }
                seen
            });
            for _ in 0..1000 {
                for bind in BINDS {
                    drop(bind(path.as_ref(), 0o600).unwrap());
                    fs::remove_file(&path).unwrap();
                }
            }
            is_over.store(true, Ordering::Relaxed);
            watcher.join().unwrap()
        });
        assert_eq!(seen & !0o600, 0, "{seen:o} was seen");
    });
}

#[test]
fn what_cannot_have_a_mode_is_refused_and_leaves_no_file() {
    for bind in BINDS {
        let path = SocketPath::new();
        assert_names(bind(path.as_ref(), 0o1600).map(drop), io::ErrorKind::InvalidInput, &path);
        assert!(!fs::exists(&path).unwrap());
        assert_kind(bind(Path::new(""), 0o600).map(drop), io::ErrorKind::InvalidInput);
        fs::write(&path, "mine").unwrap();
        assert_kind(bind(path.as_ref(), 0o600).map(drop), io::ErrorKind::AddrInUse);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }
}

#[test]
fn a_mode_is_refused_where_there_is_no_file_to_have_it() {
    let path = SocketPath::new();
    let _listener = net::UnixListener::bind(&path).unwrap();
    let address = SocketAddr::from_pathname(&path).unwrap();
    let builder = builder(0o640);
    let any = "127.0.0.1:0".parse().unwrap();
    for result in [
        builder.unix_stream(&address).map(drop),
        builder.unix_seqpacket(&address).map(drop),
        builder.tcp_listener(any).map(drop),
        builder.tcp_stream(any).map(drop),
        builder.udp_socket(any).map(drop),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("0o640"), "{error}");
    }
    let nameless = SocketAddr::from_pathname("").unwrap();
    assert_kind(builder.unix_listener(&nameless), io::ErrorKind::InvalidInput);
}

#[test]
fn a_stale_socket_file_is_removed_and_that_of_a_living_server_is_not() {
    // A child that another test has forked would hold a socket a little longer.
    in_own_process(
        "beyond::unix_socket_files::a_stale_socket_file_is_removed_and_that_of_a_living_server_is_not",
        || {
            let path = SocketPath::new();
            assert!(!SocketFile::remove_stale(&path).unwrap());
            for bind in BINDS {
                let socket = bind(path.as_ref(), 0o600).unwrap();
                assert_names(SocketFile::remove_stale(&path), io::ErrorKind::AddrInUse, &path);
                drop(socket);
                assert!(fs::exists(&path).unwrap());
                assert!(SocketFile::remove_stale(&path).unwrap());
                assert!(!fs::exists(&path).unwrap());
            }
        },
    );
}

#[test]
fn a_server_that_is_bound_and_does_not_listen_yet_is_alive_and_hears_of_no_probe() {
    let path = SocketPath::new();
    let socket = rustix::net::socket(rustix::net::AddressFamily::UNIX, rustix::net::SocketType::STREAM, None);
    let socket = net::UnixListener::from(socket.unwrap());
    let address = rustix::net::SocketAddrUnix::new(path.as_ref()).unwrap();
    rustix::net::bind(&socket, &address).unwrap();
    assert_names(SocketFile::remove_stale(&path), io::ErrorKind::AddrInUse, &path);
    rustix::net::listen(&socket, 1).unwrap();
    assert_names(SocketFile::remove_stale(&path), io::ErrorKind::AddrInUse, &path);
    socket.set_nonblocking(true).unwrap();
    assert_kind(socket.accept(), io::ErrorKind::WouldBlock);
}

#[test]
fn a_link_and_a_file_of_another_kind_are_left_alone_and_named() {
    let (path, target) = (SocketPath::new(), SocketPath::new());
    drop(net::UnixListener::bind(&target).unwrap());
    // To a stale socket, to nothing, and to itself.
    for leads_to in [target.as_ref(), Path::new("/nonexistent/socket"), path.as_ref()] {
        symlink(leads_to, &path).unwrap();
        for result in [SocketFile::remove_stale(&path).map(drop), SocketFile::new(&path).map(drop)] {
            assert_names(result, io::ErrorKind::AlreadyExists, &path);
        }
        for bind in BINDS {
            assert_kind(bind(path.as_ref(), 0o600).map(drop), io::ErrorKind::AddrInUse);
        }
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink() && fs::exists(&target).unwrap());
        fs::remove_file(&path).unwrap();
    }
    fs::write(&path, "mine").unwrap();
    assert_names(SocketFile::remove_stale(&path), io::ErrorKind::AlreadyExists, &path);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_names(SocketFile::remove_stale(&path), io::ErrorKind::AlreadyExists, &path);
    fs::remove_dir(&path).unwrap();
    assert_names(SocketFile::new(&path), io::ErrorKind::NotFound, &path);
}

#[test]
fn the_socket_file_of_another_user_is_left_alone_and_named() {
    let path = SocketPath::new();
    drop(net::UnixListener::bind(&path).unwrap());
    if std::os::unix::fs::lchown(&path, Some(65534), None).is_err() {
        println!("SKIPPED: only root can give a file away");
        return;
    }
    assert_names(SocketFile::remove_stale(&path), io::ErrorKind::PermissionDenied, &path);
    assert_names(SocketFile::new(&path), io::ErrorKind::PermissionDenied, &path);
    assert!(fs::exists(&path).unwrap());
}

#[test]
fn a_guard_removes_its_file_and_no_other() {
    let path = SocketPath::new();
    let bind = || net::UnixListener::bind(&path).unwrap();
    let _first = bind();
    let file = SocketFile::new(&path).unwrap();
    assert_eq!(file.path(), path.as_ref() as &Path);
    drop(file);
    assert!(!fs::exists(&path).unwrap());
    // A successor has taken the path.
    let first = bind();
    let file = SocketFile::new(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let second = bind();
    assert!(!file.remove().unwrap());
    assert!(fs::exists(&path).unwrap());
    drop((first, second));
    assert_eq!(SocketFile::new(&path).unwrap().keep(), path.as_ref() as &Path);
    assert!(fs::exists(&path).unwrap());
    assert!(SocketFile::new(&path).unwrap().remove().unwrap());
    assert!(!fs::exists(&path).unwrap());
}

#[test]
fn a_guard_that_cannot_look_at_its_file_says_so_and_one_of_a_file_that_is_gone_does_not() {
    let (folder, moved) = (SocketPath::new(), SocketPath::new());
    fs::create_dir(&folder).unwrap();
    let path = folder.as_ref().join("socket");
    let guard = || {
        let _listener = net::UnixListener::bind(&path).unwrap();
        SocketFile::new(&path).unwrap()
    };
    // A file where the folder was.
    let file = guard();
    fs::rename(&folder, &moved).unwrap();
    fs::write(&folder, "").unwrap();
    let error = file.remove().unwrap_err();
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
    fs::remove_file(&folder).unwrap();
    fs::rename(&moved, &folder).unwrap();
    assert!(SocketFile::remove_stale(&path).unwrap());
    // Nothing where the file was, or something that is no socket.
    let file = guard();
    fs::remove_file(&path).unwrap();
    assert!(!file.remove().unwrap());
    let file = guard();
    fs::remove_file(&path).unwrap();
    fs::write(&path, "mine").unwrap();
    assert!(!file.remove().unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_guard_in_a_child_of_a_fork_removes_nothing() {
    in_own_process("beyond::unix_socket_files::a_guard_in_a_child_of_a_fork_removes_nothing", || {
        let path = SocketPath::new();
        let _listener = net::UnixListener::bind(&path).unwrap();
        let mut file = Some(SocketFile::new(&path).unwrap());
        let code = fork_and_run(|| {
            drop(file.take());
            0
        });
        assert!(code == 0 && fs::exists(&path).unwrap());
        drop(file);
        assert!(!fs::exists(&path).unwrap());
    });
}

#[test]
fn a_file_that_may_not_be_looked_at_is_an_error_that_names_it() {
    let path = SocketPath::new();
    let long = path.as_ref().join("below-a-file");
    fs::write(&path, "").unwrap();
    let error = SocketFile::remove_stale(&long).unwrap_err();
    assert!(error.to_string().contains("below-a-file"), "{error}");
    fs::remove_file(&path).unwrap();
    drop(net::UnixListener::bind(&path).unwrap());
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    // Root may look at everything.
    if !rustix::process::geteuid().is_root() {
        assert_names(SocketFile::remove_stale(&path), io::ErrorKind::PermissionDenied, &path);
    }
}
