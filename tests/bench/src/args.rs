//! The command line.

use crate::{growth, instructions, latency, load};
use lexopt::prelude::*;
use lexopt::{Error, Parser};
use std::path::{Path, PathBuf};
use std::str::FromStr;

const HELP: &str = "\
Measures this service. `make bench`, `make bench-instructions`, `make bench-growth` and `make bench-load` build what a
command needs and run it.

usage: bench COMMAND [options]

  latency         the functions beside the same ones in Python, Node.js and bare Rust
  instructions    the instructions of one request, beside bare Rust
  growth          the functions on stores of up to a million accounts and ten million port-outs
  load            the highest rate that eight processes sustain

`bench COMMAND --help` lists the options of a command.
";

const COMMANDS: &str = "latency, instructions, growth, or load";

/// The option for the folder of the reports, and its name in `growth` and `load` before there was one program.
const OUT: &str = "out";
const OLD_OUT: &str = "output";

/// What to do.
#[derive(Debug)]
pub enum Command {
    Help(&'static str),
    Latency(latency::Options),
    Instructions(instructions::Options),
    Growth(growth::Options),
    Load(load::Options),
}

impl Command {
    /// Parses the arguments that follow the program's name.
    pub fn parse(parser: &mut Parser) -> Result<Self, Error> {
        match parser.next()? {
            Some(Short('h') | Long("help")) => Ok(Self::Help(HELP)),
            Some(Value(name)) => match name.to_str() {
                Some("latency") => latency(parser),
                Some("instructions") => instructions(parser),
                Some("growth") => growth(parser),
                Some("load") => load(parser),
                _ => Err(format!("the command must be {COMMANDS}").into()),
            },
            Some(option) => Err(option.unexpected()),
            None => Err(format!("a command is missing: {COMMANDS}").into()),
        }
    }
}

fn latency(parser: &mut Parser) -> Result<Command, Error> {
    let mut options = latency::Options::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help(latency::HELP)),
            Long("quick") => options.rounds = latency::QUICK,
            Long("python") => options.python = parser.value()?.into(),
            Long("node") => options.node = parser.value()?.into(),
            Long("binaries") => options.binaries = parser.value()?.into(),
            Long(OUT | OLD_OUT) => options.out = parser.value()?.into(),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Latency(options))
}

fn instructions(parser: &mut Parser) -> Result<Command, Error> {
    let mut options = instructions::Options::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help(instructions::HELP)),
            Long("quick") => options.requests = instructions::QUICK,
            Long("check") => options.check = Some(parser.value()?.into()),
            Long("valgrind") => options.valgrind = parser.value()?.into(),
            Long("binaries") => options.binaries = parser.value()?.into(),
            Long(OUT) => options.out = parser.value()?.into(),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Instructions(options))
}

fn growth(parser: &mut Parser) -> Result<Command, Error> {
    let mut options = growth::Options::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help(growth::HELP)),
            Long("quick") => (options.accounts, options.repetitions) = growth::quick(),
            Long("sizes") => options.sizes = true,
            Long("accounts") => {
                let sizes = parser.value()?.string()?;
                options.accounts =
                    sizes.split(',').map(|size| number("--accounts", size)).collect::<Result<_, _>>()?;
            }
            Long("repetitions") => {
                options.repetitions = number("--repetitions", &parser.value()?.string()?)?;
            }
            Long("binaries") => options.binaries = parser.value()?.into(),
            Long("folder") => options.folder = parser.value()?.into(),
            Long(OUT | OLD_OUT) => options.out = parser.value()?.into(),
            other => return Err(other.unexpected()),
        }
    }
    options.check()?;
    Ok(Command::Growth(options))
}

fn load(parser: &mut Parser) -> Result<Command, Error> {
    let mut options = load::Options::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help(load::HELP)),
            Long("quick") => options.seconds = load::QUICK,
            Long("only") => {
                let name = parser.value()?;
                options.mixes.retain(|mix| mix.name() == name);
            }
            Long("processes") => options.processes = number("--processes", &parser.value()?.string()?)?,
            Long("binaries") => options.binaries = parser.value()?.into(),
            Long("k6") => options.k6 = parser.value()?.into(),
            Long(OUT | OLD_OUT) => options.out = parser.value()?.into(),
            other => return Err(other.unexpected()),
        }
    }
    options.check()?;
    Ok(Command::Load(options))
}

