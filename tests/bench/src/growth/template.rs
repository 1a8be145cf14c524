//! Text in which some parts can be exchanged for others: a recorded item or answer, copied under other names.

/// A text and the places of its exchangeable parts.
#[derive(Debug)]
pub struct Template(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    /// The place in the list of values.
    Value(usize),
}

impl Template {
    /// Cuts a text at each of these values. Where two begin at one place, the longer counts.
    pub fn new(text: &str, values: &[String]) -> Self {
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(first) = rest.chars().next() {
            let found = values.iter().enumerate().filter(|(_, value)| rest.starts_with(value.as_str()));
            if let Some((place, value)) = found.max_by_key(|(_, value)| value.len()) {
                parts.extend([Part::Text(std::mem::take(&mut plain)), Part::Value(place)]);
                rest = &rest[value.len()..];
            } else {
                plain.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        parts.push(Part::Text(plain));
        Self(parts)
    }

    /// Returns the text with other values in the same order.
    pub fn fill(&self, values: &[String]) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Value(place) => &values[*place],
        });
        parts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
        texts.map(str::to_owned).to_vec()
    }

    #[test]
    fn every_part_is_exchanged_and_a_longer_one_is_not_taken_for_a_shorter() {
        let recorded = texts(["2026-11-24", "2026-11-24T16:04:05Z", "CONTOSO"]);
        let template = Template::new("CONTOSO#2026-11-24T16:04:05Z on 2026-11-24 ☎ CONTOSOS", &recorded);
        assert_eq!(template.fill(&texts(["A", "B", "C"])), "C#B on A ☎ CS");
        assert_eq!(template.fill(&recorded), "CONTOSO#2026-11-24T16:04:05Z on 2026-11-24 ☎ CONTOSOS");
    }
}
