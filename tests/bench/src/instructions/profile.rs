//! Callgrind's output: how many instructions each function took by itself.

use std::collections::BTreeMap;

/// Instructions of one process, by function.
#[derive(Debug, Default, PartialEq)]
pub struct Profile(BTreeMap<String, u64>);

/// Instructions of one request, by function, the most first.
#[derive(Debug, Default, PartialEq)]
pub struct Request(Vec<(String, f64)>);

impl Profile {
    /// Parses a file without compressed names and positions: `fn=` begins a function, and each line of numbers is a cost
    /// of its own, unless it follows `calls=` and is what the called function took.
    pub fn parse(text: &str) -> Self {
        let (mut functions, mut function, mut is_call) = (BTreeMap::new(), "", false);
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                function = name;
            } else if line.starts_with("calls=") {
                is_call = true;
            } else if line.starts_with(|first: char| first.is_ascii_digit()) {
                let cost =
                    line.split(' ').nth(1).and_then(|cost| cost.parse::<u64>().ok()).unwrap_or_default();
                if !std::mem::take(&mut is_call) {
                    *functions.entry(function.to_owned()).or_default() += cost;
                }
            }
        }
        Self(functions)
    }

    /// Returns what each of these requests took, which this process answered and the one before did not.
    pub fn since(&self, before: &Self, requests: u32) -> Request {
        let of = |profile: &Self, name: &String| profile.0.get(name).map_or(0.0, |&count| count as f64);
        let each = |name: &String| (of(self, name) - of(before, name)) / f64::from(requests);
        let mut functions: Vec<_> = self.0.keys().map(|name| (name.clone(), each(name))).collect();
        functions.sort_by(|one, other| other.1.total_cmp(&one.1));
        Request(functions)
    }
}

impl Request {
    /// Instructions of all functions.
    pub fn total(&self) -> f64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// Returns the functions that take the most, with their instructions.
    pub fn hottest(&self, count: usize) -> &[(String, f64)] {
        &self.0[..count.min(self.0.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "\
version: 1
events: Ir

fl=???
fn=read
0 100
cfn=parse
calls=2 0
0 5000

fn=parse
0 4000
summary: 4100
";

    #[test]
    fn calls_are_counted_in_the_called_function_only() {
        let expected = [("parse".to_owned(), 4000), ("read".to_owned(), 100)];
        assert_eq!(Profile::parse(BEFORE), Profile(expected.into()));
    }

    #[test]
    fn a_request_is_the_difference_of_two_processes_and_its_hottest_function_is_first() {
        let after = BEFORE.replace("0 4000", "0 4200\n0 100").replace("0 100\ncfn", "0 1100\ncfn");
        let request = Profile::parse(&after).since(&Profile::parse(BEFORE), 2);
        assert_eq!(request.hottest(1), [("read".to_owned(), 500.0)]);
        assert_eq!((request.total(), request.hottest(9).len()), (650.0, 2));
    }
}
