//! What a system lacks is told, and harms nothing.

use std::fmt::Write;

use ferrio_poll::Token;
use ferrio_proactor::{Config, DriverKind, Reason, Way, op};

use crate::harness::{IS_LINUX, on_each, on_each_with};

#[test]
fn what_a_system_lacks_is_refused_and_told_with_the_reason() {
    on_each(|rig| {
        let capabilities = rig.proactor.capabilities().unwrap();
        let lacking: Vec<_> = capabilities
            .operations()
            .filter_map(|(name, way)| (way == Way::Unsupported).then_some(name))
            .collect();
        assert_eq!(lacking, if IS_LINUX { &[][..] } else { &["Splice"] }, "{capabilities}");
        for (name, way) in capabilities.operations() {
            let mut line = format!("{name:<12} {way}");
            assert_eq!(capabilities.lack(name).is_some(), way == Way::Unsupported, "{capabilities}");
            if let Some(reason) = capabilities.lack(name) {
                write!(line, " ({reason})").unwrap();
            }
            assert!(capabilities.to_string().lines().any(|told| told == line), "{line}: {capabilities}");
        }
        if lacking.is_empty() {
            return;
        }
        let ((from, _writer), (to, _reader)) = (rig.connection(), rig.connection());
        let rejected = rig.proactor.submit(Token(0), op::Splice::new(from, to, 8)).unwrap_err();
        assert!(matches!(rejected.reason, Reason::Unsupported), "{rejected}");
    });
}

#[test]
fn files_that_are_opened_by_threads_are_refused_without_threads() {
    on_each_with(Config { threads: 0, ..Config::default() }, |rig| {
        let capabilities = rig.proactor.capabilities().unwrap();
        let is_refused = capabilities.driver() == DriverKind::Readiness;
        for name in ["Open", "Statx", "Fsync"] {
            let reason = capabilities.lack(name);
            assert_eq!(reason.is_some_and(|reason| reason.contains("Config::threads")), is_refused, "{name}");
        }
        assert_eq!(capabilities.lack("Send"), None);
    });
}
