//! The differences of two looks.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use Action::{Created, Deleted, MovedFrom, MovedTo};

/// A directory with `names`, each of the file with that inode, made at that time.
fn entries<const N: usize>(names: [(&str, u64, i128); N]) -> Entries {
    let entry = |inode, born| Entry { device: 1, inode, born, is_directory: inode >= 100 };
    Entries(names.into_iter().map(|(name, inode, born)| (name.into(), entry(inode, born))).collect())
}

/// What differs between two looks at one directory.
fn changes<const N: usize, const M: usize>(
    before: [(&str, u64, i128); N],
    after: [(&str, u64, i128); M],
) -> Vec<(Action, String, u32)> {
    let (before, after) = (entries(before), entries(after));
    let found = differences(&[Look { watch: 1, before: &before, after: &after }]);
    found.iter().map(|it| (it.action, it.name.to_str().unwrap().to_owned(), it.pair)).collect()
}

fn expect(found: &[(Action, String, u32)], expected: &[(Action, &str, u32)]) {
    let found: Vec<_> = found.iter().map(|(action, name, pair)| (*action, name.as_str(), *pair)).collect();
    assert_eq!(found, expected);
}

#[test]
fn nothing_that_stayed_is_a_difference() {
    expect(&changes([], []), &[]);
    expect(&changes([("a", 1, 0), ("b", 2, 0)], [("a", 1, 0), ("b", 2, 0)]), &[]);
}

#[test]
fn what_came_and_what_went_is_told_by_name() {
    expect(&changes([("b", 2, 0)], [("a", 1, 0), ("b", 2, 0)]), &[(Created, "a", 0)]);
    expect(&changes([("a", 1, 0), ("b", 2, 0)], [("b", 2, 0)]), &[(Deleted, "a", 0)]);
    expect(&changes([("a", 1, 0)], [("b", 2, 0)]), &[(Deleted, "a", 0), (Created, "b", 0)]);
}

#[test]
fn another_name_of_the_same_file_is_a_move() {
    expect(&changes([("a", 1, 0)], [("b", 1, 0)]), &[(MovedFrom, "a", 1), (MovedTo, "b", 1)]);
}

#[test]
fn a_file_in_the_place_of_another_is_told_as_that() {
    expect(&changes([("a", 1, 0)], [("a", 2, 0)]), &[(Deleted, "a", 0), (Created, "a", 0)]);
    // It was moved there, as programs do that save a file.
    let saved = changes([("a", 1, 0), ("a~", 2, 0)], [("a", 2, 0)]);
    expect(&saved, &[(MovedFrom, "a~", 1), (MovedTo, "a", 1)]);
    // The old one was moved away before.
    let kept = changes([("a", 1, 0)], [("a", 2, 0), ("old", 1, 0)]);
    expect(&kept, &[(MovedFrom, "a", 1), (MovedTo, "old", 1), (Created, "a", 0)]);
}

#[test]
fn a_name_is_left_before_it_is_taken() {
    let chain = changes([("a", 1, 0), ("b", 2, 0), ("c", 3, 0)], [("b", 1, 0), ("c", 2, 0), ("d", 3, 0)]);
    let expected = [
        (MovedFrom, "c", 1),
        (MovedTo, "d", 1),
        (MovedFrom, "b", 2),
        (MovedTo, "c", 2),
        (MovedFrom, "a", 3),
        (MovedTo, "b", 3),
    ];
    expect(&chain, &expected);
    let exchange = changes([("a", 1, 0), ("b", 2, 0)], [("a", 2, 0), ("b", 1, 0)]);
    let expected = [(MovedFrom, "b", 1), (MovedFrom, "a", 2), (MovedTo, "a", 1), (MovedTo, "b", 2)];
    expect(&exchange, &expected);
}

