//! A plot of bars as SVG, without a library; readable on light and on dark pages.

use std::fmt::Write as _;

/// Bars that share a scale.
pub struct Panel {
    /// What is measured, with its unit.
    pub title: String,
    /// Names and values.
    pub bars: Vec<(String, f64)>,
}

const WIDTH: f64 = 760.0;
const BARS_FROM: f64 = 170.0;
const BARS_TO: f64 = 670.0;
const ROW: f64 = 22.0;
const TITLE: f64 = 30.0;
const GAP: f64 = 14.0;

/// Follows the page's light or dark mode, and paints no background of its own.
const STYLE: &str = "text { font: 13px system-ui, sans-serif; fill: #24292f } \
.title { font-weight: 600 } .bar { fill: #8c959f } .ours { fill: #0969da } \
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #4493f8 } }";

/// The plot; bars whose name starts with `ours` stand out.
pub fn svg(label: &str, panels: &[Panel], ours: &str) -> String {
    let height: f64 = panels.iter().map(height).sum::<f64>() + GAP;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n<style>{STYLE}</style>\n",
        escaped(label)
    );
    let mut top = 0.0;
    for panel in panels {
        draw(&mut svg, panel, top, ours);
        top += height_of(panel.bars.len());
    }
    svg + "</svg>\n"
}

fn height(panel: &Panel) -> f64 {
    height_of(panel.bars.len())
}

fn height_of(bars: usize) -> f64 {
    TITLE + GAP + (0..bars).map(|_| ROW).sum::<f64>()
}

fn draw(svg: &mut String, panel: &Panel, top: f64, ours: &str) {
    let most = panel.bars.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let title = escaped(&panel.title);
    // Writing to a String cannot fail.
    let _ = writeln!(svg, "<text class=\"title\" x=\"8\" y=\"{}\">{title}</text>", top + TITLE - 8.0);
    let mut at = top + TITLE;
    for (name, value) in &panel.bars {
        let class = if name.starts_with(ours) { "bar ours" } else { "bar" };
        let width = ((BARS_TO - BARS_FROM) * value / most).max(1.0);
        let (right, middle, name) = (BARS_FROM - 8.0, at + 14.0, escaped(name));
        let _ = writeln!(svg, "<text x=\"{right}\" y=\"{middle}\" text-anchor=\"end\">{name}</text>");
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{BARS_FROM}\" y=\"{}\" width=\"{width:.1}\" height=\"{}\" rx=\"2\"/>",
            at + 2.0,
            ROW - 5.0
        );
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{middle}\">{}</text>",
            BARS_FROM + width + 6.0,
            figure(*value)
        );
        at += ROW;
    }
}

/// Three digits that count.
pub fn figure(value: f64) -> String {
    match value.abs() {
        it if it >= 99.95 => format!("{value:.0}"),
        it if it >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot() -> String {
        let bars = vec![("Rust".to_owned(), 5.0), ("Node & SDK".to_owned(), 100.0)];
        svg("init \"cold\"", &[Panel { title: "Init, ms".to_owned(), bars }], "Rust")
    }

    #[test]
    fn bars_are_as_long_as_their_values_and_ours_stands_out() {
        let plot = plot();
        let rects: Vec<_> = plot.lines().filter(|line| line.starts_with("<rect")).collect();
        assert_eq!(
            rects,
            [
                "<rect class=\"bar ours\" x=\"170\" y=\"32\" width=\"25.0\" height=\"17\" rx=\"2\"/>",
                "<rect class=\"bar\" x=\"170\" y=\"54\" width=\"500.0\" height=\"17\" rx=\"2\"/>",
            ]
        );
    }

    #[test]
    fn what_is_special_in_xml_is_escaped_and_both_modes_have_colours() {
        let plot = plot();
        assert!(
            plot.contains(">Node &amp; SDK</text>") && plot.contains("aria-label=\"init &quot;cold&quot;\"")
        );
        assert!(plot.contains("prefers-color-scheme: dark") && plot.ends_with("</svg>\n"));
    }

    #[test]
    fn figures_have_three_digits() {
        assert_eq!([0.306, 5.25, 12.34, 99.96, 214.4].map(figure), ["0.31", "5.25", "12.3", "100", "214"]);
    }
}
