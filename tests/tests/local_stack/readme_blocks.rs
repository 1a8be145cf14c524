//! The README's walk: its `console` blocks as commands, each with the answer that it promises.

/// The heading above the walk.
const HEADING: &str = "## The main job";

/// A command and what it prints.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    pub command: String,
    pub answer: String,
}

/// Parses the `console` blocks of a section: `$ ` begins a command, `> ` continues it, the rest is its answer.
pub fn steps(readme: &str) -> Vec<Step> {
    let section =
        readme.lines().skip_while(|it| *it != HEADING).skip(1).take_while(|it| !it.starts_with("## "));
    let mut steps: Vec<Step> = Vec::new();
    let mut block = None;
    for line in section {
        match (block, line.strip_prefix("```")) {
            (None, Some(info)) => block = Some(info.trim() == "console"),
            (Some(_), Some(_)) => block = None,
            (Some(true), None) => add(&mut steps, line),
            (Some(false) | None, None) => {}
        }
    }
    assert_eq!(block, None, "the last block of the section has no end");
    steps
}

fn add(steps: &mut Vec<Step>, line: &str) {
    if let Some(command) = line.strip_prefix("$ ") {
        steps.push(Step { command: command.to_owned(), answer: String::new() });
        return;
    }
    let step = steps.last_mut().expect("a block begins with a command");
    match line.strip_prefix("> ").or(line.strip_prefix('>').filter(|rest| rest.is_empty())) {
        Some(more) if step.answer.is_empty() => step.command.extend(["\n", more]),
        Some(_) | None => step.answer.extend([line, "\n"]),
    }
}

/// Headers of `curl -i` that differ from call to call.
const CHANGING: [&str; 2] = ["date:", "x-request-id:"];

/// Removes what differs from run to run: times, dates, and header lines about them.
pub fn normal(answer: &str) -> String {
    let changing = |line: &str| {
        let line = line.to_ascii_lowercase();
        CHANGING.iter().any(|it| line.starts_with(it))
    };
    let lines: Vec<_> =
        answer.trim_end().lines().filter(|it| !changing(it)).map(|it| times(it.trim_end())).collect();
    lines.join("\n")
}

fn times(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let found = SHAPES.iter().find(|(shape, _)| has_shape(rest, shape));
        // Part of a longer number is not a date.
        let (length, new) = match found.filter(|_| !text.ends_with(|it: char| it.is_ascii_digit())) {
            Some((shape, name)) => (shape.len(), (*name).to_owned()),
            None => (first.len_utf8(), first.to_string()),
        };
        text.push_str(&new);
        rest = &rest[length..];
    }
    text
}

/// What times and dates look like, the longest first.
const SHAPES: [(&str, &str); 3] =
    [("0000-00-00T00:00:00.000Z", "<time>"), ("0000-00-00T00:00:00Z", "<time>"), ("0000-00-00", "<date>")];

fn has_shape(text: &str, shape: &str) -> bool {
    let same = |(it, shape): (char, char)| if shape == '0' { it.is_ascii_digit() } else { it == shape };
    text.len() >= shape.len() && text.chars().zip(shape.chars()).all(same)
}

#[test]
fn commands_and_answers_are_those_of_the_sections_console_blocks() {
    let readme = "# T\n```console\n$ no\n```\n## The main job\ntext\n```console\n$ one \\\n>   more\na\nb\n$ two\n```\n\
                  ```sh\n$ no\n```\n### Sub\n```console\n$ three\n> x\n```\n## Next\n```console\n$ no\n```\n";
    let step = |command: &str, answer: &str| Step { command: command.to_owned(), answer: answer.to_owned() };
    assert_eq!(steps(readme), [step("one \\\n  more", "a\nb\n"), step("two", ""), step("three\nx", "")]);
}

#[test]
fn times_and_dates_are_all_that_may_differ() {
    let answer = "HTTP/1.1 200 OK\r\nDate: now\r\nx-request-id: 1\r\n\"at\": \"2026-11-23T16:04:05Z\", 2026-11-23!\n\n";
    assert_eq!(normal(answer), "HTTP/1.1 200 OK\n\"at\": \"<time>\", <date>!");
    assert_eq!(normal("2026-11-23T16:04:05.678Z pin.set"), "<time> pin.set");
    for same in ["12026-11-23", "206-555-0101", "2026-11-2", "2026/11/23", "é2026"] {
        assert_eq!(normal(same), same);
    }
    assert_eq!(normal("2026-11-23T16:04Z"), "<date>T16:04Z");
}
