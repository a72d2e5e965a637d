//! The chart beside a record: for each row, the part of its limit that is used.

use std::fmt::Write;

use crate::record::{Row, Verdict};
use crate::stats::figures;

const ROW: f64 = 24.0;
const LABEL: f64 = 190.0;
/// The width of a limit that is just used up.
const LIMIT: f64 = 240.0;
/// Longer bars are cut; the figure beside them is not.
const SHARE_MAX: f64 = 2.0;

/// The chart as SVG. Rows without figures are left out.
pub(super) fn svg(rows: &[&Row]) -> String {
    let measured: Vec<_> = rows
        .iter()
        .filter_map(|row| match row.verdict {
            Verdict::Share { share, .. } if share.is_finite() => Some((row.target.as_str(), share)),
            Verdict::Share { .. } | Verdict::NotMeasured(_) | Verdict::Failed(_) => None,
        })
        .collect();
    let height = ROW * (crate::stats::length(measured.len()) + 2.0);
    let width = LABEL + LIMIT * SHARE_MAX + 70.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\">\n<style>text{{font:13px sans-serif;fill:#222}}.met{{fill:#4477aa}}\
         .not{{fill:#cc6644}}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    let mut add =
        |element: String| writeln!(svg, "{element}").expect("a text takes what is written");
    let mut top = ROW;
    for (target, share) in measured {
        let class = if share <= 1.0 { "met" } else { "not" };
        let length = LIMIT * share.min(SHARE_MAX);
        let (text, end) = (top + 16.0, LABEL + length + 6.0);
        add(format!("<text x=\"6\" y=\"{text}\">{}</text>", escaped(target)));
        let bar = top + 5.0;
        add(format!(
            "<rect class=\"{class}\" x=\"{LABEL}\" y=\"{bar}\" width=\"{length:.1}\" height=\"14\"/>"
        ));
        add(format!("<text x=\"{end:.1}\" y=\"{text}\">{}</text>", figures(share)));
        top += ROW;
    }
    let at = LABEL + LIMIT;
    add(format!("<line x1=\"{at}\" x2=\"{at}\" y1=\"20\" y2=\"{top}\" stroke=\"#222\"/>"));
    add(format!("<text x=\"{at}\" y=\"15\" text-anchor=\"middle\">limit</text>"));
    add(format!("<text x=\"6\" y=\"{}\">shorter is better</text>", top + 16.0));
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
