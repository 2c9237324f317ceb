//! Changes of files and directories, as Windows tells them.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use mio::fs::{Kind, Kinds, Watch, WatchId};
use mio::{Events, Interest, Mode, Poll, Token};

use crate::harness::skips::is_skipped;
use crate::harness::{
    PATIENCE, SILENCE, assert_kind, expect_no_events, expect_one_event, poll_during, poll_with_events, tokens,
};

const WATCH: Token = Token(3);

/// An empty directory; removed with all that is in it when dropped.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Directory {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("ferrio-windows-watch-{}-{number}", process::id()));
        // A killed run whose process had the same number may have left one.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Directory(path)
    }

    fn entry(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    fn make_and_delete(&self, name: &str) {
        fs::write(self.entry(name), "").unwrap();
        fs::remove_file(self.entry(name)).unwrap();
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // A test may have removed it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A change with its own name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    id: Option<WatchId>,
    kind: Kind,
    name: Option<String>,
    cookie: u32,
    is_directory: bool,
}

fn take_all(watch: &mut Watch) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(change) = watch.take().unwrap() {
        seen.push(Seen {
            id: change.id(),
            kind: change.kind(),
            name: change.name().map(|name| name.to_string_lossy().into_owned()),
            cookie: change.cookie().map_or(0, |cookie| cookie.get()),
            is_directory: change.is_directory(),
        });
    }
    seen
}

/// Polls and takes until `is_enough`; each change is told by an event.
fn take_until(
    poll: &mut Poll,
    events: &mut Events,
    watch: &mut Watch,
    is_enough: impl Fn(&[Seen]) -> bool,
) -> Vec<Seen> {
    let mut seen = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    while !is_enough(&seen) {
        poll.wait(events, Some(PATIENCE)).unwrap();
        assert!(Instant::now() < deadline, "{seen:?}");
        seen.extend(take_all(watch));
    }
    seen
}

/// Sees that nothing is told. What is made beside the directory, as by another test, may be an event.
fn expect_no_changes(poll: &mut Poll, events: &mut Events, watch: &mut Watch) {
    poll.wait(events, Some(SILENCE)).unwrap();
    assert_eq!(take_all(watch), []);
}

fn setup(kinds: Kinds) -> (Directory, Poll, Events, Watch, WatchId) {
    let directory = Directory::new();
    let (poll, events) = poll_with_events();
    let mut watch = Watch::new().unwrap();
    let id = watch.add(&directory.0, kinds).unwrap();
    poll.registry().register(&mut watch, WATCH, Interest::READABLE).unwrap();
    (directory, poll, events, watch, id)
}

fn has(seen: &[Seen], kind: Kind, name: &str) -> bool {
    seen.iter().any(|change| change.kind == kind && change.name.as_deref() == Some(name))
}

#[test]
fn what_happens_to_the_entries_of_a_directory_is_told_with_their_names() {
    let (directory, mut poll, mut events, mut watch, id) = setup(Kinds::ALL);
    expect_no_changes(&mut poll, &mut events, &mut watch);
    // Under wine the first creation comes as a modification.
    fs::write(directory.entry("first"), "").unwrap();
    take_until(&mut poll, &mut events, &mut watch, |seen| !seen.is_empty());
    fs::write(directory.entry("news"), "it rains").unwrap();
    fs::create_dir(directory.entry("below")).unwrap();
    let seen = take_until(&mut poll, &mut events, &mut watch, |seen| {
        has(seen, Kind::Created, "news") && has(seen, Kind::Created, "below")
    });
    for change in &seen {
        assert_eq!((change.id, change.cookie), (Some(id), 0), "{change:?}");
        assert_eq!(change.is_directory, change.name.as_deref() == Some("below"), "{change:?}");
    }
    fs::write(directory.entry("news"), "it still rains").unwrap();
    take_until(&mut poll, &mut events, &mut watch, |seen| has(seen, Kind::Modified, "news"));
    fs::remove_file(directory.entry("news")).unwrap();
    take_until(&mut poll, &mut events, &mut watch, |seen| has(seen, Kind::Deleted, "news"));
    expect_no_changes(&mut poll, &mut events, &mut watch);
}