fn number<T: FromStr>(option: &str, text: &str) -> Result<T, Error> {
    let parsed = text.replace('_', "").parse();
    parsed.map_err(|_| format!("{option} must be a whole number, not {text:?}").into())
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the repository")
}

/// The folder that cargo builds into.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The folder of this program, where cargo puts the others too.
pub fn beside_this_program() -> PathBuf {
    std::env::current_exe().expect("a program").parent().expect("a folder").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        let words = line.split_whitespace();
        Command::parse(&mut Parser::from_args(words)).map_err(|error| error.to_string())
    }

    #[test]
    fn latency_takes_its_options_and_looks_for_functions_beside_this_program() {
        let Ok(Command::Latency(usual)) = parse("latency") else { panic!("no measurement") };
        assert_eq!((usual.binaries, usual.rounds), (beside_this_program(), latency::FULL));
        let Ok(Command::Latency(quick)) = parse("latency --quick --out x --binaries=y") else { panic!() };
        assert_eq!((quick.out, quick.binaries), (PathBuf::from("x"), PathBuf::from("y")));
        assert_eq!(quick.rounds, latency::QUICK);
    }

    #[test]
    fn instructions_are_compared_with_a_record_only_if_one_is_given() {
        let Ok(Command::Instructions(usual)) = parse("instructions") else { panic!("no measurement") };
        assert_eq!((usual.check, usual.requests), (None, instructions::FULL));
        let Ok(Command::Instructions(check)) = parse("instructions --quick --check x") else { panic!() };
        assert_eq!((check.check, check.requests), (Some(PathBuf::from("x")), instructions::QUICK));
    }

    #[test]
    fn growth_takes_sizes_in_order() {
        let Ok(Command::Growth(options)) = parse("growth --sizes --accounts 1_000,2000 --output x") else {
            panic!()
        };
        assert_eq!((options.accounts, options.sizes), (vec![1_000, 2_000], true));
        assert_eq!(options.out, PathBuf::from("x"));
    }

    #[test]
    fn an_error_names_the_option_and_the_rule() {
        for (line, error) in [
            ("", "a command is missing: latency, instructions, growth, or load"),
            ("speed", "the command must be latency, instructions, growth, or load"),
            ("latency --fast", "invalid option '--fast'"),
            ("latency --out", "missing argument for option '--out'"),
            ("latency x", "unexpected argument \"x\""),
            ("growth --repetitions many", "--repetitions must be a whole number, not \"many\""),
            ("growth --repetitions 0", "--repetitions must be at least 1"),
            ("growth --accounts 2000,1000", "--accounts must list sizes from the smallest to the largest"),
            ("growth --accounts 60", "--accounts must be at least 68"),
            ("growth --accounts 600", "--repetitions must be at most 289 with 600 accounts"),
            (
                "growth --accounts 1000,99999999",
                "--accounts must be at most 11881376: no more have names and numbers",
            ),
            ("load --only writes", "--only must be status or mixed"),
            ("load --processes 0", "--processes must be at least 1"),
            ("load --k6 /none", "--k6 /none is missing: `make .tools/bench/ok` installs it"),
        ] {
            assert_eq!(parse(line).err().as_deref(), Some(error), "{line}");
        }
    }

    #[test]
    fn help_lists_every_option() {
        for (command, options) in [
            ("latency", &["--quick", "--out", "--binaries", "--python", "--node"][..]),
            ("instructions", &["--quick", "--check", "--out", "--binaries", "--valgrind"]),
            (
                "growth",
                &["--quick", "--sizes", "--accounts", "--repetitions", "--binaries", "--folder", "--out"],
            ),
            ("load", &["--quick", "--only", "--processes", "--binaries", "--k6", "--out"]),
        ] {
            let Ok(Command::Help(text)) = parse(&format!("{command} --help")) else { panic!("{command}") };
            for option in options {
                assert!(text.contains(&format!("\n  {option} ")), "{command} {option}");
            }
            let Ok(Command::Help(text)) = parse("--help") else { panic!("no help") };
            assert!(text.contains(&format!("\n  {command} ")), "{command}");
        }
    }
}
