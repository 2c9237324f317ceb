//! Directories with all below them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use mio::fs::{Kind, Kinds, Watch, WatchId};

use crate::beyond::watched::{Directory, kinds, take_all};
use crate::harness::in_own_process;

/// Adds a tree in which nothing goes wrong.
fn add(watch: &mut Watch, top: &Path, kinds: Kinds) -> Vec<(PathBuf, WatchId)> {
    watch.add_tree(top, kinds).collect::<io::Result<_>>().unwrap()
}

fn paths(tree: &[(PathBuf, WatchId)]) -> BTreeSet<&Path> {
    tree.iter().map(|(path, _)| path.as_path()).collect()
}

#[test]
fn each_directory_below_is_watched_by_an_id_of_its_own() {
    let directory = Directory::new();
    for below in ["a/b/c", "a/d", "e"] {
        fs::create_dir_all(directory.entry(below)).unwrap();
    }
    directory.file("a/file");
    let mut watch = Watch::new().unwrap();
    let tree = add(&mut watch, directory.path(), Kinds::CREATED);
    assert_eq!(tree[0].0, directory.path());
    let expected = ["a", "a/b", "a/b/c", "a/d", "e"].map(|below| directory.entry(below));
    let mut all: BTreeSet<_> = expected.iter().map(PathBuf::as_path).collect();
    all.insert(directory.path());
    assert_eq!((paths(&tree), tree.len()), (all, 6));
    assert!(take_all(&mut watch).is_empty());
    for (path, id) in &tree {
        fs::write(path.join("news"), "").unwrap();
        let seen = take_all(&mut watch);
        assert_eq!((kinds(&seen), seen[0].id), (vec![Kind::Created], Some(*id)), "{path:?}");
    }
    // Adding it again finds the same.
    assert_eq!(
        add(&mut watch, directory.path(), Kinds::CREATED).into_iter().collect::<BTreeSet<_>>(),
        tree.into_iter().collect::<BTreeSet<_>>()
    );
}

#[test]
fn nothing_is_watched_before_the_iterator_is_asked() {
    let directory = Directory::new();
    fs::create_dir(directory.entry("below")).unwrap();
    let mut watch = Watch::new().unwrap();
    drop(watch.add_tree(directory.path(), Kinds::ALL));
    directory.file("file");
    assert!(take_all(&mut watch).is_empty());
    let (path, _) = watch.add_tree(directory.path(), Kinds::ALL).next().unwrap().unwrap();
    assert_eq!(path, directory.path());
    directory.file("below/file");
    assert!(take_all(&mut watch).is_empty());
}

#[test]
fn a_link_is_followed_at_the_top_and_not_below_it() {
    let (directory, elsewhere) = (Directory::new(), Directory::new());
    fs::create_dir(elsewhere.entry("below")).unwrap();
    symlink(elsewhere.path(), directory.entry("link")).unwrap();
    // A circle.
    symlink(directory.path(), elsewhere.entry("below/up")).unwrap();
    let mut watch = Watch::new().unwrap();
    assert_eq!(add(&mut watch, directory.path(), Kinds::ALL).len(), 1);
    let tree = add(&mut watch, &directory.entry("link"), Kinds::ALL);
    let (top, below) = (directory.entry("link"), directory.entry("link/below"));
    assert_eq!(paths(&tree), BTreeSet::from([top.as_path(), below.as_path()]));
}

#[test]
fn what_is_no_directory_is_refused_by_its_name() {
    let directory = Directory::new();
    let file = directory.file("file");
    let mut watch = Watch::new().unwrap();
    for (path, kinds, kind) in [
        (&file, Kinds::ALL, io::ErrorKind::NotADirectory),
        (&directory.entry("missing"), Kinds::ALL, io::ErrorKind::NotFound),
        (&directory.entry("."), Kinds::NONE, io::ErrorKind::InvalidInput),
    ] {
        let all: Vec<_> = watch.add_tree(path, kinds).collect();
        assert_eq!(all.len(), 1);
        let error = all[0].as_ref().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(&format!("{path:?}")), "{error}");
    }
    fs::write(&file, "news").unwrap();
    assert!(take_all(&mut watch).is_empty());
}

