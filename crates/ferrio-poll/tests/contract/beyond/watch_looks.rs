//! What each system tells, also one that has to look at a directory again to say what changed.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;

use mio::fs::{Kind, Kinds, Watch};

use crate::beyond::watched::{Directory, Seen, kinds, setup, take_all, tells_each_change};
use crate::harness::{assert_kind, expect_no_events};

/// The kinds with the names.
fn named(seen: &[Seen]) -> Vec<(Kind, &str)> {
    seen.iter().map(|it| (it.kind, it.name.as_deref().map_or("", |name| name.to_str().unwrap()))).collect()
}

#[test]
fn a_write_and_a_cut_of_a_watched_file_are_modifications_of_it() {
    let directory = Directory::new();
    let path = directory.file("file");
    let mut watch = Watch::new().unwrap();
    let id = watch.add(&path, Kinds::MODIFIED).unwrap();
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    for step in 0..3 {
        if step < 2 {
            file.write_all(b"more").unwrap()
        } else {
            file.set_len(1).unwrap()
        }
        let seen = take_all(&mut watch);
        assert_eq!((kinds(&seen), seen[0].id), (vec![Kind::Modified], Some(id)));
    }
    // A change of something else is none.
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert!(take_all(&mut watch).is_empty());
}

#[test]
fn new_kinds_of_a_watched_file_count_from_then_on() {
    let directory = Directory::new();
    let (path, renamed) = (directory.file("file"), directory.entry("renamed"));
    let mut watch = Watch::new().unwrap();
    let id = watch.add(&path, Kinds::MODIFIED).unwrap();
    assert_eq!(watch.add(&path, Kinds::SELF_MOVED).unwrap(), id);
    fs::write(&path, "text").unwrap();
    assert!(take_all(&mut watch).is_empty());
    fs::rename(&path, &renamed).unwrap();
    assert_eq!(kinds(&take_all(&mut watch)), [Kind::SelfMoved]);
    assert_eq!(watch.add_kinds(&renamed, Kinds::ATTRIBUTES).unwrap(), id);
    fs::set_permissions(&renamed, Permissions::from_mode(0o600)).unwrap();
    fs::rename(&renamed, &path).unwrap();
    let mut seen = kinds(&take_all(&mut watch));
    seen.sort_by_key(|kind| *kind == Kind::SelfMoved);
    assert_eq!(seen, [Kind::Attributes, Kind::SelfMoved]);
}

#[test]
fn new_permissions_of_what_is_watched_are_a_change_of_its_attributes() {
    let mut setup = setup(Kinds::ATTRIBUTES);
    fs::set_permissions(setup.directory.path(), Permissions::from_mode(0o700)).unwrap();
    let seen = setup.expect();
    assert_eq!((named(&seen), seen[0].is_directory), (vec![(Kind::Attributes, "")], true));

    let path = setup.directory.file("file");
    take_all(&mut setup.watch);
    let id = setup.watch.add(&path, Kinds::ATTRIBUTES).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let mut seen = setup.expect();
    seen.retain(|it| it.id == Some(id));
    assert_eq!((named(&seen), seen[0].is_directory), (vec![(Kind::Attributes, "")], false));
}

#[test]
fn what_was_there_at_the_last_look_is_deleted_by_its_name() {
    let mut setup = setup(Kinds::CREATED | Kinds::DELETED);
    fs::create_dir(setup.directory.entry("below")).unwrap();
    setup.directory.file("file");
    assert_eq!(named(&setup.expect()), [(Kind::Created, "below"), (Kind::Created, "file")]);
    fs::remove_dir(setup.directory.entry("below")).unwrap();
    fs::remove_file(setup.directory.entry("file")).unwrap();
    let seen = setup.expect();
    assert_eq!(named(&seen), [(Kind::Deleted, "below"), (Kind::Deleted, "file")]);
    assert_eq!(seen.iter().map(|it| it.is_directory).collect::<Vec<_>>(), [true, false]);
    expect_no_events(&mut setup.poll, &mut setup.events);
}

#[test]
fn a_rename_in_a_watched_directory_is_a_move_with_a_cookie() {
    let mut setup = setup(Kinds::CREATED | Kinds::DELETED | Kinds::MOVED_FROM | Kinds::MOVED_TO);
    setup.directory.file("old");
    setup.expect();
    let mut cookies = Vec::new();
    for (from, to) in [("old", "new"), ("new", "newer")] {
        fs::rename(setup.directory.entry(from), setup.directory.entry(to)).unwrap();
        let seen = setup.expect();
        assert_eq!(named(&seen), [(Kind::MovedFrom, from), (Kind::MovedTo, to)]);
        assert!(seen[0].cookie.is_some() && seen[0].cookie == seen[1].cookie);
        cookies.push(seen[0].cookie);
    }
    assert_ne!(cookies[0], cookies[1]);
}

