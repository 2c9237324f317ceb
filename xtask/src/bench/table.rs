//! The table of a record: a row for each case and metric, a column for each subject.

use super::bar;
use super::metric::Metric;
use super::ratio::Ratio;
use super::record::Record;
use super::subject::{SUBJECTS, Subject};

/// Stands where nothing was measured.
const NOTHING: &str = "-";

/// The cells of a row.
type Cells = Vec<String>;

/// The table, aligned, with the notes below it.
pub(crate) fn render(record: &Record) -> String {
    let mut text = aligned(&rows(record));
    let mode = if record.is_two_cores { "two cores" } else { "one core" };
    text.push_str(&format!("{mode}, {} runs each; ratio to the peer (lowest-highest)\n", record.pairs));
    for (case, metric, subject) in bar::missed(record) {
        let (ratio, bar) = (record.ratio(case, metric, subject), bar::of(case, metric, subject));
        if let Some((ratio, bar)) = ratio.zip(bar) {
            let (name, shown, most) = (subject.name, show(ratio), bar.most + bar.noise);
            text.push_str(&format!("MISSED {case} {metric}: {name} {shown}, at most {most:.3}\n"));
        }
    }
    for note in &record.notes {
        text.push_str(&format!("NOTE {note}\n"));
    }
    text
}

/// The head and the rows.
pub(crate) fn rows(record: &Record) -> Vec<Cells> {
    let mut rows = vec![head()];
    for case in &record.cases {
        for metric in record.metrics(case.name) {
            let mut row = vec![case.name.to_owned(), metric.name().to_owned()];
            row.extend(SUBJECTS.iter().map(|subject| cell(record, case.name, metric, subject)));
            rows.push(row);
        }
    }
    rows
}

fn head() -> Cells {
    let mut head = vec!["case".to_owned(), "metric".to_owned()];
    head.extend(SUBJECTS.iter().map(|subject| match subject.peer {
        Some(peer) => format!("{} / {peer}", subject.name),
        None => subject.name.to_owned(),
    }));
    head
}

/// A figure for the one who is the measure, a ratio for the others.
fn cell(record: &Record, case: &str, metric: Metric, subject: &Subject) -> String {
    if subject.peer.is_none() {
        let figure = record.figure(case, metric, subject.name);
        return figure.map_or_else(|| NOTHING.to_owned(), |figure| metric.show(figure));
    }
    match record.ratio(case, metric, subject) {
        None => NOTHING.to_owned(),
        // A ratio to nothing says nothing: the figure does.
        Some(ratio) if ratio.median.is_infinite() => {
            let figure = record.figure(case, metric, subject.name).unwrap_or_default();
            format!("{}, peer has 0", metric.show(figure))
        }
        Some(ratio) => show(ratio),
    }
}

/// A ratio with its spread, if it has one.
pub(crate) fn show(ratio: Ratio) -> String {
    let show = |ratio: f64| if ratio.is_finite() { format!("{ratio:.2}") } else { "more".to_owned() };
    let [median, low, high] = [ratio.median, ratio.low, ratio.high].map(show);
    if low == high {
        return median;
    }
    format!("{median} ({low}-{high})")
}

/// Columns as wide as their widest cell.
fn aligned(rows: &[Cells]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::record::fixture::record;
    use super::{Ratio, render, show};

    #[test]
    fn a_row_has_the_measure_and_the_ratios() {
        let record = record(&[("mio", &[1750.0, 1760.0, 1755.0]), ("epoll", &[1750.0, 1584.0, 1755.0])]);
        let text = render(&record);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("case        metric      mio      ferrio-poll / mio"), "{text}");
        let row: Vec<&str> = lines[1].split("  ").filter(|cell| !cell.is_empty()).collect();
        let row: Vec<&str> = row.iter().map(|cell| cell.trim()).collect();
        assert_eq!(row, ["echo_64x64", "server_cpu", "1755 ns", "-", "-", "1.00 (0.90-1.00)", "-", "-"]);
    }

    #[test]
    fn what_misses_its_bar_is_named() {
        let text = render(&record(&[("mio", &[100.0]), ("ferrio-poll", &[150.0])]));
        assert!(text.contains("MISSED echo_64x64 server_cpu: ferrio-poll 1.50, at most 1.030\n"), "{text}");
    }

    #[test]
    fn notes_stand_below() {
        let mut record = record(&[("mio", &[1.0])]);
        record.note("less".to_owned());
        record.note("less".to_owned());
        assert!(render(&record).ends_with("(lowest-highest)\nNOTE less\n"));
    }

    #[test]
    fn a_ratio_without_spread_is_one_number() {
        assert_eq!(show(Ratio { median: 0.5, low: 0.5, high: 0.5 }), "0.50");
        assert_eq!(show(Ratio { median: 0.5, low: 0.499, high: 0.501 }), "0.50");
        assert_eq!(show(Ratio { median: 2.0, low: 1.0, high: f64::INFINITY }), "2.00 (1.00-more)");
    }

    #[test]
    fn where_the_peer_has_nothing_the_figure_stands() {
        let text = render(&record(&[("mio", &[0.0]), ("epoll", &[150.0])]));
        assert!(text.contains("150 ns, peer has 0"), "{text}");
    }
}
