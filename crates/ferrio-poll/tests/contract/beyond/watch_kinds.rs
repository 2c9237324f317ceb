//! Kinds that change nothing, kinds that are added, and links.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::symlink;

use mio::Interest;
use mio::fs::{Kind, Kinds, Watch};

use crate::beyond::watched::{Directory, WATCH, is_untold, kinds, setup, take_all};
use crate::harness::{assert_kind, expect_no_events, expect_one_event, poll_with_events};

#[test]
fn a_look_at_a_file_is_told_if_asked_for() {
    if is_untold("looks are not told") {
        return;
    }
    let mut setup = setup(Kinds::EVERYTHING);
    let path = setup.directory.file("file");
    setup.expect();
    fs::write(&path, "text").unwrap();
    setup.expect();
    let mut file = File::open(&path).unwrap();
    assert_eq!(kinds(&setup.expect()), [Kind::Opened]);
    file.read_exact(&mut [0; 4]).unwrap();
    assert_eq!(kinds(&setup.expect()), [Kind::Accessed]);
    drop(file);
    let seen = setup.expect();
    assert_eq!(kinds(&seen), [Kind::ClosedWithoutWrite]);
    assert_eq!((seen[0].name.as_deref(), seen[0].is_directory), (Some(OsStr::new("file")), false));
    drop(File::options().append(true).open(&path).unwrap());
    assert_eq!(kinds(&setup.expect()), [Kind::Opened, Kind::ClosedAfterWrite]);
}

#[test]
fn all_changes_are_no_looks() {
    let mut setup = setup(Kinds::ALL);
    let path = setup.directory.file("file");
    setup.expect();
    fs::read(&path).unwrap();
    assert_eq!(fs::read_dir(setup.directory.path()).unwrap().count(), 1);
    expect_no_events(&mut setup.poll, &mut setup.events);
}

#[test]
fn a_look_into_a_watched_directory_is_of_the_directory_itself() {
    if is_untold("looks are not told") {
        return;
    }
    let mut setup = setup(Kinds::OPENED | Kinds::CLOSED_WITHOUT_WRITE);
    assert_eq!(fs::read_dir(setup.directory.path()).unwrap().count(), 0);
    let seen = setup.expect();
    assert_eq!(kinds(&seen), [Kind::Opened, Kind::ClosedWithoutWrite]);
    assert!(seen.iter().all(|change| change.name.is_none() && change.is_directory));
}

#[test]
fn added_kinds_join_those_of_before_and_add_alone_replaces_them() {
    let mut setup = setup(Kinds::CREATED);
    let directory = setup.directory.path().to_path_buf();
    assert_eq!(setup.watch.add_kinds(&directory, Kinds::DELETED).unwrap(), setup.id);
    let path = setup.directory.file("file");
    let mut seen = setup.expect();
    fs::remove_file(&path).unwrap();
    seen.extend(setup.expect());
    assert_eq!(kinds(&seen), [Kind::Created, Kind::Deleted]);

    assert_eq!(setup.watch.add(&directory, Kinds::DELETED).unwrap(), setup.id);
    let path = setup.directory.file("file");
    assert!(take_all(&mut setup.watch).is_empty());
    fs::remove_file(&path).unwrap();
    assert_eq!(kinds(&setup.expect()), [Kind::Deleted]);

    // A path that is not watched is from then on.
    let other = Directory::new();
    let id = setup.watch.add_kinds(other.path(), Kinds::CREATED).unwrap();
    other.file("file");
    let seen = setup.expect();
    assert_eq!((kinds(&seen), seen[0].id), (vec![Kind::Created], Some(id)));
    let error = setup.watch.add_kinds(other.path(), Kinds::NONE).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    other.file("another");
    assert_eq!(kinds(&setup.expect()), [Kind::Created]);
}

#[test]
fn a_link_itself_is_watched_and_not_what_it_leads_to() {
    let (mut poll, mut events) = poll_with_events();
    let directory = Directory::new();
    let (target, link) = (directory.file("target"), directory.entry("link"));
    symlink(&target, &link).unwrap();
    let mut watch = Watch::new().unwrap();
    poll.registry().register(&mut watch, WATCH, Interest::READABLE).unwrap();
    let of_link = watch.add_link(&link, Kinds::ALL).unwrap();
    fs::write(&target, "news").unwrap();
    expect_no_events(&mut poll, &mut events);
    assert!(take_all(&mut watch).is_empty());

    let of_target = watch.add(&link, Kinds::MODIFIED).unwrap();
    assert_ne!(of_link, of_target);
    fs::rename(&link, directory.entry("renamed")).unwrap();
    expect_one_event(&mut poll, &mut events, WATCH);
    let seen = take_all(&mut watch);
    assert_eq!((kinds(&seen), seen[0].id), (vec![Kind::SelfMoved], Some(of_link)));
    fs::remove_file(directory.entry("renamed")).unwrap();
    let seen = take_all(&mut watch);
    assert_eq!(kinds(&seen), [Kind::Attributes, Kind::SelfDeleted, Kind::Ended]);
    assert!(seen.iter().all(|change| change.id == Some(of_link)));
    fs::write(&target, "more").unwrap();
    assert!(take_all(&mut watch).iter().all(|change| change.id == Some(of_target)));
}

#[test]
fn a_link_to_nothing_can_be_watched_and_what_is_no_link_as_well() {
    let directory = Directory::new();
    let (file, link) = (directory.file("file"), directory.entry("link"));
    symlink("nowhere", &link).unwrap();
    let mut watch = Watch::new().unwrap();
    assert_kind(watch.add(&link, Kinds::ALL), io::ErrorKind::NotFound);
    watch.add_link(&link, Kinds::SELF_DELETED).unwrap();
    let of_file = watch.add_link(&file, Kinds::MODIFIED).unwrap();
    assert_eq!(watch.add(&file, Kinds::MODIFIED).unwrap(), of_file);
    fs::remove_file(&link).unwrap();
    assert_eq!(kinds(&take_all(&mut watch)), [Kind::SelfDeleted, Kind::Ended]);
    assert_kind(watch.add_link(&link, Kinds::ALL), io::ErrorKind::NotFound);
    assert_kind(watch.add_link(&file, Kinds::NONE), io::ErrorKind::InvalidInput);
}

#[test]
fn bits_that_are_no_kind_are_refused_by_their_value() {
    let directory = Directory::new();
    let mut watch = Watch::new().unwrap();
    // IN_ONESHOT, which would end the watch behind its back.
    let kinds = Kinds::CREATED | Kinds::from_bits_retain(1 << 31);
    for refused in [watch.add(directory.path(), kinds), watch.add_link(directory.path(), kinds)] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("0x80000000"), "{error}");
    }
    assert_kind(watch.add_tree(directory.path(), kinds).next().unwrap(), io::ErrorKind::InvalidInput);
}
