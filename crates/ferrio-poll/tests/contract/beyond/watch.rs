//! What happens to a path is an event.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use mio::fs::{Kind, Kinds, Watch};
use mio::{Interest, Mode};

use crate::beyond::watched::{
    BETWEEN, Directory, INSIDE, Setup, WATCH, is_untold, kinds, setup, setup_with, take_all,
    tells_each_change,
};
use crate::harness::{expect_no_events, expect_one_event, poll_during, poll_with_events, tokens};

#[test]
fn a_new_file_is_created_then_modified_then_closed() {
    let mut setup = setup(Kinds::ALL);
    expect_no_events(&mut setup.poll, &mut setup.events);
    fs::write(setup.directory.entry("news"), "it rains").unwrap();
    let seen = setup.expect();
    let all = [Kind::Created, Kind::Modified, Kind::ClosedAfterWrite];
    assert_eq!(kinds(&seen), if tells_each_change() { &all[..] } else { &all[..1] });
    for change in &seen {
        assert_eq!(change.id, Some(setup.id));
        assert_eq!(change.name.as_deref(), Some(OsStr::new("news")));
        assert_eq!((change.cookie, change.is_directory), (None, false));
    }
    expect_no_events(&mut setup.poll, &mut setup.events);
}

#[test]
fn a_new_directory_says_that_it_is_one_and_is_not_watched_itself() {
    let mut setup = setup(Kinds::CREATED);
    fs::create_dir(setup.directory.entry("below")).unwrap();
    fs::write(setup.directory.entry("below/file"), "").unwrap();
    let seen = setup.expect();
    assert_eq!(kinds(&seen), [Kind::Created]);
    assert_eq!(seen[0].name.as_deref(), Some(OsStr::new("below")));
    assert!(seen[0].is_directory);
}

#[test]
fn a_write_and_a_cut_are_modifications() {
    if is_untold(INSIDE) {
        return;
    }
    let mut setup = setup(Kinds::MODIFIED);
    let path = setup.directory.file("file");
    assert!(take_all(&mut setup.watch).is_empty());
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    for _ in 0..2 {
        file.write_all(b"more").unwrap();
        assert_eq!(kinds(&setup.expect()), [Kind::Modified]);
    }
    file.set_len(1).unwrap();
    assert_eq!(kinds(&setup.expect()), [Kind::Modified]);
}

#[test]
fn only_a_writer_who_closes_is_reported() {
    if is_untold("a close is not told") {
        return;
    }
    let mut setup = setup(Kinds::CLOSED_AFTER_WRITE);
    let path = setup.directory.file("file");
    assert_eq!(kinds(&setup.expect()), [Kind::ClosedAfterWrite]);
    drop(File::open(&path).unwrap());
    expect_no_events(&mut setup.poll, &mut setup.events);
    let file = OpenOptions::new().append(true).open(&path).unwrap();
    expect_no_events(&mut setup.poll, &mut setup.events);
    drop(file);
    assert_eq!(kinds(&setup.expect()), [Kind::ClosedAfterWrite]);
}

#[test]
fn new_permissions_are_a_change_of_attributes() {
    if is_untold(INSIDE) {
        return;
    }
    let mut setup = setup(Kinds::ATTRIBUTES);
    let path = setup.directory.file("file");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let seen = setup.expect();
    assert_eq!(kinds(&seen), [Kind::Attributes]);
    assert_eq!(seen[0].name.as_deref(), Some(OsStr::new("file")));
}

#[test]
fn a_deleted_entry_is_reported_by_its_name() {
    if is_untold(BETWEEN) {
        return;
    }
    let mut setup = setup(Kinds::DELETED);
    fs::remove_file(setup.directory.file("file")).unwrap();
    fs::create_dir(setup.directory.entry("below")).unwrap();
    fs::remove_dir(setup.directory.entry("below")).unwrap();
    let seen = setup.expect();
    let names: Vec<_> =
        seen.iter().map(|change| (change.name.clone().unwrap(), change.is_directory)).collect();
    assert_eq!(names, [("file".into(), false), ("below".into(), true)]);
    assert_eq!(kinds(&seen), [Kind::Deleted, Kind::Deleted]);
}