#[test]
fn only_the_kinds_asked_for_are_told() {
    let (directory, mut poll, mut events, mut watch, id) = setup(Kinds::DELETED);
    fs::write(directory.entry("a"), "x").unwrap();
    fs::write(directory.entry("a"), "y").unwrap();
    fs::rename(directory.entry("a"), directory.entry("b")).unwrap();
    fs::remove_file(directory.entry("b")).unwrap();
    let seen = take_until(&mut poll, &mut events, &mut watch, |seen| !seen.is_empty());
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(has(&seen, Kind::Deleted, "b"), "{seen:?}");
    // Others replace them, and join them.
    assert_eq!(watch.add(&directory.0, Kinds::MOVED_TO).unwrap(), id);
    assert_eq!(watch.add_kinds(&directory.0, Kinds::MOVED_FROM).unwrap(), id);
    fs::write(directory.entry("c"), "").unwrap();
    fs::rename(directory.entry("c"), directory.entry("d")).unwrap();
    fs::remove_file(directory.entry("d")).unwrap();
    let seen = take_until(&mut poll, &mut events, &mut watch, |seen| has(seen, Kind::MovedTo, "d"));
    assert_eq!(seen.len(), 2, "{seen:?}");
}

#[test]
fn both_halves_of_a_rename_have_one_cookie() {
    let (directory, mut poll, mut events, mut watch, _) = setup(Kinds::MOVED_FROM | Kinds::MOVED_TO);
    let mut cookies = Vec::new();
    for round in 0..3 {
        let [from, to] = ["from", "to"].map(|name| format!("{name}{round}"));
        fs::write(directory.entry(&from), "").unwrap();
        fs::rename(directory.entry(&from), directory.entry(&to)).unwrap();
        let seen = take_until(&mut poll, &mut events, &mut watch, |seen| seen.len() >= 2);
        assert!(has(&seen[..1], Kind::MovedFrom, &from), "{seen:?}");
        assert!(has(&seen[1..2], Kind::MovedTo, &to), "{seen:?}");
        assert_eq!(seen[0].cookie, seen[1].cookie);
        cookies.push(seen[0].cookie);
    }
    assert!(!cookies.contains(&0) && cookies[0] != cookies[1], "{cookies:?}");
}

#[test]
fn a_watched_file_is_followed_through_its_renames_until_it_is_gone() {
    let directory = Directory::new();
    let (mut poll, mut events) = poll_with_events();
    fs::write(directory.entry("file"), "").unwrap();
    fs::write(directory.entry("other"), "").unwrap();
    let mut watch = Watch::new().unwrap();
    let id = watch.add(directory.entry("file"), Kinds::ALL).unwrap();
    poll.registry().register(&mut watch, WATCH, Interest::READABLE).unwrap();
    fs::write(directory.entry("other"), "not watched").unwrap();
    fs::write(directory.entry("file"), "watched").unwrap();
    let mut all = take_until(&mut poll, &mut events, &mut watch, |seen| !seen.is_empty());
    fs::rename(directory.entry("file"), directory.entry("new")).unwrap();
    let is_moved = |seen: &[Seen]| seen.iter().any(|change| change.kind == Kind::SelfMoved);
    all.extend(take_until(&mut poll, &mut events, &mut watch, is_moved));
    fs::write(directory.entry("new"), "watched still").unwrap();
    let is_modified = |seen: &[Seen]| seen.iter().any(|change| change.kind == Kind::Modified);
    all.extend(take_until(&mut poll, &mut events, &mut watch, is_modified));
    fs::remove_file(directory.entry("new")).unwrap();
    let is_over = |seen: &[Seen]| seen.iter().any(|change| change.kind == Kind::Ended);
    all.extend(take_until(&mut poll, &mut events, &mut watch, is_over));
    assert!(all.iter().all(|change| change.id == Some(id) && change.name.is_none()), "{all:?}");
    let end: Vec<_> = all[all.len() - 2..].iter().map(|change| change.kind).collect();
    assert_eq!(end, [Kind::SelfDeleted, Kind::Ended]);
    assert_kind(watch.remove(id), io::ErrorKind::NotFound);
}

#[test]
fn a_watched_directory_says_that_it_was_renamed_and_reads_on() {
    let directory = Directory::new();
    let (mut poll, mut events) = poll_with_events();
    fs::create_dir(directory.entry("old")).unwrap();
    let mut watch = Watch::new().unwrap();
    let id = watch.add(directory.entry("old"), Kinds::SELF_MOVED | Kinds::CREATED | Kinds::MODIFIED).unwrap();
    poll.registry().register(&mut watch, WATCH, Interest::READABLE).unwrap();
    fs::rename(directory.entry("old"), directory.entry("new")).unwrap();
    let seen = take_until(&mut poll, &mut events, &mut watch, |seen| !seen.is_empty());
    assert_eq!((seen[0].id, seen[0].kind, seen[0].is_directory), (Some(id), Kind::SelfMoved, true));
    fs::write(directory.entry("new").join("in it"), "x").unwrap();
    let seen = take_until(&mut poll, &mut events, &mut watch, |seen| !seen.is_empty());
    assert!(seen.iter().all(|change| change.name.as_deref() == Some("in it")), "{seen:?}");
}

