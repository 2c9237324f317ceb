//! What a watch cannot do, and what it costs.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use mio::fs::{Kind, Kinds, Watch};
use mio::unix::SourceFd;
use mio::{Interest, Token};

use crate::beyond::watched::{Directory, is_untold, kinds, setup, take_all, tells_each_change};
use crate::harness::unix::open_handles;
use crate::harness::{assert_kind, expect_no_events, in_own_process, poll_with_events};

#[test]
fn a_path_that_cannot_be_watched_is_refused_by_its_name() {
    let directory = Directory::new();
    let file = directory.file("file");
    let mut watch = Watch::new().unwrap();
    for (path, kind) in [
        (directory.entry("missing"), io::ErrorKind::NotFound),
        (directory.entry("missing/below"), io::ErrorKind::NotFound),
        (file.join("below"), io::ErrorKind::NotADirectory),
        (directory.entry(OsStr::from_bytes(b"nul\0")), io::ErrorKind::InvalidInput),
        ("".into(), io::ErrorKind::NotFound),
    ] {
        let error = watch.add(&path, Kinds::ALL).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(&format!("{path:?}")), "{error}");
    }
    // None of them left anything behind.
    fs::create_dir(directory.entry("missing")).unwrap();
    assert!(take_all(&mut watch).is_empty());
    watch.add(directory.entry("missing"), Kinds::ALL).unwrap();
}

#[test]
fn a_watch_for_nothing_is_refused_and_an_older_one_stays() {
    let mut setup = setup(Kinds::CREATED);
    let error = setup.watch.add(setup.directory.path(), Kinds::NONE).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    let path = format!("{:?}", setup.directory.path());
    assert!(error.to_string().contains(&path) && error.to_string().contains("Kinds::ALL"), "{error}");
    setup.directory.file("file");
    assert_eq!(kinds(&setup.expect()), [Kind::Created]);
}

#[test]
fn a_removed_watch_gives_what_came_before_and_then_its_end() {
    let mut setup = setup(Kinds::CREATED);
    let other = Directory::new();
    setup.watch.add(other.path(), Kinds::CREATED).unwrap();
    setup.directory.file("before");
    setup.watch.remove(setup.id).unwrap();
    setup.directory.file("after");
    let seen = setup.expect();
    assert_eq!(kinds(&seen), [Kind::Created, Kind::Ended]);
    assert!(seen.iter().all(|change| change.id == Some(setup.id)), "{seen:?}");
    // The others are watched on.
    other.file("file");
    assert_eq!(kinds(&setup.expect()), [Kind::Created]);
}

#[test]
fn an_id_that_is_done_with_is_not_found_and_names_nobody_else() {
    let mut setup = setup(Kinds::CREATED);
    setup.watch.remove(setup.id).unwrap();
    for _ in 0..2 {
        let error = setup.watch.remove(setup.id).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains("removed or has ended"), "{error}");
    }
    let again = setup.watch.add(setup.directory.path(), Kinds::CREATED).unwrap();
    assert_ne!(again, setup.id);
    assert_kind(setup.watch.remove(setup.id), io::ErrorKind::NotFound);
    take_all(&mut setup.watch);
    setup.directory.file("file");
    assert_eq!(take_all(&mut setup.watch)[0].id, Some(again));

    let gone = Directory::new();
    let id = setup.watch.add(gone.path(), Kinds::CREATED).unwrap();
    drop(gone);
    assert_kind(setup.watch.remove(id), io::ErrorKind::NotFound);
}

#[test]
fn a_path_that_comes_and_goes_is_watched_or_not_found() {
    let directory = Directory::new();
    let path = directory.entry("flickers");
    let mut watch = Watch::new().unwrap();
    let (mut added, mut ended) = (0, 0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..300 {
                fs::create_dir(&path).unwrap();
                fs::remove_dir(&path).unwrap();
            }
        });
        for _ in 0..3000 {
            match watch.add(&path, Kinds::SELF_DELETED) {
                Ok(_) => added += 1,
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::NotFound, "{error}"),
            }
        }
    });
    for change in take_all(&mut watch) {
        assert!(matches!(change.kind, Kind::SelfDeleted | Kind::Ended), "{change:?}");
        ended += usize::from(change.kind == Kind::Ended);
    }
    // One directory may have been added several times, and each of them is gone.
    assert!(ended <= added && (ended > 0 || added == 0), "{ended} of {added}");
}