#[test]
fn both_halves_of_a_move_between_watched_directories_have_one_cookie() {
    if is_untold(BETWEEN) {
        return;
    }
    let mut setup = setup(Kinds::MOVED_FROM | Kinds::MOVED_TO);
    let other = Directory::new();
    let other_id = setup.watch.add(other.path(), Kinds::MOVED_FROM | Kinds::MOVED_TO).unwrap();
    assert_ne!(other_id, setup.id);
    for name in ["first", "second"] {
        fs::rename(setup.directory.file(name), other.entry("there")).unwrap();
    }
    let seen = setup.expect();
    assert_eq!(kinds(&seen), [Kind::MovedFrom, Kind::MovedTo, Kind::MovedFrom, Kind::MovedTo]);
    for (pair, name) in seen.chunks(2).zip(["first", "second"]) {
        assert_eq!((pair[0].id, pair[1].id), (Some(setup.id), Some(other_id)));
        assert_eq!(pair[0].name.as_deref(), Some(OsStr::new(name)));
        assert_eq!(pair[1].name.as_deref(), Some(OsStr::new("there")));
        assert!(pair[0].cookie.is_some());
        assert_eq!(pair[0].cookie, pair[1].cookie);
    }
    assert_ne!(seen[0].cookie, seen[2].cookie);
}

#[test]
fn a_move_out_of_sight_or_into_it_is_one_half() {
    if is_untold("such a move is a deletion or a creation") {
        return;
    }
    let mut setup = setup(Kinds::MOVED_FROM | Kinds::MOVED_TO);
    let unwatched = Directory::new();
    fs::rename(setup.directory.file("leaves"), unwatched.entry("leaves")).unwrap();
    fs::rename(unwatched.file("comes"), setup.directory.entry("comes")).unwrap();
    let seen = setup.expect();
    assert_eq!(kinds(&seen), [Kind::MovedFrom, Kind::MovedTo]);
    assert_ne!(seen[0].cookie, seen[1].cookie);
}

#[test]
fn a_watched_file_is_followed_through_its_renames_until_it_is_gone() {
    let mut setup = setup(Kinds::CREATED);
    let path = setup.directory.file("file");
    setup.expect();
    let id = setup.watch.add(&path, Kinds::MODIFIED | Kinds::SELF_MOVED | Kinds::SELF_DELETED).unwrap();
    let renamed = setup.directory.entry("renamed");
    fs::rename(&path, &renamed).unwrap();
    // Another file of the old name is not the one that is watched.
    fs::write(&path, "somebody else").unwrap();
    fs::write(&renamed, "it").unwrap();
    fs::remove_file(&renamed).unwrap();
    let mut seen = setup.expect();
    seen.retain(|change| change.id == Some(id));
    assert_eq!(kinds(&seen), [Kind::SelfMoved, Kind::Modified, Kind::SelfDeleted, Kind::Ended]);
    assert!(seen.iter().all(|change| change.name.is_none()), "{seen:?}");
}

#[test]
fn a_watched_directory_that_is_deleted_ends_its_watch() {
    let mut setup = setup(Kinds::SELF_DELETED);
    fs::remove_dir(setup.directory.path()).unwrap();
    let seen = setup.expect();
    assert_eq!(kinds(&seen), [Kind::SelfDeleted, Kind::Ended]);
    assert!(seen.iter().all(|change| change.id == Some(setup.id)), "{seen:?}");
    // There may be another one of that name, which is not watched.
    fs::create_dir(setup.directory.path()).unwrap();
    setup.directory.file("file");
    expect_no_events(&mut setup.poll, &mut setup.events);
}

#[test]
fn a_file_that_somebody_has_open_is_deleted_when_it_is_closed() {
    if is_untold("a file is deleted when its last name is gone") {
        return;
    }
    let mut setup = setup(Kinds::DELETED);
    let path = setup.directory.file("file");
    setup.watch.add(&path, Kinds::SELF_DELETED).unwrap();
    let open = File::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(kinds(&setup.expect()), [Kind::Deleted]);
    drop(open);
    assert_eq!(kinds(&setup.expect()), [Kind::SelfDeleted, Kind::Ended]);
}

#[test]
fn only_the_kinds_asked_for_are_reported() {
    let mut setup = setup(Kinds::DELETED);
    let path = setup.directory.file("file");
    fs::write(&path, "text").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    if tells_each_change() {
        expect_no_events(&mut setup.poll, &mut setup.events);
    }
    assert!(take_all(&mut setup.watch).is_empty());
}

