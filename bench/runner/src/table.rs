//! The tables of a record. Most cases have the same pairs: a row for each case and
//! metric, a column for each pair; those of completion are in a table of their own. The
//! others have a row for each pair.

use crate::bar;
use crate::metric::Metric;
use crate::pair::{ALL, COMPLETION, MEASURE, Pair};
use crate::ratio::Ratio;
use crate::record::Record;

/// Stands where nothing was measured.
const NOTHING: &str = "-";

/// The cells of a row.
type Cells = Vec<String>;

/// The tables, aligned, with the notes below them.
pub(crate) fn render(record: &Record) -> String {
    let tables: Vec<String> = tables(record).iter().map(|rows| aligned(rows)).collect();
    let mut text = tables.join("\n");
    let mode = if record.is_two_cores { "two cores" } else { "one core" };
    text.push_str(&format!("{mode}, {} runs each; ratio to the peer (lowest-highest)\n", record.pairs));
    for (case, metric, pair) in bar::missed(record) {
        let (ratio, bar) = (record.ratio(case, metric, pair), bar::of(case, metric, pair));
        if let Some((ratio, bar)) = ratio.zip(bar) {
            let (name, shown, most) = (pair.name(), show(ratio), bar.most + bar.noise);
            text.push_str(&format!("MISSED {case} {metric}: {name} {shown}, at most {most:.3}\n"));
        }
    }
    for note in &record.notes {
        text.push_str(&format!("NOTE {note}\n"));
    }
    text
}

/// The tables that have something to say, each with its head.
pub(crate) fn tables(record: &Record) -> Vec<Vec<Cells>> {
    let all = [common(record, ALL), common(record, COMPLETION), own(record)];
    all.into_iter().filter(|rows| rows.len() > 1).collect()
}

/// A row for each case and metric that has some of the pairs.
fn common(record: &Record, pairs: &'static [Pair]) -> Vec<Cells> {
    let mut head = ["case", "metric", MEASURE].map(str::to_owned).to_vec();
    head.extend(pairs.iter().map(Pair::name));
    let mut rows = vec![head];
    for case in record.cases.iter().filter(|case| case.is_in_common_table()) {
        for metric in record.metrics(case.name) {
            if !pairs.iter().any(|pair| record.ratio(case.name, metric, pair).is_some()) {
                continue;
            }
            let figure = figure(metric, record.figure(case.name, metric, MEASURE));
            let mut row = vec![case.name.to_owned(), metric.name().to_owned(), figure];
            row.extend(pairs.iter().map(|pair| cell(record, case.name, metric, pair)));
            rows.push(row);
        }
    }
    rows
}

/// A row for each case, metric and pair, of the cases with other pairs, and for each limit.
fn own(record: &Record) -> Vec<Cells> {
    let head = ["case", "metric", "subject / peer", "peer", "subject", "ratio"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for case in &record.cases {
        // A limit has no column in the others.
        let is_shown = |pair: &&Pair| pair.base.is_none() || !case.is_in_common_table();
        for metric in record.metrics(case.name) {
            for pair in case.pairs.iter().filter(is_shown).filter(|pair| pair.is_of(metric)) {
                rows.push(vec![
                    case.name.to_owned(),
                    metric.name().to_owned(),
                    pair.name(),
                    figure(metric, record.peer_figure(case.name, metric, pair)),
                    figure(metric, record.figure(case.name, metric, pair.subject)),
                    cell(record, case.name, metric, pair),
                ]);
            }
        }
    }
    rows
}

fn figure(metric: Metric, figure: Option<f64>) -> String {
    figure.map_or_else(|| NOTHING.to_owned(), |figure| metric.show(figure))
}

/// The ratio of a pair.
fn cell(record: &Record, case: &str, metric: Metric, pair: &Pair) -> String {
    match record.ratio(case, metric, pair) {
        None => NOTHING.to_owned(),
        // A ratio to nothing says nothing: the figure does.
        Some(ratio) if ratio.median.is_infinite() => {
            let figure = record.figure(case, metric, pair.subject).unwrap_or_default();
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
    use super::{Ratio, render, show};
    use crate::case::CASES;
    use crate::metric::Metric;
    use crate::record::Record;
    use crate::record::fixture::record;
    use crate::subject;

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
        assert!(
            text.contains("MISSED echo_64x64 server_cpu: ferrio-poll / mio 1.50, at most 1.030\n"),
            "{text}"
        );
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

    #[test]
    fn a_case_with_other_pairs_has_a_row_for_each() {
        let case = CASES.iter().find(|case| case.name == "timer_memory").expect("there is one");
        let mut record = Record::new(false, 1, vec![case]);
        for (name, bytes) in [("ferrio-poll", 32.0), ("tokio", 128.0)] {
            record.add(case, Metric::TimerMemory, subject::named(name).expect("a subject"), bytes);
        }
        let text = render(&record);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1][2..], ["ferrio-poll", "/", "64", "B", "64", "B", "32", "B", "0.50"]);
        assert_eq!(lines[2][2..], ["ferrio-poll", "/", "tokio", "128", "B", "32", "B", "0.25"]);
    }
}
