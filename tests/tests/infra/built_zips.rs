//! What `make build` built: the zips that a deployment uploads. `make test-zips` builds and tests them.

use std::fs;
use std::path::Path;
use std::process::Command;

use harness::prelude::*;
use harness::stack::BINARIES;

use crate::expanded_template::root;

/// Bytes that a zip may have, since a function starts by reading it: no more than the targets of docs/performance.md.
const LARGEST: [(&str, u64); 6] = [
    ("set-pin", 2_500_000),
    ("status", 2_200_000),
    ("port-out", 2_500_000),
    ("provision", 2_500_000),
    ("protect", 2_500_000),
    ("console", 2_500_000),
];

/// The C library of Amazon Linux 2023, which `provided.al2023` is.
const LAMBDAS_GLIBC: u32 = 34;

/// Python's zipfile, which keeps no modes by default.
const UNZIP: &str = "
import os, sys, zipfile
entry, = zipfile.ZipFile(sys.argv[1]).infolist()
assert entry.filename == 'bootstrap' and entry.external_attr >> 16 & 0o111, entry
os.rename(zipfile.ZipFile(sys.argv[1]).extract(entry, sys.argv[2]), sys.argv[3])
os.chmod(sys.argv[3], 0o755)
";

fn unzip(name: &str, folder: &Path) -> Vec<u8> {
    let zip = root().join("target/lambda").join(name).join("bootstrap.zip");
    assert!(zip.exists(), "{} is missing: run `make build ARCH=x86_64` first", zip.display());
    let binary = folder.join(name);
    let mut python = Command::new("python3");
    let output = python.args(["-c", UNZIP]).arg(&zip).arg(folder).arg(&binary).output().expect("python3");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    fs::read(&binary).expect("a binary")
}

/// Returns the processor in the header of an ELF file.
fn processor(binary: &[u8]) -> &'static str {
    match (&binary[..5], binary[18]) {
        (b"\x7fELF\x02", 0x3e) => "x86_64",
        (b"\x7fELF\x02", 0xb7) => "aarch64",
        (header, machine) => panic!("neither processor of Lambda: {header:?} {machine}"),
    }
}

/// Returns the newest 2.x version of the C library that a binary requires.
fn glibc(binary: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(binary);
    let minor = |part: &str| part.split(|c: char| !c.is_ascii_digit()).next().and_then(|it| it.parse().ok());
    text.split("GLIBC_2.").skip(1).filter_map(minor).max().expect("linked against glibc")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs `make build`: make test-zips"]
async fn the_zips_hold_small_binaries_that_run_on_lambdas_system() {
    let folder = tempfile::tempdir().expect("a folder");
    let binaries = BINARIES.map(|name| unzip(name, folder.path()));
    for binary in &binaries {
        assert_eq!(processor(binary), processor(&binaries[0]));
        assert!(glibc(binary) <= LAMBDAS_GLIBC, "2.{}", glibc(binary));
    }
    if processor(&binaries[0]) == std::env::consts::ARCH {
        port_a_number(folder.path()).await;
    }
}

#[test]
#[ignore = "needs `make build`: make test-zips"]
fn each_zip_is_no_larger_than_it_may_be() {
    assert_eq!(LARGEST.map(|(name, _)| name), BINARIES);
    for (name, largest) in LARGEST {
        let zip = root().join("target/lambda").join(name).join("bootstrap.zip");
        let bytes = fs::metadata(&zip).unwrap_or_else(|_| panic!("run `make build ARCH=x86_64` first")).len();
        assert!(bytes <= largest, "{name}: {bytes}");
    }
}

async fn port_a_number(binaries: &Path) {
    let stack = Fixture::contoso().processes(1).binaries(binaries).start().await;
    assert_outcome(&stack.submit("A123", &usual("TX-1", PIN)).await, Outcome::Confirmed);
    stack.pin_status(CONTOSO).await.assert_status(200);
}
