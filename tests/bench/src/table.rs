//! A table as text for the terminal, and as Markdown.

/// Rows of cells under headings; the first columns are words, the others figures.
#[derive(Clone, Debug, Default)]
pub struct Table {
    headings: Vec<String>,
    words: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Creates an empty table whose first `words` columns are aligned left.
    pub fn new(words: usize, headings: &[&str]) -> Self {
        Self {
            headings: headings.iter().map(|&heading| heading.to_owned()).collect(),
            words,
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Returns the table for the terminal.
    pub fn text(&self) -> String {
        let widths = self.widths();
        let lines = [&self.headings].into_iter().chain(&self.rows).map(|row| {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                match column < self.words {
                    true => format!("{cell:<width$}"),
                    false => format!("{cell:>width$}"),
                }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
        });
        lines.collect()
    }

    /// Returns the table in Markdown.
    pub fn markdown(&self) -> String {
        let rule = (0..self.headings.len()).map(|column| if column < self.words { "---" } else { "---:" });
        let rule = rule.map(str::to_owned).collect();
        let rows = [&self.headings, &rule].into_iter().chain(&self.rows);
        rows.map(|row| format!("| {} |\n", row.join(" | "))).collect()
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let rows = [&self.headings].into_iter().chain(&self.rows);
            rows.filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..self.headings.len()).map(width).collect()
    }
}

/// Formats a value with three significant digits.
pub fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(1, &["what", "p50 ms"]);
        table.row(vec!["init".to_owned(), "5.2".to_owned()]);
        table.row(vec!["first – invoke".to_owned(), "108.25".to_owned()]);
        table
    }

    #[test]
    fn text_is_aligned_by_characters_words_left_and_figures_right() {
        let expected = "what            p50 ms\ninit               5.2\nfirst – invoke  108.25\n";
        assert_eq!(table().text(), expected);
    }

    #[test]
    fn figures_have_three_digits() {
        assert_eq!([0.306, 5.25, 12.34, 99.96, 214.4].map(figure), ["0.31", "5.25", "12.3", "100", "214"]);
    }

    #[test]
    fn markdown_has_a_rule_below_the_headings() {
        let expected = "| what | p50 ms |\n| --- | ---: |\n| init | 5.2 |\n| first – invoke | 108.25 |\n";
        assert_eq!(table().markdown(), expected);
    }
}