#[test]
fn a_watched_directory_that_is_deleted_ends_its_watch() {
    if is_skipped("windows_watch::a_watched_directory_that_is_deleted_ends_its_watch") {
        return;
    }
    let directory = Directory::new();
    let (mut poll, mut events) = poll_with_events();
    fs::create_dir(directory.entry("below")).unwrap();
    let mut watch = Watch::new().unwrap();
    let id = watch.add(directory.entry("below"), Kinds::ALL).unwrap();
    poll.registry().register(&mut watch, WATCH, Interest::READABLE).unwrap();
    fs::remove_dir(directory.entry("below")).unwrap();
    let is_over = |seen: &[Seen]| seen.iter().any(|change| change.kind == Kind::Ended);
    let seen = take_until(&mut poll, &mut events, &mut watch, is_over);
    let end: Vec<_> = seen[seen.len() - 2..].iter().map(|change| (change.id, change.kind)).collect();
    assert_eq!(end, [(Some(id), Kind::SelfDeleted), (Some(id), Kind::Ended)]);
}

#[test]
fn a_removed_watch_gives_what_came_before_and_then_its_end() {
    let (directory, mut poll, mut events, mut watch, id) = setup(Kinds::CREATED | Kinds::DELETED);
    let other = Directory::new();
    let kept = watch.add(&other.0, Kinds::DELETED).unwrap();
    assert_ne!(id, kept);
    // The system tells of a change some time after it; once one watch has heard of it, so has
    // the other, or is about to.
    let (mut other_poll, mut other_events) = poll_with_events();
    let mut witness = Watch::new().unwrap();
    witness.add(&directory.0, Kinds::DELETED).unwrap();
    other_poll.registry().register(&mut witness, WATCH, Interest::READABLE).unwrap();
    directory.make_and_delete("a");
    take_until(&mut other_poll, &mut other_events, &mut witness, |seen| has(seen, Kind::Deleted, "a"));
    thread::sleep(SILENCE);
    watch.remove(id).unwrap();
    fs::write(directory.entry("b"), "").unwrap();
    expect_one_event(&mut poll, &mut events, WATCH);
    let seen = take_all(&mut watch);
    assert!(has(&seen, Kind::Deleted, "a"), "{seen:?}");
    assert_eq!(seen.last().map(|change| (change.id, change.kind)), Some((Some(id), Kind::Ended)));
    assert!(!seen.iter().any(|change| change.name.as_deref() == Some("b")), "{seen:?}");
    assert_kind(watch.remove(id), io::ErrorKind::NotFound);
    // The other one goes on.
    other.make_and_delete("c");
    let seen = take_until(&mut poll, &mut events, &mut watch, |seen| !seen.is_empty());
    assert_eq!((seen[0].id, seen[0].kind), (Some(kept), Kind::Deleted));
}

#[test]
fn a_watch_that_a_thread_added_outlives_it() {
    let directory = Directory::new();
    let (mut poll, mut events) = poll_with_events();
    // The system ends the operations of a thread with the thread.
    let mut watch = thread::scope(|scope| {
        let adding = scope.spawn(|| {
            let mut watch = Watch::new().unwrap();
            watch.add(&directory.0, Kinds::DELETED).unwrap();
            watch
        });
        adding.join().unwrap()
    });
    poll.registry().register(&mut watch, WATCH, Interest::READABLE).unwrap();
    for name in ["a", "b", "c"] {
        directory.make_and_delete(name);
        take_until(&mut poll, &mut events, &mut watch, |seen| has(seen, Kind::Deleted, name));
    }
}