#[test]
fn a_directory_that_may_not_be_read_is_an_error_and_the_others_are_watched() {
    let directory = Directory::new();
    for below in ["a", "locked", "z"] {
        fs::create_dir(directory.entry(below)).unwrap();
    }
    fs::set_permissions(directory.entry("locked"), Permissions::from_mode(0o000)).unwrap();
    let mut watch = Watch::new().unwrap();
    let all: Vec<_> = watch.add_tree(directory.path(), Kinds::ALL).collect();
    // root may read it, and this says whether that is so.
    let may_read = fs::read_dir(directory.entry("locked")).is_ok();
    fs::set_permissions(directory.entry("locked"), Permissions::from_mode(0o700)).unwrap();
    let errors: Vec<_> = all.iter().filter_map(|item| item.as_ref().err()).collect();
    assert_eq!((all.len(), errors.len()), (4, usize::from(!may_read)), "{all:?}");
    for error in errors {
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("locked"), "{error}");
    }
}

#[test]
fn no_file_is_missed_while_directories_are_made_by_the_recipe() {
    const FILES: usize = 200;
    let directory = Directory::new();
    let mut watch = Watch::new().unwrap();
    let wanted = Kinds::CREATED | Kinds::MOVED_TO;
    let mut known: BTreeMap<WatchId, PathBuf> = BTreeMap::new();
    known.extend(add(&mut watch, directory.path(), wanted).into_iter().map(|(path, id)| (id, path)));
    let is_over = AtomicBool::new(false);
    let mut files = BTreeSet::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..FILES {
                let below = directory.entry(format!("{}/{number}/deep", number % 7));
                fs::create_dir_all(&below).unwrap();
                fs::write(below.join("file"), "").unwrap();
            }
            is_over.store(true, Ordering::Release);
        });
        loop {
            // Asked before the changes are taken: what is there then is all there is.
            let was_over = is_over.load(Ordering::Acquire);
            for change in take_all(&mut watch) {
                let path = known[&change.id.unwrap()].join(change.name.unwrap());
                if !change.is_directory {
                    files.insert(path);
                    continue;
                }
                for (path, id) in add(&mut watch, &path, wanted) {
                    files.extend(
                        fs::read_dir(&path)
                            .unwrap()
                            .map(|entry| entry.unwrap().path())
                            .filter(|path| path.is_file()),
                    );
                    known.insert(id, path);
                }
            }
            if was_over {
                break;
            }
        }
    });
    assert_eq!(files.len(), FILES);
    assert_eq!(known.len(), 1 + 7 + 2 * FILES);
}

#[test]
fn directories_that_vanish_meanwhile_are_passed_over() {
    in_own_process("beyond::watch_trees::directories_that_vanish_meanwhile_are_passed_over", || {
        let directory = Directory::new();
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Acquire) {
                    fs::create_dir_all(directory.entry("a/b")).unwrap();
                    fs::remove_dir_all(directory.entry("a")).unwrap();
                    fs::write(directory.entry("a"), "").unwrap();
                    fs::remove_file(directory.entry("a")).unwrap();
                }
            });
            let mut watch = Watch::new().unwrap();
            let mut counts = BTreeSet::new();
            for _ in 0..2000 {
                let tree: io::Result<Vec<_>> = watch.add_tree(directory.path(), Kinds::CREATED).collect();
                counts.insert(tree.map(|tree| tree.len()).map_err(|error| error.to_string()));
            }
            is_over.store(true, Ordering::Release);
            assert!(counts.iter().all(|count| matches!(count, Ok(1..=3))), "{counts:?}");
        });
    });
}