#[test]
fn a_move_from_one_watched_directory_to_another_is_one_move() {
    let mut setup = setup(Kinds::MOVED_FROM | Kinds::MOVED_TO);
    let other = Directory::new();
    let other_id = setup.watch.add(other.path(), Kinds::MOVED_FROM | Kinds::MOVED_TO).unwrap();
    let path = setup.directory.file("here");
    assert!(take_all(&mut setup.watch).is_empty());
    fs::rename(path, other.entry("there")).unwrap();
    let seen = setup.expect();
    assert_eq!(named(&seen), [(Kind::MovedFrom, "here"), (Kind::MovedTo, "there")]);
    assert_eq!((seen[0].id, seen[1].id), (Some(setup.id), Some(other_id)));
    assert!(seen[0].cookie.is_some() && seen[0].cookie == seen[1].cookie);
}

#[test]
fn a_file_that_is_saved_by_a_rename_is_told_as_a_move() {
    let mut setup = setup(Kinds::DELETED | Kinds::MOVED_FROM | Kinds::MOVED_TO);
    setup.directory.file("text");
    let draft = setup.directory.file("text~");
    assert!(take_all(&mut setup.watch).is_empty());
    fs::rename(draft, setup.directory.entry("text")).unwrap();
    assert_eq!(named(&setup.expect()), [(Kind::MovedFrom, "text~"), (Kind::MovedTo, "text")]);
}

#[test]
fn a_file_that_loses_one_of_its_names_is_watched_on() {
    let directory = Directory::new();
    let (one, other) = (directory.file("one"), directory.entry("other"));
    fs::hard_link(&one, &other).unwrap();
    let mut watch = Watch::new().unwrap();
    watch.add(&one, Kinds::MODIFIED | Kinds::SELF_DELETED).unwrap();
    fs::remove_file(&one).unwrap();
    assert!(take_all(&mut watch).is_empty());
    fs::write(&other, "text").unwrap();
    assert_eq!(kinds(&take_all(&mut watch)), [Kind::Modified]);
    fs::remove_file(&other).unwrap();
    assert_eq!(kinds(&take_all(&mut watch)), [Kind::SelfDeleted, Kind::Ended]);
}

#[test]
fn a_file_that_is_open_elsewhere_ends_its_watch_by_its_last_name_or_its_close() {
    let directory = Directory::new();
    let path = directory.file("file");
    let mut watch = Watch::new().unwrap();
    watch.add(&path, Kinds::SELF_DELETED).unwrap();
    let open = File::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let seen = take_all(&mut watch);
    assert_eq!(seen.is_empty(), tells_each_change(), "{seen:?}");
    drop(open);
    let rest = take_all(&mut watch);
    let all: Vec<_> = kinds(&seen).into_iter().chain(kinds(&rest)).collect();
    assert_eq!(all, [Kind::SelfDeleted, Kind::Ended]);
}

#[test]
fn kinds_that_the_system_cannot_tell_are_refused_by_their_names() {
    let mut setup = setup(Kinds::CREATED);
    let path = setup.directory.path().to_path_buf();
    let looks = Kinds::OPENED | Kinds::ACCESSED | Kinds::CLOSED_WITHOUT_WRITE | Kinds::CLOSED_AFTER_WRITE;
    for (name, kind) in looks.iter_names().filter(|_| !tells_each_change()) {
        for refused in [setup.watch.add(&path, kind), setup.watch.add_link(&path, Kinds::CREATED | kind)] {
            let error = refused.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
            assert!(error.to_string().contains(name), "{error}");
        }
    }
    // The entries of a directory are not watched, so that this would never tell anything.
    match setup.watch.add(&path, Kinds::MODIFIED) {
        result if tells_each_change() => assert_eq!(result.unwrap(), setup.id),
        result => assert_kind(result, io::ErrorKind::Unsupported),
    }
    // The watch of before is as it was.
    setup.watch.add_kinds(&path, Kinds::ALL).unwrap();
    setup.directory.file("file");
    assert_eq!(named(&setup.expect())[0], (Kind::Created, "file"));
}

#[test]
fn a_watch_of_many_paths_tells_of_each() {
    const COUNT: usize = 300;
    let mut watch = Watch::new().unwrap();
    let directory = Directory::new();
    let paths: Vec<_> = (0..COUNT).map(|n| directory.file(n.to_string())).collect();
    let ids: Vec<_> = paths.iter().map(|path| watch.add(path, Kinds::MODIFIED).unwrap()).collect();
    for _ in 0..2 {
        for path in &paths {
            fs::write(path, "text").unwrap();
        }
        let mut seen: Vec<_> = take_all(&mut watch).into_iter().filter_map(|it| it.id).collect();
        seen.sort_unstable();
        // A file that held something is cut first.
        seen.dedup();
        assert_eq!(seen, ids);
    }
}

#[test]
fn many_changes_that_are_not_asked_for_hide_no_other() {
    let mut watch = Watch::new().unwrap();
    // More than one call of a kqueue reports.
    let directories: Vec<_> = (0..200).map(|_| Directory::new()).collect();
    let path = directories[199].file("old");
    let ids: Vec<_> = directories.iter().map(|it| watch.add(it.path(), Kinds::DELETED).unwrap()).collect();
    for directory in &directories {
        directory.file("new");
    }
    fs::remove_file(path).unwrap();
    let seen = take_all(&mut watch);
    assert_eq!((named(&seen), seen[0].id), (vec![(Kind::Deleted, "old")], ids.last().copied()));
}