#[test]
fn many_watches_share_an_event_and_none_is_missed() {
    let (mut poll, mut events) = poll_with_events();
    let mut watch = Watch::new().unwrap();
    poll.registry().register(&mut watch, WATCH, Interest::READABLE).unwrap();
    let directories: Vec<_> = (0..20).map(|_| Directory::new()).collect();
    let ids: Vec<_> =
        directories.iter().map(|directory| watch.add(&directory.0, Kinds::DELETED).unwrap()).collect();
    for directory in directories.iter().chain(directories.iter().rev()) {
        directory.make_and_delete("a");
    }
    let seen = take_until(&mut poll, &mut events, &mut watch, |seen| seen.len() >= 40);
    for id in ids {
        assert_eq!(seen.iter().filter(|change| change.id == Some(id)).count(), 2);
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn more_changes_than_there_is_room_for_are_an_overflow_and_the_watch_goes_on() {
    let (directory, mut poll, mut events, mut watch, id) = setup(Kinds::CREATED | Kinds::DELETED);
    let long = "n".repeat(200);
    for number in 0..2000 {
        let path = directory.entry(format!("{long}{number}"));
        fs::write(&path, "").unwrap();
        fs::remove_file(&path).unwrap();
    }
    let seen = take_until(&mut poll, &mut events, &mut watch, |seen| {
        seen.iter().any(|change| change.kind == Kind::Overflow)
    });
    let overflow = seen.iter().find(|change| change.kind == Kind::Overflow);
    assert_eq!(overflow.map(|change| change.id), Some(None));
    take_all(&mut watch);
    directory.make_and_delete("after");
    let seen = take_until(&mut poll, &mut events, &mut watch, |seen| has(seen, Kind::Deleted, "after"));
    assert_eq!(seen.last().and_then(|change| change.id), Some(id));
}

#[test]
fn the_modes_hold_for_a_watch_of_windows() {
    let (directory, mut poll, mut events, mut watch, _) = setup(Kinds::DELETED);
    let delete = || directory.make_and_delete("a");
    poll.registry().reregister_with(&mut watch, WATCH, Interest::READABLE, Mode::Level).unwrap();
    delete();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, WATCH);
    }
    assert_eq!(take_all(&mut watch).len(), 1);
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut watch, WATCH, Interest::READABLE, Mode::Oneshot).unwrap();
    delete();
    expect_one_event(&mut poll, &mut events, WATCH);
    assert_eq!(take_all(&mut watch).len(), 1);
    delete();
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut watch, WATCH, Interest::READABLE, Mode::Edge).unwrap();
    expect_one_event(&mut poll, &mut events, WATCH);
    assert_eq!(take_all(&mut watch).len(), 1);
    poll_during(&mut poll, &mut events, None, delete);
    assert_eq!(tokens(&events), [WATCH.0]);
}

#[test]
fn what_windows_cannot_tell_and_what_is_not_there_is_refused_by_its_name() {
    let directory = Directory::new();
    fs::write(directory.entry("file"), "").unwrap();
    let mut watch = Watch::new().unwrap();
    for (kinds, name) in [
        (Kinds::CREATED | Kinds::OPENED, "OPENED"),
        (Kinds::ACCESSED, "ACCESSED"),
        (
            Kinds::CLOSED_AFTER_WRITE | Kinds::CLOSED_WITHOUT_WRITE,
            "CLOSED_AFTER_WRITE | CLOSED_WITHOUT_WRITE",
        ),
    ] {
        let error = watch.add(&directory.0, kinds).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        assert_kind(Err::<(), _>(error), io::ErrorKind::Unsupported);
    }
    assert!(!Kinds::ALL.contains(Kinds::CLOSED_AFTER_WRITE));
    let error = watch.add(directory.entry("nothing"), Kinds::ALL).unwrap_err();
    assert!(error.to_string().contains("nothing"), "{error}");
    assert_kind(Err::<(), _>(error), io::ErrorKind::NotFound);
    let mut tree = watch.add_tree(directory.entry("file"), Kinds::ALL);
    assert_kind(tree.next().unwrap(), io::ErrorKind::NotADirectory);
    drop(tree);
    assert_eq!(watch.take().unwrap(), None);
}

#[test]
fn each_directory_of_a_tree_is_watched_by_an_id_of_its_own() {
    let directory = Directory::new();
    fs::create_dir_all(directory.entry("a").join("b")).unwrap();
    fs::create_dir(directory.entry("c")).unwrap();
    let (mut poll, mut events) = poll_with_events();
    let mut watch = Watch::new().unwrap();
    poll.registry().register(&mut watch, WATCH, Interest::READABLE).unwrap();
    let found: io::Result<Vec<_>> = watch.add_tree(&directory.0, Kinds::DELETED).collect();
    let found = found.unwrap();
    assert_eq!(found.len(), 4);
    for (path, id) in &found {
        fs::write(path.join("file"), "").unwrap();
        fs::remove_file(path.join("file")).unwrap();
        let seen = take_until(&mut poll, &mut events, &mut watch, |seen| has(seen, Kind::Deleted, "file"));
        assert_eq!(seen[0].id, Some(*id));
    }
}

#[test]
fn a_name_of_any_letters_and_any_length_is_told_as_it_is() {
    let (directory, mut poll, mut events, mut watch, _) = setup(Kinds::DELETED);
    for name in ["ä ö ü", "日本語", "🦀", &"x".repeat(200)] {
        directory.make_and_delete(name);
        take_until(&mut poll, &mut events, &mut watch, |seen| has(seen, Kind::Deleted, name));
    }
}