#[test]
fn names_of_one_file_come_and_go_alone() {
    expect(&changes([("a", 1, 0)], [("a", 1, 0), ("b", 1, 0)]), &[(Created, "b", 0)]);
    expect(&changes([("a", 1, 0), ("b", 1, 0)], [("a", 1, 0)]), &[(Deleted, "b", 0)]);
    let both = changes([("a", 1, 0), ("b", 1, 0)], [("c", 1, 0)]);
    expect(&both, &[(Deleted, "b", 0), (MovedFrom, "a", 1), (MovedTo, "c", 1)]);
}

#[test]
fn an_inode_that_is_used_again_is_another_file() {
    expect(&changes([("a", 1, 5)], [("a", 1, 6)]), &[(Deleted, "a", 0), (Created, "a", 0)]);
    expect(&changes([("a", 1, 5)], [("b", 1, 6)]), &[(Deleted, "a", 0), (Created, "b", 0)]);
    // The time of the last change was set to one before the making.
    expect(&changes([("a", 1, 5)], [("a", 1, 4)]), &[]);
    expect(&changes([("a", 1, 5)], [("b", 1, 4)]), &[(MovedFrom, "a", 1), (MovedTo, "b", 1)]);
}

#[test]
fn a_move_between_two_directories_is_one_move() {
    let (full, empty) = (entries([("a", 100, 0)]), entries([]));
    let there = entries([("b", 100, 0)]);
    let from = Look { watch: 1, before: &full, after: &empty };
    let to = Look { watch: 2, before: &empty, after: &there };
    for looks in [[from, to], [to, from]] {
        let found = differences(&looks);
        let halves: Vec<_> = found.iter().map(|it| (it.action, it.watch, it.pair)).collect();
        assert_eq!(halves, [(MovedFrom, 1, 1), (MovedTo, 2, 1)]);
        assert!(found.iter().all(|it| it.is_directory));
    }
}

#[test]
fn the_same_number_on_another_device_is_another_file() {
    let before = entries([("a", 1, 0)]);
    let mut after = entries([]);
    after.0.insert("b".into(), Entry { device: 2, ..before.0[OsStr::new("a")] });
    let found = differences(&[Look { watch: 1, before: &before, after: &after }]);
    assert_eq!(found.iter().map(|it| it.action).collect::<Vec<_>>(), [Deleted, Created]);
}

/// Few names and files, so that they meet.
fn directory() -> impl Strategy<Value = Entries> {
    let name = (0..6_u8).prop_map(|n| OsString::from(n.to_string()));
    let entry = (0..5_u64).prop_map(|inode| Entry { device: 1, inode, born: 0, is_directory: false });
    btree_map(name, entry, 0..6).prop_map(Entries)
}

/// Does to the names of `before` what `found` says.
fn replay(before: &[Entries], after: &[Entries], found: &[Difference<'_>]) -> Vec<Entries> {
    let mut names = before.to_vec();
    let mut moving = BTreeMap::new();
    for it in found {
        let place = it.watch as usize;
        let directory = &mut names[place].0;
        match it.action {
            Created => {
                let entry = after[place].0[it.name];
                assert!(directory.insert(it.name.into(), entry).is_none(), "{it:?}");
            }
            Deleted => drop(directory.remove(it.name).expect("a name")),
            MovedFrom => {
                let entry = directory.remove(it.name).expect("a name");
                assert!(moving.insert(it.pair, entry).is_none(), "{it:?}");
            }
            MovedTo => drop(directory.insert(it.name.into(), moving.remove(&it.pair).expect("a file"))),
        }
    }
    assert!(moving.is_empty());
    names
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_leads_from_the_one_look_to_the_other(
        pairs in vec((directory(), directory()), 1..3)
    ) {
        let (before, after): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let looks: Vec<_> = before
            .iter()
            .zip(&after)
            .enumerate()
            .map(|(at, (before, after))| Look { watch: at as i32, before, after })
            .collect();
        let found = differences(&looks);
        prop_assert_eq!(&replay(&before, &after, &found), &after);
        let moves = found.iter().filter(|it| it.action == MovedTo).count();
        prop_assert_eq!(found.iter().filter(|it| it.action == MovedFrom).count(), moves);
    }
}
