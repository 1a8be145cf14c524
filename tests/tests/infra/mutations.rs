//! Seeds each defect into the template: the check that is named must catch it.

use crate::expanded_template::{Expanded, expand};
use crate::template_defects::{DEFECTS, Defect};
use crate::{CHECKS, Check};

/// Returns the template with a defect: replaces the first match after its place.
fn seed(defect: &Defect) -> Result<String, String> {
    let template = local::table::TEMPLATE;
    let mut parts = defect.place.split(" > ");
    let section = parts.next().unwrap_or_default();
    let whole = section.ends_with(':');
    let heading = if whole { format!("\n{section}\n") } else { format!("\n  {section}:\n") };
    let mut at = find(defect, 0, &heading)? + heading.len();
    let end = section_end(template, at, whole);
    for part in parts {
        at = find(defect, at, part)?;
    }
    at = find(defect, at, defect.replace)?;
    let inside = (at < end).then_some(at).ok_or_else(|| format!("{}: not in {section}", defect.name))?;
    let (before, after) = (&template[..inside], &template[inside + defect.replace.len()..]);
    Ok(format!("{before}{}{after}", defect.with))
}

fn find(defect: &Defect, from: usize, text: &str) -> Result<usize, String> {
    let place = local::table::TEMPLATE[from..].find(text).map(|at| from + at);
    place.ok_or_else(|| format!("{}: {text:?} is not there", defect.name))
}

/// Returns where the next resource or section starts.
fn section_end(template: &str, from: usize, whole: bool) -> usize {
    let starts = |line: &str| {
        let indented = line.strip_prefix("  ").filter(|_| !whole).unwrap_or(line);
        indented.starts_with(|c: char| c.is_ascii_alphabetic())
    };
    let mut at = from;
    for line in template[from..].split_inclusive('\n') {
        if starts(line) {
            return at;
        }
        at += line.len();
    }
    at
}

fn check(name: &str) -> Check {
    CHECKS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no check {name}")).1
}

/// Returns what is wrong with the test itself if the check did not catch the defect.
fn missed(defect: &Defect, template: Option<&Expanded>) -> Option<String> {
    let Some(template) = template else { return Some(format!("{}: it cannot be expanded", defect.name)) };
    let found = check(defect.check)(template);
    found.is_empty().then(|| format!("{}: {} did not catch it", defect.name, defect.check))
}

#[test]
fn every_seeded_defect_is_caught_by_the_check_that_is_there_for_it() {
    let (texts, lost): (Vec<_>, Vec<_>) = DEFECTS.iter().map(seed).partition(Result::is_ok);
    assert!(lost.is_empty(), "{lost:#?}");
    let templates = expand(texts.into_iter().flatten().collect());
    let missed: Vec<_> =
        DEFECTS.iter().zip(&templates).filter_map(|(defect, it)| missed(defect, it.as_ref())).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn every_check_has_a_defect_that_it_catches() {
    let idle = |(name, _): &&(&str, Check)| !DEFECTS.iter().any(|defect| defect.check == *name);
    let idle: Vec<_> = CHECKS.iter().filter(idle).map(|(name, _)| name).collect();
    assert!(idle.is_empty(), "{idle:?}");
}
