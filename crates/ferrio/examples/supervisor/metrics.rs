//! The counters, in the text format of Prometheus.

use std::fmt::Write;

use ferrio::{Sources, Stats};

use crate::service::Service;

/// The counters of the services and of the Poll.
pub(crate) fn text(services: &Sources<Service>, stats: Stats) -> String {
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, value: &dyn Fn(&Service) -> u64| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "# HELP supervisor_{name} {help}\n# TYPE supervisor_{name} {kind}");
        for (_, service) in services.iter() {
            // Names are plain, so that nothing is to be escaped.
            let _ = writeln!(text, "supervisor_{name}{{service=\"{}\"}} {}", service.name, value(service));
        }
    };
    family("up", "gauge", "1 if it runs.", &|service| u64::from(service.running.is_some()));
    family("starts_total", "counter", "How often it was started.", &|service| service.starts);
    family("lines_total", "counter", "Lines that it printed.", &|service| service.lines);
    let _ = writeln!(text, "# HELP supervisor_polls_total Waits for events.");
    let _ = writeln!(text, "# TYPE supervisor_polls_total counter\nsupervisor_polls_total {}", stats.polls);
    text
}
