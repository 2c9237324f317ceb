//! A plot of ratios: a bar for each subject in groups of cases, a line at 1, and the
//! spread on each bar.

use crate::ratio::Ratio;

/// The subjects' colours, by their place among those that are shown.
const COLOURS: &[&str] = &["#c2410c", "#64748b", "#0f766e", "#4f46e5", "#a16207"];
/// Where the bars begin, how long they can be, and the whole width.
const LEFT: f64 = 190.0;
const LENGTH: f64 = 430.0;
const WIDTH: f64 = 720.0;
/// The heights of a bar, of the gap between groups and of title and legend.
const BAR: f64 = 13.0;
const GAP: f64 = 10.0;
const HEAD: f64 = 62.0;
/// Where longer bars are cut off.
const RATIO_MAX: f64 = 2.0;

/// A group of bars: its name, and a subject with its ratio for each.
pub(crate) type Group = (String, Vec<(&'static str, Ratio)>);

/// The plot as SVG; none if there is nothing to show.
pub(crate) fn svg(title: &str, groups: &[Group]) -> Option<String> {
    let mut subjects: Vec<&str> = Vec::new();
    for (subject, _) in groups.iter().flat_map(|(_, bars)| bars) {
        if !subjects.contains(subject) {
            subjects.push(subject);
        }
    }
    if subjects.is_empty() {
        return None;
    }
    let mut body = legend(&subjects);
    let mut y = HEAD;
    for (name, bars) in groups.iter().filter(|(_, bars)| !bars.is_empty()) {
        let middle = y + BAR * bars.len() as f64 / 2.0 + 4.0;
        body.push_str(&text(LEFT - 10.0, middle, "end", name));
        for (subject, ratio) in bars {
            let colour = subjects.iter().position(|other| other == subject).unwrap_or(0);
            body.push_str(&bar(y, COLOURS[colour % COLOURS.len()], *ratio));
            y += BAR;
        }
        y += GAP;
    }
    let one = x(1.0);
    body.push_str(&format!(
        "<path d=\"M{one:.1} {:.1}V{:.1}\" stroke=\"#111\" stroke-dasharray=\"4 3\"/>\n",
        HEAD - 6.0,
        y - GAP + 4.0
    ));
    body.push_str(&text(one, y + 8.0, "middle", "1.00 = the peer; shorter is better"));
    let (height, head) = (y + 18.0, text(16.0, 22.0, "start", title));
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{head}{body}</svg>\n"
    ))
}

/// Where a ratio ends.
fn x(ratio: f64) -> f64 {
    LEFT + LENGTH * ratio.clamp(0.0, RATIO_MAX) / RATIO_MAX
}

fn legend(subjects: &[&str]) -> String {
    let mut body = String::new();
    for (at, subject) in subjects.iter().enumerate() {
        let left = 16.0 + 140.0 * at as f64;
        let colour = COLOURS[at % COLOURS.len()];
        body.push_str(&format!(
            "<rect x=\"{left:.0}\" y=\"34\" width=\"10\" height=\"10\" fill=\"{colour}\"/>\n"
        ));
        body.push_str(&text(left + 15.0, 43.0, "start", subject));
    }
    body
}

fn bar(y: f64, colour: &str, ratio: Ratio) -> String {
    let (width, middle) = (x(ratio.median) - LEFT, y + BAR / 2.0);
    let mut body = format!(
        "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>\n",
        BAR - 2.0
    );
    let (low, high) = (x(ratio.low), x(ratio.high));
    if high - low > 0.5 {
        body.push_str(&format!("<path d=\"M{low:.1} {middle:.1}H{high:.1}\" stroke=\"#111\"/>\n"));
    }
    let figure = if ratio.median.is_finite() { format!("{:.2}", ratio.median) } else { "from 0".to_owned() };
    body.push_str(&text(high.max(x(ratio.median)) + 5.0, y + BAR - 3.0, "start", &figure));
    body
}

fn text(x: f64, y: f64, anchor: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>\n")
}

#[cfg(test)]
mod tests {
    use super::{Ratio, svg};

    fn ratio(median: f64) -> Ratio {
        Ratio { median, low: median, high: median }
    }

    #[test]
    fn every_bar_has_its_figure_and_every_subject_its_legend() {
        let group = ("a<b".to_owned(), vec![("x", ratio(0.5)), ("y", ratio(7.0))]);
        let svg = svg("t", &[group]).expect("two bars");
        for part in ["a&lt;b", ">x<", ">y<", ">0.50<", ">7.00<"] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn all_cases_and_subjects_stay_under_30_kb() {
        let subjects = ["a", "b", "c", "d", "e"];
        let spread = Ratio { median: 1.234, low: 1.0, high: 1.5 };
        let bars = || subjects.map(|subject| (subject, spread)).to_vec();
        let groups: Vec<_> = (0..11).map(|at| (format!("idle_10000_active_{at}"), bars())).collect();
        assert!(svg("title", &groups).expect("bars").len() < 30_000);
    }
}
