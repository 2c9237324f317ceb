//! Tokens that go stale, tags, and two values at once.

use super::{HALF, Sources};
use crate::token::Token;

#[test]
fn a_stale_token_finds_nothing_though_its_index_is_used_again() {
    let mut table = Sources::new();
    let first = table.insert("first");
    assert_eq!(table.remove(first), Some("first"));
    let second = table.insert("second");
    assert_eq!(second.0 & HALF, first.0 & HALF);
    assert!(!table.contains(first) && table.get_mut(first).is_none() && table.remove(first).is_none());
    assert_eq!(table.get(second), Some(&"second"));
    assert_eq!(format!("{table:?}"), format!("{{{second:?}: \"second\"}}"));
}

#[test]
fn a_tagged_token_names_the_same_value_and_goes_stale_with_it() {
    let mut table = Sources::new();
    let token = table.insert('a');
    let tags = 0..Token::TAGS;
    for tag in tags.clone() {
        let tagged = token.tagged(tag);
        assert_eq!((table.get(tagged), tagged.tag()), (Some(&'a'), tag));
        assert_eq!(tagged == token, tag == 0);
    }
    table.remove(token.tagged(1));
    table.insert('b');
    assert!(tags.into_iter().all(|tag| !table.contains(token.tagged(tag))));
}

#[test]
fn a_vacant_entry_knows_its_token_and_leaves_nothing_behind() {
    let mut table = Sources::new();
    let promised = table.vacant_entry().token();
    assert!(table.is_empty() && !table.contains(promised));
    let entry = table.vacant_entry();
    assert_eq!(entry.token(), promised);
    *entry.insert(1) += 1;
    assert_eq!(table.get(promised), Some(&2));
}

#[test]
fn two_values_can_be_changed_at_once_but_not_one_twice() {
    let mut table = Sources::new();
    let [one, other] = [table.insert(1), table.insert(2)];
    let (first, second) = table.get_two_mut(other, one).unwrap();
    std::mem::swap(first, second);
    assert_eq!((table.get(one), table.get(other)), (Some(&2), Some(&1)));
    assert!(table.get_two_mut(one, one).is_none());
    assert!(table.get_two_mut(one, Token(usize::MAX)).is_none());
    table.remove(one);
    assert!(table.get_two_mut(one, other).is_none() && table.get_two_mut(other, one).is_none());
}

#[test]
fn small_tokens_are_left_to_others() {
    let mut table = Sources::with_capacity(4);
    let tokens: Vec<_> = (0..4).map(|n| table.insert(n)).collect();
    assert!(tokens.iter().all(|token| token.0 > HALF));
    assert!([0, 1, HALF, usize::MAX].iter().all(|n| !table.contains(Token(*n))));
    assert_eq!((table.len(), table.is_empty()), (4, false));
    table.iter_mut().for_each(|(_, n)| *n += 1);
    assert!(tokens.iter().all(|token| table.remove(*token).is_some()));
    assert!(table.is_empty());
}

#[test]
fn values_are_taken_out_by_what_they_are() {
    let mut table = Sources::new();
    let tokens: Vec<_> = (0..10).map(|n| table.insert(n)).collect();
    table.retain(|token, n| {
        assert_eq!(tokens[*n], token);
        *n % 2 == 0
    });
    assert_eq!((table.len(), table.iter().count()), (5, 5));
    assert!(table.contains(tokens[4]) && !table.contains(tokens[5]));
    table.clear();
    assert!(table.is_empty() && table.insert(0).0 != tokens[0].0);
}