#[test]
fn an_overflow_is_reported_last_and_the_watch_goes_on() {
    if is_untold("changes of one kind are one until they are taken") {
        return;
    }
    const LIMIT: &str = "/proc/sys/fs/inotify/max_queued_events";
    let limit: usize = fs::read_to_string(LIMIT).unwrap().trim().parse().unwrap();
    assert!(limit <= 4_000_000, "lower {LIMIT} for this test: it makes as many changes");
    let mut setup = setup(Kinds::ATTRIBUTES);
    // Changes of one name in a row may be joined.
    let paths = [setup.directory.file("one"), setup.directory.file("other")];
    for number in 0..limit + 100 {
        fs::set_permissions(&paths[number % 2], Permissions::from_mode(0o600)).unwrap();
    }
    let seen = setup.expect();
    let (last, others) = seen.split_last().unwrap();
    assert_eq!((last.kind, last.id, &last.name), (Kind::Overflow, None, &None));
    assert!(others.len() <= limit, "{} changes", others.len());
    assert!(others.iter().all(|change| change.kind == Kind::Attributes));

    fs::set_permissions(&paths[0], Permissions::from_mode(0o644)).unwrap();
    assert_eq!(kinds(&setup.expect()), [Kind::Attributes]);
    expect_no_events(&mut setup.poll, &mut setup.events);
}

#[test]
fn a_regular_file_is_not_registered_but_watched() {
    let (poll, _) = poll_with_events();
    let directory = Directory::new();
    let path = directory.file("file");
    let file = fs::File::open(&path).unwrap();
    let result = poll.registry().register(&mut SourceFd(&file.as_raw_fd()), Token(0), Interest::READABLE);
    assert_kind(result, io::ErrorKind::PermissionDenied);

    let mut watch = Watch::new().unwrap();
    let id = watch.add(&path, Kinds::MODIFIED).unwrap();
    fs::write(&path, "text").unwrap();
    let seen = take_all(&mut watch);
    assert_eq!(kinds(&seen), [Kind::Modified]);
    assert_eq!((seen[0].id, &seen[0].name), (Some(id), &None));
}

#[test]
fn a_watch_of_many_paths_costs_one_descriptor_and_gives_it_back() {
    in_own_process(
        "beyond::watch_limits::a_watch_of_many_paths_costs_one_descriptor_and_gives_it_back",
        || {
            let directories: Vec<_> = (0..20).map(|_| Directory::new()).collect();
            let before = open_handles();
            for _ in 0..20 {
                let mut watch = Watch::new().unwrap();
                for directory in &directories {
                    watch.add(directory.path(), Kinds::ALL).unwrap();
                    assert_kind(watch.add(directory.entry("missing"), Kinds::ALL), io::ErrorKind::NotFound);
                }
                // Elsewhere it costs one for each path as well.
                assert!(open_handles() == before + 1 || !tells_each_change());
            }
            assert_eq!(open_handles(), before);
        },
    );
}

#[test]
fn a_watch_may_go_to_another_thread_and_is_not_inherited() {
    fn shared<T: Send + Sync>(_: &T) {}
    let watch = Watch::new().unwrap();
    shared(&watch);
    assert!(rustix::io::fcntl_getfd(watch.as_fd()).unwrap().contains(rustix::io::FdFlags::CLOEXEC));
    let flags = rustix::fs::fcntl_getfl(watch.as_fd()).unwrap();
    // A kqueue has no such flag.
    assert!(flags.contains(rustix::fs::OFlags::NONBLOCK) || !tells_each_change());
    let text = format!("{watch:?}");
    assert!(text.contains(&watch.as_raw_fd().to_string()), "{text}");
}

#[test]
fn a_watch_needs_the_permission_to_read() {
    let directory = Directory::new();
    let path = directory.file("secret");
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    let mut watch = Watch::new().unwrap();
    match (fs::File::open(&path), watch.add(&path, Kinds::ALL)) {
        // The superuser may read everything.
        (Ok(_), result) => assert!(result.is_ok(), "{result:?}"),
        (Err(_), result) => assert_kind(result, io::ErrorKind::PermissionDenied),
    }
}