#[test]
fn a_path_that_is_watched_already_keeps_its_id_and_changes_its_kinds() {
    let mut setup = setup(Kinds::CREATED);
    let aliases = Directory::new();
    let alias = aliases.entry("alias");
    symlink(setup.directory.path(), &alias).unwrap();
    assert_eq!(setup.watch.add(&alias, Kinds::DELETED).unwrap(), setup.id);
    let path = setup.directory.file("file");
    assert!(take_all(&mut setup.watch).is_empty());
    fs::remove_file(path).unwrap();
    assert_eq!(kinds(&setup.expect()), [Kind::Deleted]);
}

#[test]
fn a_name_may_hold_any_byte_and_have_any_length() {
    let mut setup = setup(Kinds::CREATED);
    let mut names: Vec<OsString> =
        [&b"\xff\xfe"[..], b"line\nbreak", b"-", b"\x01\x7f", b" ", "\u{1F980}".as_bytes()]
            .map(|bytes| OsString::from_vec(bytes.to_vec()))
            .into();
    // The kernel fills names up to whole words; the longest has no room for that.
    names.extend([15, 16, 17, 254, 255].map(|len| OsString::from_vec(vec![b'n'; len])));
    for name in &names {
        setup.directory.file(name);
    }
    expect_names(&mut setup, names);
}

/// Waits for changes of all `names`, in their order if the system tells that.
fn expect_names(setup: &mut Setup, mut names: Vec<OsString>) {
    let seen: Vec<_> = setup.expect().into_iter().filter_map(|change| change.name).collect();
    if !tells_each_change() {
        names.sort();
    }
    assert_eq!(seen, names);
}

#[test]
fn more_changes_than_one_read_holds_all_come_in_their_order() {
    let mut setup = setup(Kinds::CREATED);
    let names: Vec<_> = (0..1000).map(|n| OsString::from(format!("{n}{}", "-".repeat(n % 100)))).collect();
    for name in &names {
        setup.directory.file(name);
    }
    expect_names(&mut setup, names);
    expect_no_events(&mut setup.poll, &mut setup.events);
}

#[test]
fn a_change_wakes_a_poll_that_sleeps_each_time() {
    let mut setup = setup(Kinds::CREATED);
    for number in 0..3 {
        let path = setup.directory.entry(number.to_string());
        poll_during(&mut setup.poll, &mut setup.events, None, || fs::write(path, "").unwrap());
        assert_eq!(tokens(&setup.events), [WATCH.0]);
        assert_eq!(kinds(&take_all(&mut setup.watch)), [Kind::Created]);
    }
}

#[test]
fn a_watch_that_is_added_while_the_poll_sleeps_counts_at_once() {
    let mut setup = setup(Kinds::CREATED);
    let (other, watch) = (Directory::new(), &mut setup.watch);
    poll_during(&mut setup.poll, &mut setup.events, None, || {
        watch.add(other.path(), Kinds::CREATED).unwrap();
        other.file("file");
    });
    assert_eq!(tokens(&setup.events), [WATCH.0]);
}

#[test]
fn changes_from_before_the_registration_are_reported_by_it() {
    let (mut poll, mut events) = poll_with_events();
    let directory = Directory::new();
    let mut watch = Watch::new().unwrap();
    watch.add(directory.path(), Kinds::CREATED).unwrap();
    directory.file("early");
    poll.registry().register(&mut watch, WATCH, Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, WATCH);
    assert_eq!(kinds(&take_all(&mut watch)), [Kind::Created]);
    poll.registry().deregister(&mut watch).unwrap();
    directory.file("late");
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn with_levels_a_change_is_an_event_until_it_is_taken() {
    let mut setup = setup_with(Kinds::CREATED, Mode::Level);
    setup.directory.file("file");
    for _ in 0..3 {
        expect_one_event(&mut setup.poll, &mut setup.events, WATCH);
    }
    assert_eq!(kinds(&setup.expect()), [Kind::Created]);
    expect_no_events(&mut setup.poll, &mut setup.events);
}

#[test]
fn a_oneshot_watch_is_one_event_until_it_is_registered_anew() {
    let mut setup = setup_with(Kinds::CREATED, Mode::Oneshot);
    setup.directory.file("first");
    assert_eq!(kinds(&setup.expect()), [Kind::Created]);
    setup.directory.file("second");
    expect_no_events(&mut setup.poll, &mut setup.events);
    let registry = setup.poll.registry();
    registry.reregister_with(&mut setup.watch, WATCH, Interest::READABLE, Mode::Oneshot).unwrap();
    assert_eq!(kinds(&setup.expect()), [Kind::Created]);
}
